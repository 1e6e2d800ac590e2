/** The command line: every command, its options, its help. */
import { Command } from 'commander'
import { readFileSync } from 'node:fs'

import { duration } from './arguments.ts'
import { addCommand, catCommand } from './commands/content.ts'
import { clusterCommand, versionCommand } from './commands/cluster.ts'
import { initCommand, startCommand } from './commands/lifecycle.ts'
import { idCommand, inviteCommand, peersCommand } from './commands/peers.ts'
import { pinCommand } from './commands/pin.ts'
import { recoverCommand, statusCommand } from './commands/status.ts'
import type { Context, GlobalOptions } from './context.ts'

export interface ProgramInit {
  /** Told when the command line is wrong, in the words of commander. */
  readonly onUsageError: (text: string) => void
  /** Help that was not asked for. */
  readonly onHelp: (text: string) => void
}

export function createProgram(context: Context, init: ProgramInit): Command {
  const { stdout } = context.io
  const program = new Command('pinset')
    .description('Keeps a set of IPFS pins alive on a group of peers that may fail.')
    .version(ownVersion(), '-V, --version', 'print the version of this program')
    .option('--data <dir>', 'data directory of the peer (env PINSET_PATH, default ~/.pinset)')
    .option('--api <url>', 'HTTP API of a peer, in place of the one in the data directory (env PINSET_API)')
    .option('--json', "print the API's JSON, one document a line")
    .option('--timeout <duration>', 'give up after this time, such as 30s', duration)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: init.onHelp,
      outputError: init.onUsageError,
    })
    .exitOverride()
    .hook('preAction', (_program, command) => context.configure(command.optsWithGlobals<GlobalOptions>()))
    .addHelpText(
      'after',
      '\nExamples:\n  $ pinset init && pinset start\n  $ pinset add --wait cat.jpg\n  $ pinset status\n\nExit codes: 0 done, 1 request problem, 2 refused by the API, 62 timed out, 130 interrupted.',
    )
  for (const command of [
    initCommand(context),
    startCommand(context),
    idCommand(context),
    inviteCommand(context),
    pinCommand(context),
    addCommand(context),
    catCommand(context),
    statusCommand(context),
    recoverCommand(context),
    peersCommand(context),
    clusterCommand(context),
    versionCommand(context),
  ]) {
    program.addCommand(inheriting(command, program))
  }
  return program
}

/** Settings go from a program to the commands that it makes, not to those that it is given. */
function inheriting(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent)
  for (const child of command.commands) inheriting(child, command)
  return command
}

function ownVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  return version
}
