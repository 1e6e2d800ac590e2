/** Runs command lines in process against an API over a fake cluster. */
import { PassThrough, Readable, Writable } from 'node:stream'

import type { ApiFixture } from '../../api/test/api-fixture.ts'
import type { Io, PeerDoor } from '../src/index.ts'
import { run } from '../src/index.ts'

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string
  readonly interrupt?: AbortSignal
  readonly peer?: Partial<PeerDoor>
  readonly terminal?: boolean
  /** Told about each piece of standard output as it comes. */
  readonly onOutput?: (text: string) => void
}

export async function runCommand(argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const out: Buffer[] = []
  const err: Buffer[] = []
  const collect = (chunks: Buffer[], told?: (text: string) => void): Writable =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        chunks.push(chunk)
        told?.(chunk.toString())
        done()
      },
    })
  const stderr = collect(err)
  const io: Io = {
    env: { HOME: '/nonexistent', ...options.env },
    stdin: options.stdin === undefined ? new PassThrough() : Readable.from([Buffer.from(options.stdin)]),
    stdout: collect(out, options.onOutput),
    stderr: options.terminal === true ? Object.assign(stderr, { isTTY: true, columns: 120 }) : stderr,
    interrupt: options.interrupt ?? new AbortController().signal,
    loadPeer: async () => ({ initPeer: unexpected, startPeer: unexpected, ...options.peer }),
  }
  const code = await run(argv, io)
  return { code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }
}

async function unexpected(): Promise<never> {
  throw new Error('this command makes or runs no peer')
}

/** Runs against the API of the fixture. */
export function against(fixture: ApiFixture): (argv: readonly string[], options?: RunOptions) => Promise<Ran> {
  return (argv, options = {}) => runCommand(argv, { ...options, env: { PINSET_API: fixture.url, ...options.env } })
}
