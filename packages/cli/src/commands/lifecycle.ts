/** Make a peer, run a peer. */
import { Command } from 'commander'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'

import { collected, example } from '../arguments.ts'
import { CommandError } from '../command-error.ts'
import type { Context } from '../context.ts'
import type { Io, PeerDoor } from '../io.ts'
import { createLogger } from '../logger.ts'

interface InitFlags {
  readonly join?: string
  readonly wait?: boolean
  readonly secret?: string
  readonly listen?: readonly string[]
  readonly name?: string
  readonly force?: boolean
}

type InitMode = Parameters<PeerDoor['initPeer']>[0]['mode']

/** A swarm key file is some 100 bytes. */
const MAX_SECRET_BYTES = 65_536

export function initCommand(context: Context): Command {
  const command = new Command('init')
    .description(
      'Make the data directory of a new peer: of a new cluster, or of one that joins. `--api HOST:PORT` sets where its HTTP API will listen.',
    )
    .option('--join <token>', 'join the cluster that gave this token (`pinset invite`) at the first start')
    .option('--wait', 'wait to be added with `pinset peers add`; needs --secret')
    .option('--secret <file>', 'with --wait: the cluster.key of the cluster, - for standard input')
    .option('--listen <multiaddr>', 'where to listen for other peers; may be repeated', collected)
    .option('--name <name>', 'name of the peer, for people')
    .option('--force', 'replace a peer that is in the directory already')
    .action((flags: InitFlags) => untilInterrupted(init(context, flags), context.io.interrupt))
  return example(
    command,
    'pinset init --name alice',
    'pinset init --data /srv/bob --join "$(pinset invite)" --listen /ip4/0.0.0.0/tcp/0 --api 127.0.0.1:0',
    'pinset init --data /srv/carol --wait --secret ~/.pinset/cluster.key',
  )
}

async function init(context: Context, flags: InitFlags): Promise<void> {
  const mode = await initMode(flags, context.io)
  const { initPeer } = await context.io.loadPeer()
  const { api } = context.options
  const made = await initPeer({
    directory: context.directory,
    mode,
    ...(flags.name === undefined ? {} : { name: flags.name }),
    ...(flags.listen === undefined ? {} : { listen: flags.listen }),
    ...(api === undefined ? {} : { api: api.replace(/^https?:\/\//u, '') }),
    ...(flags.force === undefined ? {} : { force: flags.force }),
  })
  const start = `\`pinset start --data ${made.directory}\``
  const next = {
    found: `It is a new cluster of one. Start it with ${start}, then invite others with \`pinset invite\`.`,
    join: `It joins its cluster at the first start: ${start}.`,
    wait: `Start it with ${start}, then run \`pinset peers add <its multiaddr>\` on a member.`,
  }[mode.kind]
  const aside = made.movedAside === null ? '' : `\nWhat was there is now in ${made.movedAside}.`
  const old = made.replacedPeerId
  const leftover =
    old === null || made.movedAside === null
      ? ''
      : `\nIf peer ${old}, which was there, was in a cluster with others, take it out on one of them: \`pinset peers rm ${old}\`.`
  await context.print(
    made,
    ({ peerId, directory, movedAside, replacedPeerId }) => ({ peerId, directory, movedAside, replacedPeerId }),
    ({ peerId, directory }) => `initialized peer ${peerId} in ${directory}\n${next}${aside}${leftover}`,
  )
}

async function initMode(flags: InitFlags, io: Io): Promise<InitMode> {
  if (flags.join !== undefined) {
    if (flags.wait === true || flags.secret !== undefined) {
      throw new CommandError('--join and --wait exclude each other: a token holds the secret already')
    }
    return { kind: 'join', token: flags.join.trim() }
  }
  if (flags.wait === true) {
    if (flags.secret === undefined) {
      throw new CommandError('--wait needs --secret FILE: the cluster.key of the cluster that will add this peer')
    }
    return { kind: 'wait', secret: await secretFrom(flags.secret, io) }
  }
  if (flags.secret !== undefined)
    throw new CommandError('--secret goes with --wait; a new cluster makes its own secret')
  return { kind: 'found' }
}

async function secretFrom(file: string, io: Io): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const chunk of file === '-' ? (io.stdin as AsyncIterable<Uint8Array>) : [await readFile(file)]) {
      bytes += chunk.length
      if (bytes > MAX_SECRET_BYTES)
        throw new CommandError(`${file} is too large to be a secret; it takes a cluster.key`)
      chunks.push(chunk)
    }
  } catch (error) {
    if (error instanceof CommandError) throw error
    throw new CommandError(`cannot read the secret from ${file}: ${(error as Error).message}`, { cause: error })
  }
  return Buffer.concat(chunks).toString('utf8').trim()
}

export function startCommand(context: Context): Command {
  const command = new Command('start')
    .description(
      'Run the peer of the data directory in the foreground until SIGINT or SIGTERM. PINSET_LOG sets how much it logs: debug, info, warn, error, silent.',
    )
    .action(() => start(context))
  return example(command, 'pinset start', 'PINSET_LOG=debug pinset start --data /srv/bob')
}

async function start(context: Context): Promise<void> {
  const { interrupt } = context.io
  if (context.options.api !== undefined) {
    throw new CommandError(
      `--api says nothing to start: where the API listens stands in ${join(context.directory, 'config.json')} (api.listen)`,
    )
  }
  const logger = createLogger(context.io)
  const { startPeer } = await context.io.loadPeer()
  let running: Awaited<ReturnType<PeerDoor['startPeer']>>
  try {
    running = await startPeer({ directory: context.directory, logger, signal: interrupt })
  } catch (error) {
    if (interrupt.aborted) return
    throw error
  }
  try {
    const { api, peerId, addresses } = running
    await context.print(
      { pid: process.pid, peerId, api, addresses },
      (value) => value,
      () => `pinset ready: api ${api}, peer ${peerId}, cluster ${addresses.join(' ')}`,
    )
    const ended = await Promise.race([running.closed.then(() => 'closed' as const), aborted(interrupt)])
    if (ended === 'closed') throw new CommandError('the peer has stopped by itself; the journal above says why')
    logger.info('Stopping', { signal: String(interrupt.reason) })
  } finally {
    await running.stop()
  }
}

/** A system call that hangs must not keep the command. What is left half made is put away by the next `init`. */
async function untilInterrupted(work: Promise<void>, interrupt: AbortSignal): Promise<void> {
  const ended = await Promise.race([work, aborted(interrupt)])
  if (ended === 'interrupted') throw interrupt.reason
}

function aborted(signal: AbortSignal): Promise<'interrupted'> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve('interrupted')
    else signal.addEventListener('abort', () => resolve('interrupted'), { once: true })
  })
}
