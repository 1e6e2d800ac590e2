/**
 * Runs one command line to its exit code.
 *
 * R1 A command that fails says on standard error what happened and what to do, never with a stack and never nothing. With `--json`
 *    it is JSON there too, also for a command line that is wrong.
 * R2 Exit codes: 0 done, 1 request problem, 2 refused by the API, 62 timed out, 130 interrupted, 143 terminated.
 */
import { CommanderError } from 'commander'

import { CommandError, EXIT, OutputClosedError } from './command-error.ts'
import { Context } from './context.ts'
import { visible, visibleJson } from './format.ts'
import type { Io } from './io.ts'
import { createProgram } from './program.ts'

export async function run(argv: readonly string[], io: Io): Promise<number> {
  const context = new Context(io)
  const json = optionsOf(argv).includes('--json')
  let saidMore = false
  const onUsageError = (text: string): void => {
    saidMore = true
    tell(io, json, usageMessage(text), 0)
  }
  const onHelp = (text: string): void => {
    saidMore = true
    io.stderr.write(text)
  }
  try {
    await createProgram(context, { onUsageError, onHelp }).parseAsync([...argv], { from: 'user' })
    return EXIT.ok
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode !== 0 && !saidMore) onUsageError(error.message)
    return report(error, context)
  }
}

/** What stands before `--`. */
function optionsOf(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf('--')
  return end === -1 ? argv : argv.slice(0, end)
}

/** The words of commander, less what only repeats the argument: the messages name it. */
function usageMessage(text: string): string {
  return text
    .trim()
    .replace(/^error: /u, '')
    .replace(/^command-argument value '.*?' is invalid for argument '.*?'\. /su, '')
    .replaceAll(/\s*\n\s*/gu, ' ')
}

function tell(io: Io, json: boolean, message: string, status: number): void {
  io.stderr.write(`${json ? visibleJson({ code: status, message }) : `pinset: ${visible(message)}`}\n`)
}

/** R2 */
function report(error: unknown, context: Context): number {
  if (error instanceof OutputClosedError) return EXIT.ok
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.requestProblem
  const { interrupt } = context.io
  if (interrupt.aborted) return interrupt.reason === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted
  const { message, code, status } = described(error, context)
  tell(context.io, context.json, message, status) // R1
  return code
}

function described(error: unknown, context: Context): { message: string; code: number; status: number } {
  if (error instanceof CommandError) return { message: error.message, code: error.exitCode, status: 0 }
  if (!(error instanceof Error)) return { message: String(error), code: EXIT.requestProblem, status: 0 }
  if (error.name === 'TimeoutError') {
    return { message: `timed out after ${context.timeoutText}; see --timeout`, code: EXIT.timedOut, status: 0 }
  }
  const { status } = error as { readonly status?: unknown }
  if (typeof status === 'number') return { message: error.message, code: EXIT.refused, status }
  return { message: error.message === '' ? error.name : error.message, code: EXIT.requestProblem, status: 0 }
}
