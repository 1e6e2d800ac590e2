/**
 * One snapshot stream after its first frames, for either side.
 *
 * N1 A side that hears nothing for `snapshotStallMs` gives up; a side that is at work says so four times as often.
 * N2 Work on one step (reading a chunk, writing one, verifying the whole) is bounded by `snapshotStepMs`.
 */
import type { PeerId } from '@pinset/interface'

import { decodeSnapshotFrame, encodeSnapshotFrame } from '../codec/snapshot-codec.ts'
import type { SnapshotFrameValue } from '../codec/snapshot-codec.ts'
import { FrameStream } from '../frame-stream.ts'
import { ENVELOPE_BYTES } from '../limits.ts'
import type { ByteStream } from '../network/network.ts'
import type { Room } from '../room.ts'
import { Mailbox } from './mailbox.ts'

/** Chunks of a window may all be tiny; nobody sends that many frames ahead of being read. */
const MAX_WAITING_FRAMES = 65_536

export class SnapshotChannel {
  readonly frames: FrameStream
  readonly #room: Room
  readonly #peer: PeerId
  readonly #inbox = new Mailbox<SnapshotFrameValue>(MAX_WAITING_FRAMES)
  #heardMs = performance.now()
  #watch: NodeJS.Timeout | null = null

  constructor(stream: ByteStream, peer: PeerId, room: Room) {
    this.#room = room
    this.#peer = peer
    const { limits } = room
    this.frames = new FrameStream(stream, {
      maxFrameBytes: limits.maxBodyBytes + ENVELOPE_BYTES,
      maxSendBytes: limits.maxSendBytes,
      maxQueuedBytes: 2 * (limits.maxBodyBytes + ENVELOPE_BYTES),
      maxQueuedFrames: MAX_WAITING_FRAMES,
      onClose: (reason) => {
        if (this.#watch !== null) clearInterval(this.#watch)
        this.#inbox.fail(reason ?? new Error('the other side closed the stream'))
      },
    })
  }

  /** Read frames from now on (N1). */
  open(): void {
    const { snapshotStallMs } = this.#room.limits
    this.#heardMs = performance.now()
    this.#watch = setInterval(() => {
      if (performance.now() - this.#heardMs > snapshotStallMs) {
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
    return await this.#inbox.take()
  }

  /** Carry out one step, telling the other side meanwhile that it is being worked on (N1, N2). */
  async working<Value>(step: Promise<Value>): Promise<Value> {
    const { snapshotStallMs, snapshotStepMs } = this.#room.limits
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
      return await Promise.race([step, deadline.promise])
    } finally {
      clearInterval(timer)
    }
  }

  abort(reason: Error): void {
    this.frames.abort(reason)
  }

  #received(bytes: Uint8Array): void {
    this.#heardMs = performance.now()
    const frame = decodeSnapshotFrame(bytes, this.#peer, this.#room.localPeer)
    if (frame.kind !== 'working') this.#inbox.put(frame)
  }
}
