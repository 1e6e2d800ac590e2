/**
 * Messages to one peer, on one long-lived stream that this side opens.
 *
 * S1 Messages leave in the order in which they were given. A broken stream or an overflow drops all that waits, and says so
 *    (`onUnreachable`): nothing is lost in silence, nothing is sent twice. A move to another link ends the old stream first.
 * S2 Nothing leaves before the other side has let the stream in, and nothing on a stream that was opened as somebody else.
 *    What was given for one database of the peer does not reach another that has taken its place: it speaks of a log that is gone.
 * S3 A peer to stay connected to hears something at least every half election timeout.
 */
import { NotAdmittedError } from '@pinset/interface'
import type { PeerId, StreamIdentity } from '@pinset/interface'

import { KEEP_ALIVE_FRAME } from '../codec/raft-codec.ts'
import { FrameStream } from '../frame-stream.ts'
import { clusterMismatch, greet, sameIdentity } from '../handshake.ts'
import type { Side } from '../handshake.ts'
import type { Link } from '../network/network.ts'
import type { ProtocolContext } from '../protocol-context.ts'
import { ownSide } from '../protocol-context.ts'

const RETRY_MIN_MS = 50
/** Attempts in a row. */
const FAILURES_WORTH_A_WARNING = 4
const RETRY_MAX_MS = 1_000

interface Attempt {
  readonly abort: AbortController
  /** Known once there is one. */
  link: Link | null
}

type State =
  | { readonly kind: 'idle' }
  | { readonly kind: 'opening'; readonly attempt: Attempt }
  | { readonly kind: 'open'; readonly frames: FrameStream; readonly link: Link; readonly identity: StreamIdentity }
  /** The other side reads the rest of this stream before the next one is opened. */
  | { readonly kind: 'ending'; readonly frames: FrameStream; readonly deadline: NodeJS.Timeout }

export class RaftSender {
  readonly #context: ProtocolContext
  readonly #peer: PeerId
  readonly #onUnreachable: () => void
  #state: State = { kind: 'idle' }
  /** Waits while the stream is being opened. */
  #backlog: Uint8Array[] = []
  #backlogBytes = 0
  /** The database that the newest stream reached. */
  #storageId: string | null = null
  #failures = 0
  #notBeforeMs = 0
  #retry: NodeJS.Timeout | null = null
  #lastMessageMs = performance.now()

  constructor(context: ProtocolContext, peer: PeerId, onUnreachable: () => void) {
    this.#context = context
    this.#peer = peer
    this.#onUnreachable = onUnreachable
  }

  /** No stream, none wanted: nothing is lost when this object is forgotten. */
  get isIdle(): boolean {
    return this.#state.kind === 'idle' && this.#retry === null
  }

  send(frame: Uint8Array): void {
    this.#lastMessageMs = performance.now()
    if (this.#state.kind === 'open' && !sameIdentity(this.#state.identity, this.#context.admission.identity()))
      this.#reset()
    if (this.#state.kind === 'open') {
      if (!this.#state.frames.send(frame)) this.#overflow(this.#state.frames)
      return
    }
    if (this.#state.kind === 'idle') {
      if (performance.now() < this.#notBeforeMs) {
        this.#onUnreachable()
        return
      }
      this.#open()
    }
    this.#wait(frame)
  }

  /** The link in use to this peer changed. */
  linkChanged(link: Link | null): void {
    if (link === null) {
      this.#reset()
      return
    }
    if (this.#state.kind === 'open' && this.#state.link !== link) this.#end(this.#state.frames)
    this.#notBeforeMs = 0
    this.#failures = 0
    if (this.#state.kind === 'opening' && this.#state.attempt.link !== null && this.#state.attempt.link !== link) {
      this.#state.attempt.abort.abort(new Error('another connection is in use'))
      this.#open()
      return
    }
    this.wake()
  }

  /** Open the stream when it should be open (S3). */
  wake(): void {
    if (this.#state.kind !== 'idle' || this.#retry !== null || this.#context.stopping.aborted) return
    if (!this.#context.links.isWanted(this.#peer) || this.#context.links.link(this.#peer) === null) return
    const delayMs = this.#notBeforeMs - performance.now()
    if (delayMs <= 0) {
      this.#open()
      return
    }
    this.#retry = setTimeout(() => {
      this.#retry = null
      this.wake()
    }, delayMs)
  }

  /** Called several times per election timeout. */
  tick(nowMs: number): void {
    if (this.#state.kind !== 'open') {
      this.wake()
      return
    }
    const { frames } = this.#state
    const { electionTimeoutMs } = this.#context
    if (!sameIdentity(this.#state.identity, this.#context.admission.identity())) {
      this.#reset()
    } else if (this.#context.links.isWanted(this.#peer)) {
      if (nowMs - frames.lastSentMs >= electionTimeoutMs / 4 && frames.queuedBytes === 0) frames.send(KEEP_ALIVE_FRAME)
    } else if (nowMs - this.#lastMessageMs > 4 * electionTimeoutMs) {
      this.#state = { kind: 'idle' }
      frames.finish()
    }
  }

  stop(): void {
    if (this.#retry !== null) clearTimeout(this.#retry)
    this.#retry = null
    if (this.#state.kind === 'opening') this.#state.attempt.abort.abort(new Error('the transport was stopped'))
    if (this.#state.kind === 'ending') clearTimeout(this.#state.deadline)
    if (this.#state.kind === 'open' || this.#state.kind === 'ending')
      this.#state.frames.abort(new Error('the transport was stopped'))
    this.#state = { kind: 'idle' }
    this.#dropBacklog()
  }

  #wait(frame: Uint8Array): void {
    const { outboxBytes, outboxFrames } = this.#context.limits
    if (this.#backlogBytes + frame.byteLength > outboxBytes || this.#backlog.length >= outboxFrames) {
      this.#dropBacklog()
      this.#onUnreachable()
    } else {
      this.#backlog.push(frame)
      this.#backlogBytes += frame.byteLength
    }
  }

  #overflow(frames: FrameStream): void {
    const dropped = frames.dropQueue()
    this.#context.logger.warn('A peer does not take its Raft messages fast enough: what waited for it was dropped', {
      peer: this.#peer,
      dropped,
    })
    this.#onUnreachable()
  }

  #dropBacklog(): void {
    this.#backlog = []
    this.#backlogBytes = 0
  }

  /** Let the other side read what is on the way, then go on with another stream (S1). */
  #end(frames: FrameStream): void {
    const deadline = setTimeout(
      () => frames.abort(new Error('the stream did not end in time')),
      this.#context.limits.spareLinkMs,
    )
    this.#state = { kind: 'ending', frames, deadline }
    frames.finish()
  }

  /** Give the stream up, whatever waits in it (S1). */
  #reset(): void {
    const state = this.#state
    if (state.kind !== 'open') return
    this.#state = { kind: 'idle' }
    state.frames.abort(new Error('the stream is replaced'))
    this.#onUnreachable()
  }

  #open(): void {
    const attempt: Attempt = { abort: new AbortController(), link: null }
    this.#state = { kind: 'opening', attempt }
    this.#connect(attempt).catch((err: unknown) => this.#failed(attempt, err as Error))
  }

