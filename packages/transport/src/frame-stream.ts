/**
 * Frames on a stream of bytes: a varint length, then that many bytes. Owns both queues; knows nothing of what is in a frame.
 *
 * F1 Frames of one turn of the event loop leave together, in sends of at most `maxSendBytes`; a frame is never torn by another.
 * F2 Nothing is given to the stream between its `false` and its next drain, so that what waits is counted here.
 * F3 A received frame is a copy of its own: it keeps no larger buffer alive and nobody else writes into it.
 * F4 Frames are handed over one at a time, in order; none after `pauseReading`, `finish` of both sides, or the close.
 * F5 No more than one frame of the length allowed now is gathered here, however long the other side says that it is.
 */
import { CorruptError } from '@pinset/interface'

import type { ByteStream } from './network/network.ts'

export interface FrameStreamInit {
  /** Longest frame that may come, until `allowFrames`. */
  readonly maxFrameBytes: number
  readonly maxSendBytes: number
  /** What may wait here for the stream; a send beyond it is refused. */
  readonly maxQueuedBytes: number
  readonly maxQueuedFrames: number
  /** Once, when nothing more can be sent or received; null after an orderly end. */
  readonly onClose: (reason: Error | null) => void
}

type FrameListener = (frame: Uint8Array) => void

export class FrameStream {
  readonly #stream: ByteStream
  readonly #init: FrameStreamInit
  // sending
  readonly #pieces: Uint8Array[] = []
  #queuedBytes = 0
  #queuedFrames = 0
  /** Bytes of the first piece's frame that are out already. */
  #tornOffset = 0
  #blocked = false
  #flushing: NodeJS.Immediate | null = null
  #finishing = false
  #writeEnded = false
  #lastSentMs = performance.now()
  // receiving
  #maxFrameBytes: number
  #chunks: Uint8Array[] = []
  #chunkBytes = 0
  #headOffset = 0
  #reading = false
  #delivering = false
  #onFrame: FrameListener | null = null
  #onEnd: (() => void) | null = null
  #remoteEnded = false
  #endDelivered = false
  #closed: { readonly reason: Error | null } | null = null
  readonly #closeListeners = new Set<(reason: Error | null) => void>()

  constructor(stream: ByteStream, init: FrameStreamInit) {
    this.#stream = stream
    this.#init = init
    this.#maxFrameBytes = init.maxFrameBytes
    stream.pause()
    stream.attach({
      onData: (bytes) => this.#received(bytes),
      onDrain: () => {
        this.#blocked = false
        this.#flush()
      },
      onEnd: () => {
        this.#remoteEnded = true
        this.#deliver()
      },
      onClose: (reason) => this.#close(reason),
    })
  }

  get isOpen(): boolean {
    return this.#closed === null && !this.#finishing
  }

  get queuedBytes(): number {
    return this.#queuedBytes
  }

  get lastSentMs(): number {
    return this.#lastSentMs
  }

