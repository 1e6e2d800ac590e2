/**
 * The program as a process: streams, signals, exit code.
 *
 * P1 The first SIGINT or SIGTERM asks the command to stop, another one half a second later or more ends the process. (A terminal
 *    and a parent process may both send the first.)
 */
import process from 'node:process'
import type { Writable } from 'node:stream'

import { run } from './run.ts'

const SIGNAL_NUMBERS = { SIGINT: 2, SIGTERM: 15 } as const
const SAME_SIGNAL_MS = 500

export async function main(): Promise<void> {
  const interrupt = new AbortController()
  let firstMs: number | null = null
  for (const [name, number] of Object.entries(SIGNAL_NUMBERS)) {
    process.on(name, () => {
      firstMs ??= performance.now()
      if (interrupt.signal.aborted && performance.now() - firstMs > SAME_SIGNAL_MS) process.exit(128 + number) // P1
      interrupt.abort(name)
    })
  }
  const code = await run(process.argv.slice(2), {
    env: process.env,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    interrupt: interrupt.signal,
    loadPeer: () => import('@pinset/peer'),
  })
  await flushed(process.stdout)
  await flushed(process.stderr)
  // A library that has left a timer behind must not keep a finished command alive.
  process.exit(code)
}

function flushed(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || stream.writableEnded) resolve()
    else stream.write('', () => resolve())
  })
}