  async #connect(attempt: Attempt): Promise<void> {
    const { limits, links, notices, stopping } = this.#context
    const signal = AbortSignal.any([
      attempt.abort.signal,
      stopping,
      AbortSignal.timeout(limits.dialTimeoutMs + limits.handshakeMs),
    ])
    const link = await links.acquire(this.#peer, 'backoff')
    attempt.link = link
    const own = ownSide(this.#context)
    const stream = await link.openStream('raft', signal)
    const frames = new FrameStream(stream, {
      maxFrameBytes: limits.maxHelloBytes,
      maxSendBytes: limits.maxSendBytes,
      maxQueuedBytes: limits.outboxBytes,
      maxQueuedFrames: limits.outboxFrames,
      onClose: (reason) => this.#closed(frames, reason),
    })
    let other: Side
    try {
      other = await greet(frames, own, this.#peer, signal)
      const reason = clusterMismatch(own, other)
      if (reason !== null) throw new NotAdmittedError(reason)
    } catch (err) {
      frames.abort(err as Error)
      throw err
    }
    if (this.#state.kind !== 'opening' || this.#state.attempt !== attempt) {
      frames.abort(new Error('the stream is not wanted any more'))
      return
    }
    // Nothing is expected here but the end.
    frames.receive(
      () => frames.abort(new Error('an unexpected frame came back on a Raft stream')),
      () => frames.finish(),
    )
    if (!frames.isOpen) throw new Error('the stream was closed')
    this.#state = { kind: 'open', frames, link, identity: own.hello }
    notices.forget(this.#peer)
    this.#failures = 0
    const { storageId } = other.hello
    const isAnother = this.#storageId !== null && this.#storageId !== storageId
    this.#storageId = storageId
    const backlog = isAnother ? [] : this.#backlog
    this.#dropBacklog()
    if (isAnother) this.#onUnreachable() // S2
    for (const frame of backlog) frames.send(frame)
    if (links.link(this.#peer) !== link) this.#end(frames)
  }

  #failed(attempt: Attempt, err: Error): void {
    if (this.#state.kind !== 'opening' || this.#state.attempt !== attempt) return
    this.#state = { kind: 'idle' }
    this.#notBeforeMs = performance.now() + Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** Math.min(this.#failures, 10))
    this.#failures++
    // A peer that has just been added may not know it yet: that is news only when it stays so.
    if (err instanceof NotAdmittedError && this.#failures >= FAILURES_WORTH_A_WARNING) {
      this.#context.notices.warn(this.#peer, `raft out ${err.message}`, `A peer does not take part: ${err.message}`)
    } else {
      this.#context.logger.debug('A Raft stream could not be opened', { peer: this.#peer, err })
    }
    this.#dropBacklog()
    this.#onUnreachable()
    this.wake()
  }

  #closed(frames: FrameStream, reason: Error | null): void {
    const state = this.#state
    if ((state.kind !== 'open' && state.kind !== 'ending') || state.frames !== frames) return
    this.#state = { kind: 'idle' }
    if (state.kind === 'ending') clearTimeout(state.deadline)
    if (state.kind === 'open' || reason !== null) {
      this.#notBeforeMs = performance.now() + RETRY_MIN_MS
      this.#onUnreachable()
    }
    if (state.kind === 'ending' && this.#backlog.length > 0) this.#open()
    else this.wake()
  }
}
