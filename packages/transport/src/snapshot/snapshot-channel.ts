/**
 * One snapshot stream after its first frames, for either side.
 *
 * N1 A side that waits for the other and hears nothing for `snapshotStallMs` gives up; a side that is at work says so four times
 *    as often.
 * N2 Work on one step (reading a chunk, writing one, verifying the whole) is bounded by `snapshotStepMs`, and is not waited for
 *    once the stream is gone.
 */
import type { PeerId } from '@pinset/interface'

import { decodeSnapshotFrame, encodeSnapshotFrame } from '../codec/snapshot-codec.ts'
import type { SnapshotFrameValue } from '../codec/snapshot-codec.ts'
import { FrameStream } from '../frame-stream.ts'
import { ENVELOPE_BYTES } from '../limits.ts'
import type { ByteStream } from '../network/network.ts'
import type { ProtocolContext } from '../protocol-context.ts'
import { Mailbox } from './mailbox.ts'

/** Chunks of a window may all be tiny; nobody sends that many frames ahead of being read. */
const MAX_WAITING_FRAMES = 65_536

export class SnapshotChannel {
  readonly frames: FrameStream
  readonly #context: ProtocolContext
  readonly #peer: PeerId
  readonly #inbox = new Mailbox<SnapshotFrameValue>(MAX_WAITING_FRAMES)
  readonly #gone = Promise.withResolvers<never>()
  #heardMs = performance.now()
  #waiting = false
  #watch: NodeJS.Timeout | null = null

  constructor(stream: ByteStream, peer: PeerId, context: ProtocolContext) {
    this.#context = context
    this.#peer = peer
    const { limits } = context
    this.#gone.promise.catch(() => undefined)
    this.frames = new FrameStream(stream, {
      maxFrameBytes: limits.maxHelloBytes,
      maxSendBytes: limits.maxSendBytes,
      maxQueuedBytes: 2 * (limits.maxBodyBytes + ENVELOPE_BYTES),
      maxQueuedFrames: MAX_WAITING_FRAMES,
      onClose: (reason) => {
        if (this.#watch !== null) clearInterval(this.#watch)
        const failure = reason ?? new Error('the other side closed the stream')
        this.#inbox.fail(failure)
        this.#gone.reject(failure)
      },
    })
  }

  /** The two have greeted each other: read longer frames from now on (N1). */
  open(): void {
    const { maxBodyBytes, snapshotStallMs } = this.#context.limits
    this.frames.allowFrames(maxBodyBytes + ENVELOPE_BYTES)
    this.#heardMs = performance.now()
    this.#watch = setInterval(() => {
      if (this.#waiting && performance.now() - this.#heardMs > snapshotStallMs) {
        this.abort(new Error(`nothing was heard on the snapshot stream for ${snapshotStallMs} ms`))
      }
    }, snapshotStallMs / 4)
    this.frames.receive(
      (frame) => this.#received(frame),
      () => this.#inbox.fail(new Error('the other side ended the snapshot stream')),
    )
  }

  send(frame: SnapshotFrameValue): void {
    if (!this.frames.send(encodeSnapshotFrame(frame))) throw new Error('the snapshot stream takes no more')
  }

  async take(): Promise<SnapshotFrameValue> {
    this.#waiting = true
    this.#heardMs = performance.now()
    try {
      return await this.#inbox.take()
    } finally {
      this.#waiting = false
    }
  }

  /** Carry out one step, telling the other side meanwhile that it is being worked on (N1, N2). */
  async working<Value>(step: Promise<Value>): Promise<Value> {
    step.catch(() => undefined)
    const { snapshotStallMs, snapshotStepMs } = this.#context.limits
    const deadline = Promise.withResolvers<never>()
    const startedMs = performance.now()
    const timer = setInterval(() => {
      if (performance.now() - startedMs > snapshotStepMs) {
        deadline.reject(new Error(`a step of the snapshot took longer than ${snapshotStepMs} ms`))
      } else {
        this.frames.send(encodeSnapshotFrame({ kind: 'working' }))
      }
    }, snapshotStallMs / 4)
    try {
      return await Promise.race([step, deadline.promise, this.#gone.promise])
    } finally {
      clearInterval(timer)
    }
  }

  /** Tell the other side why this one gives up; it closes the stream when it has read that. */
  fail(reason: Error): void {
    if (!this.frames.send(encodeSnapshotFrame({ kind: 'failed', reason: reason.message }))) {
      this.abort(reason)
      return
    }
    this.frames.finish()
    this.#waiting = true
    this.#heardMs = performance.now()
  }

  abort(reason: Error): void {
    this.frames.abort(reason)
  }

  #received(bytes: Uint8Array): void {
    this.#heardMs = performance.now()
    const frame = decodeSnapshotFrame(bytes, this.#peer, this.#context.localPeer)
    if (frame.kind !== 'working') this.#inbox.put(frame)
  }
}
