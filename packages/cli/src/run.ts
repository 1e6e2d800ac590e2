/**
 * Runs one command line to its exit code.
 *
 * R1 A command that fails says on standard error what happened and what to do, never with a stack.
 * R2 Exit codes: 0 done, 1 request problem, 2 refused by the API, 62 timed out, 130 interrupted, 143 terminated.
 */
import { CommanderError } from 'commander'

import { CommandError, EXIT, OutputClosedError } from './command-error.ts'
import { Context } from './context.ts'
import type { Io } from './io.ts'
import { createProgram } from './program.ts'

export async function run(argv: readonly string[], io: Io): Promise<number> {
  const context = new Context(io)
  try {
    await createProgram(context).parseAsync([...argv], { from: 'user' })
    return EXIT.ok
  } catch (error) {
    return report(error, context)
  }
}

/** R2 */
function report(error: unknown, context: Context): number {
  if (error instanceof OutputClosedError) return EXIT.ok
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.requestProblem
  const { interrupt } = context.io
  if (interrupt.aborted) return interrupt.reason === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted
  const { message, code, status } = described(error, context)
  const line = context.json ? JSON.stringify({ code: status, message }) : `pinset: ${message}`
  context.io.stderr.write(`${line}\n`) // R1
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
