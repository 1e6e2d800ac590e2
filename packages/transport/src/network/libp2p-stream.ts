/** A libp2p stream as a stream of bytes. */
import type { Stream } from '@libp2p/interface'

import type { ByteStream, ByteStreamHandler } from './network.ts'

const CLOSE_TIMEOUT_MS = 5_000

export class Libp2pByteStream implements ByteStream {
  readonly #stream: Stream
  #done = false

  constructor(stream: Stream) {
    this.#stream = stream
  }

  attach(handler: ByteStreamHandler): void {
    const stream = this.#stream
    const onClose = (reason: Error | null): void => {
      if (this.#done) return
      this.#done = true
      handler.onClose(reason)
    }
    stream.addEventListener('message', (event) => {
      const { data } = event
      if (data instanceof Uint8Array) handler.onData(data)
      else for (const bytes of data) handler.onData(bytes)
    })
    // `onDrain()` of libp2p works once per stream; the event works always.
    stream.addEventListener('drain', () => handler.onDrain())
    stream.addEventListener('end', () => handler.onEnd())
    stream.addEventListener('close', (event) => onClose(event.error ?? null))
    if (stream.status !== 'open' && stream.status !== 'closing') onClose(new Error(`the stream is ${stream.status}`))
  }

  send(bytes: Uint8Array): boolean {
    return this.#stream.send(bytes)
  }

  pause(): void {
    if (this.#stream.readStatus === 'readable') this.#stream.pause()
  }

  resume(): void {
    if (this.#stream.readStatus === 'paused') this.#stream.resume()
  }

  finish(): void {
    this.#stream.close({ signal: AbortSignal.timeout(CLOSE_TIMEOUT_MS) }).catch((err: unknown) => {
      this.abort(err as Error)
    })
  }

  abort(reason: Error): void {
    this.#stream.abort(reason)
  }
}