  /** Queue a frame. False: over the limit or closed, and nothing was queued. */
  send(frame: Uint8Array): boolean {
    if (!this.isOpen) return false
    const bytes = frame.byteLength + 5
    if (
      this.#queuedFrames > 0 &&
      (this.#queuedBytes + bytes > this.#init.maxQueuedBytes || this.#queuedFrames >= this.#init.maxQueuedFrames)
    ) {
      return false
    }
    const prefixed = withLength(frame)
    this.#pieces.push(prefixed)
    this.#queuedBytes += prefixed.byteLength
    this.#queuedFrames++
    this.#flushing ??= setImmediate(() => {
      this.#flushing = null
      this.#flush()
    })
    return true
  }

  /** Forget every frame of which nothing has been sent. Returns how many. */
  dropQueue(): number {
    const keep = this.#tornOffset > 0 ? 1 : 0
    const dropped = this.#pieces.splice(keep)
    for (const piece of dropped) this.#queuedBytes -= piece.byteLength
    this.#queuedFrames -= dropped.length
    return dropped.length
  }

  /** The other side may send frames of this length from now on (F5). */
  allowFrames(maxFrameBytes: number): void {
    this.#maxFrameBytes = maxFrameBytes
  }

  /** The next frame; reading stops after it. Rejects when the signal ends or the stream does. */
  async next(signal: AbortSignal): Promise<Uint8Array> {
    signal.throwIfAborted()
    return await new Promise<Uint8Array>((resolve, reject) => {
      const done = (): void => {
        this.pauseReading()
        this.#onEnd = null
        this.#closeListeners.delete(onClose)
        signal.removeEventListener('abort', onAbort)
      }
      const onClose = (reason: Error | null): void => {
        done()
        reject(reason ?? new Error('the stream was closed'))
      }
      const onAbort = (): void => {
        done()
        reject(signal.reason as Error)
      }
      signal.addEventListener('abort', onAbort)
      if (this.#closed !== null) {
        onClose(this.#closed.reason)
        return
      }
      this.#closeListeners.add(onClose)
      this.receive(
        (frame) => {
          done()
          resolve(frame)
        },
        () => onClose(null),
      )
    })
  }

  /** Hand over frames from now on. An error thrown by `onFrame` aborts the stream with it. */
  receive(onFrame: FrameListener, onEnd: () => void): void {
    this.#onFrame = onFrame
    this.#onEnd = onEnd
    this.#reading = true
    this.#deliver()
    if (this.#reading && this.#closed === null) this.#stream.resume()
  }

  pauseReading(): void {
    if (!this.#reading) return
    this.#reading = false
    if (this.#closed === null && !this.#remoteEnded) this.#stream.pause()
  }

  /** Finish writing once the queue is empty; reading goes on. */
  finish(): void {
    this.#finishing = true
    this.#flush()
  }

  abort(reason: Error): void {
    if (this.#closed !== null) return
    this.#stream.abort(reason)
    this.#close(reason)
  }

  #flush(): void {
    while (!this.#blocked && this.#closed === null && this.#pieces.length > 0) {
      const bytes = this.#takeSend()
      this.#lastSentMs = performance.now()
      try {
        if (!this.#stream.send(bytes)) this.#blocked = true // F2
      } catch (err) {
        this.abort(err as Error)
        return
      }
    }
    if (this.#finishing && !this.#writeEnded && this.#closed === null && this.#pieces.length === 0) {
      this.#writeEnded = true
      this.#stream.finish()
    }
  }

  /** F1: as many whole frames as fit, or a part of one that is too long. */
  #takeSend(): Uint8Array {
    const limit = this.#init.maxSendBytes
    const first = this.#pieces[0] as Uint8Array
    const rest = first.byteLength - this.#tornOffset
    if (rest > limit) {
      const part = first.subarray(this.#tornOffset, this.#tornOffset + limit)
      this.#tornOffset += limit
      this.#queuedBytes -= limit
      return part
    }
    let count = 1
    let bytes = rest
    while (count < this.#pieces.length && bytes + (this.#pieces[count] as Uint8Array).byteLength <= limit) {
      bytes += (this.#pieces[count] as Uint8Array).byteLength
      count++
    }
    const taken = this.#pieces.splice(0, count)
    const head = first.subarray(this.#tornOffset)
    this.#tornOffset = 0
    this.#queuedBytes -= bytes
    this.#queuedFrames -= count
    return count === 1 ? head : concat([head, ...taken.slice(1)], bytes)
  }

  #received(bytes: Uint8Array): void {
    if (this.#closed !== null || bytes.byteLength === 0) return
    this.#chunks.push(bytes)
    this.#chunkBytes += bytes.byteLength
    this.#deliver()
  }

  /** F4. Not re-entrant: a listener may pause, resume or close. */
  #deliver(): void {
    if (this.#delivering) return
    this.#delivering = true
    try {
      while (this.#reading && this.#closed === null) {
        const frame = this.#takeFrame()
        if (frame === null) break
        this.#onFrame?.(frame)
      }
    } catch (err) {
      this.abort(err as Error)
    } finally {
      this.#delivering = false
    }
    if (this.#remoteEnded && this.#reading && this.#closed === null && !this.#endDelivered) {
      this.#endDelivered = true
      if (this.#chunkBytes > 0) this.abort(new CorruptError('the stream ended inside a frame'))
      else this.#onEnd?.()
    }
  }

  #takeFrame(): Uint8Array | null {
    let length = 0
    for (let position = 0; ; position++) {
      if (position >= this.#chunkBytes) return null
      if (position === 5) throw new CorruptError('a frame opens with a length of more than 5 bytes')
      const byte = this.#byteAt(position)
      length += (byte & 127) * 2 ** (7 * position)
      if (byte >= 128) continue
      if (length > this.#maxFrameBytes) {
        throw new CorruptError(`a frame of ${length} bytes is over the limit of ${this.#maxFrameBytes}`) // F5
      }
      if (this.#chunkBytes < position + 1 + length) return null
      this.#copy(position + 1, null)
      const frame = new Uint8Array(length)
      this.#copy(length, frame)
      return frame
    }
  }

  #byteAt(position: number): number {
    let offset = this.#headOffset + position
    for (const chunk of this.#chunks) {
      if (offset < chunk.byteLength) return chunk[offset] as number
      offset -= chunk.byteLength
    }
    return 0
  }

  /** Consume bytes, into `target` when there is one (F3). */
  #copy(bytes: number, target: Uint8Array | null): void {
    let copied = 0
    let whole = 0
    while (copied < bytes) {
      const chunk = this.#chunks[whole] as Uint8Array
      const take = Math.min(chunk.byteLength - this.#headOffset, bytes - copied)
      target?.set(chunk.subarray(this.#headOffset, this.#headOffset + take), copied)
      copied += take
      this.#headOffset += take
      if (this.#headOffset === chunk.byteLength) {
        whole++
        this.#headOffset = 0
      }
    }
    if (whole > 0) this.#chunks.splice(0, whole)
    this.#chunkBytes -= bytes
  }

  #close(reason: Error | null): void {
    if (this.#closed !== null) return
    this.#closed = { reason }
    this.#reading = false
    if (this.#flushing !== null) clearImmediate(this.#flushing)
    this.#pieces.length = 0
    this.#queuedBytes = 0
    this.#queuedFrames = 0
    this.#chunks = []
    this.#chunkBytes = 0
    for (const listener of this.#closeListeners) listener(reason)
    this.#init.onClose(reason)
  }
}

function withLength(frame: Uint8Array): Uint8Array {
  let prefixBytes = 1
  for (let rest = frame.byteLength; rest > 127; rest = Math.floor(rest / 128)) prefixBytes++
  const bytes = new Uint8Array(prefixBytes + frame.byteLength)
  let rest = frame.byteLength
  for (let position = 0; position < prefixBytes; position++) {
    bytes[position] = position === prefixBytes - 1 ? rest : (rest % 128) | 128
    rest = Math.floor(rest / 128)
  }
  bytes.set(frame, prefixBytes)
  return bytes
}

function concat(parts: readonly Uint8Array[], bytes: number): Uint8Array {
  const all = new Uint8Array(bytes)
  let offset = 0
  for (const part of parts) {
    all.set(part, offset)
    offset += part.byteLength
  }
  return all
}
