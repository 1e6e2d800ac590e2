/**
 * The body of a request, pulled.
 *
 * U1 Nothing is read ahead: who does not pull stops the sender.
 * U2 A sender that is silent for `idleMs` while it is waited for is given up.
 * U3 No listener stays on the stream when nobody waits, so that the rest of it can be discarded.
 */
import { InvalidRequestError } from '@pinset/interface'
import type { Readable } from 'node:stream'

export interface BodyInit {
  readonly signal: AbortSignal
  readonly idleMs: number
  readonly maxBytes: number
}

export async function* bodyChunks(stream: Readable, init: BodyInit): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for (;;) {
    init.signal.throwIfAborted()
    const chunk = stream.read() as Uint8Array | null // U1
    if (chunk !== null) {
      bytes += chunk.length
      if (bytes > init.maxBytes) throw new InvalidRequestError(`the upload is larger than ${init.maxBytes} bytes`)
      yield chunk
    } else if (stream.readableEnded) {
      return
    } else if (stream.errored !== null || stream.destroyed) {
      throw stream.errored ?? new InvalidRequestError('the upload broke off')
    } else {
      await moreOf(stream, init)
    }
  }
}

/** Resolves when the stream has changed; U2, U3. */
function moreOf(stream: Readable, init: BodyInit): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      clearTimeout(timer)
      for (const event of ['readable', 'end', 'close']) stream.off(event, changed)
      stream.off('error', failed)
      init.signal.removeEventListener('abort', aborted)
      act()
    }
    const changed = (): void => settle(resolve)
    const failed = (error: Error): void => settle(() => reject(error))
    const aborted = (): void => settle(() => reject(init.signal.reason as Error))
    const timer = setTimeout(() => {
      settle(() => reject(new InvalidRequestError(`the upload stood still for ${init.idleMs} ms`)))
    }, init.idleMs)
    for (const event of ['readable', 'end', 'close']) stream.on(event, changed)
    stream.on('error', failed)
    init.signal.addEventListener('abort', aborted)
  })
}
