/** What every command works with: global options, the API of the target peer, output. */
import type { PinsetClient } from '@pinset/client'
import { createClient } from '@pinset/client'
import { once } from 'node:events'

import { OutputClosedError } from './command-error.ts'
import { visible, visibleJson } from './format.ts'
import type { Io } from './io.ts'
import { dataDirectoryOf, targetUrl } from './target.ts'

export interface GlobalOptions {
  readonly data?: string
  readonly api?: string
  readonly json?: boolean
  /** Milliseconds. */
  readonly timeout?: number
}

export class Context {
  readonly io: Io
  #options: GlobalOptions = {}
  #signal: AbortSignal | null = null
  #outputClosed = false

  constructor(io: Io) {
    this.io = io
    io.stdout.on('error', () => {
      this.#outputClosed = true
    })
  }

  /** Called once the command line is parsed, before the command. */
  configure(options: GlobalOptions): void {
    this.#options = options
  }

  get json(): boolean {
    return this.#options.json === true
  }

  get options(): GlobalOptions {
    return this.#options
  }

  get directory(): string {
    return dataDirectoryOf(this.#options, this.io.env)
  }

  /** Ends when the user interrupts the command or `--timeout` is over. */
  get signal(): AbortSignal {
    const { timeout } = this.#options
    this.#signal ??=
      timeout === undefined ? this.io.interrupt : AbortSignal.any([this.io.interrupt, AbortSignal.timeout(timeout)])
    return this.#signal
  }

  get timeoutText(): string {
    return this.#options.timeout === undefined ? 'the time that it may take' : `${this.#options.timeout / 1000} s`
  }

  async client(): Promise<PinsetClient> {
    return createClient({ url: await targetUrl(this.#options, this.io.env) })
  }

  /** @throws {OutputClosedError} when nobody reads any more. */
  async write(chunk: string | Uint8Array): Promise<void> {
    const { stdout } = this.io
    if (this.#outputClosed || stdout.destroyed) throw new OutputClosedError()
    if (stdout.write(chunk)) return
    try {
      await once(stdout, 'drain', { signal: this.io.interrupt })
    } catch (error) {
      throw this.#outputClosed ? new OutputClosedError() : error
    }
  }

  /** Prints one thing: its JSON in one line with `--json`, else its text. */
  async print<Value>(value: Value, toJson: (value: Value) => unknown, toText: (value: Value) => string): Promise<void> {
    await this.write(`${this.json ? visibleJson(toJson(value)) : toText(value)}\n`)
  }

  async printAll<Value>(
    values: AsyncIterable<Value>,
    toJson: (value: Value) => unknown,
    toText: (value: Value) => string,
  ): Promise<void> {
    for await (const value of values) await this.print(value, toJson, toText)
  }

  /** A line for people, beside the output. */
  note(text: string): void {
    this.io.stderr.write(`${visible(text)}\n`)
  }
}
