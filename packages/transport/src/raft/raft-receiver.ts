/**
 * Raft streams that other peers open.
 *
 * R1 Nothing is decoded before admission has let the stream in; what arrives meanwhile waits in the stream's window.
 * R2 Of one peer only the newest stream counts: when it is let in, the older one is broken off, so that messages keep their order.
 * R3 A frame that is not valid ends its stream with a reason; it never reaches the handler, and never throws out of here.
 */
import type { PeerId, StreamIdentity } from '@pinset/interface'

import { admissionRefusal } from '../admission-refusal.ts'
import { decodeRaftFrame } from '../codec/raft-codec.ts'
import type { StreamedMessage } from '../codec/raft-codec.ts'
import { FrameStream } from '../frame-stream.ts'
import { receiveGreeting, refuse, sameIdentity, welcome } from '../handshake.ts'
import type { ByteStream, Link } from '../network/network.ts'
import type { ProtocolContext } from '../protocol-context.ts'
import { ownSide } from '../protocol-context.ts'

interface Inbound {
  readonly frames: FrameStream
  readonly link: Link
  heardMs: number
}

export class RaftReceiver {
  readonly #context: ProtocolContext
  readonly #onMessage: (message: StreamedMessage) => void
  readonly #inbound = new Map<PeerId, Inbound>()
  readonly #all = new Set<FrameStream>()

  constructor(context: ProtocolContext, onMessage: (message: StreamedMessage) => void) {
    this.#context = context
    this.#onMessage = onMessage
  }

  accept(stream: ByteStream, link: Link): void {
    const { limits, logger, stopping } = this.#context
    const peer = link.remotePeer
    const frames = new FrameStream(stream, {
      maxFrameBytes: limits.maxHelloBytes,
      maxSendBytes: limits.maxSendBytes,
      maxQueuedBytes: limits.maxFrameBytes,
      maxQueuedFrames: 16,
      onClose: (reason) => {
        this.#all.delete(frames)
        if (this.#inbound.get(peer)?.frames === frames) this.#inbound.delete(peer)
        if (reason !== null) logger.debug('A Raft stream ended', { peer, reason: reason.message })
      },
    })
    this.#all.add(frames)
    const signal = AbortSignal.any([stopping, AbortSignal.timeout(limits.handshakeMs)])
    this.#admit(frames, link, signal).catch((err: unknown) => frames.abort(err as Error))
  }

  /** Break off links whose other side has promised to be heard from and has been silent for very long. */
  closeSilentLinks(nowMs: number, silentMs: number): void {
    for (const [peer, inbound] of this.#inbound) {
      if (nowMs - inbound.heardMs < silentMs) continue
      this.#context.logger.info('A peer has been silent for too long: its connection is given up', { peer })
      inbound.link.close()
      inbound.frames.abort(new Error('nothing was heard for too long'))
    }
  }

  stop(): void {
    for (const frames of this.#all) frames.abort(new Error('the transport was stopped'))
  }

  async #admit(frames: FrameStream, link: Link, signal: AbortSignal): Promise<void> {
    const { notices } = this.#context
    const other = await receiveGreeting(frames, link.remotePeer, signal)
    const refusal = await admissionRefusal(this.#context, ownSide(this.#context), other, signal)
    const own = ownSide(this.#context)
    if (refusal !== null) {
      // Members may try before this peer has been told that it was admitted.
      if (own.hello.clusterId === null)
        this.#context.logger.debug('A Raft stream came too early', { peer: other.peer, refusal })
      else notices.warn(other.peer, `raft in ${refusal}`, `The Raft stream of a peer was refused: ${refusal}`)
      await refuse(frames, own, refusal, signal)
      return
    }
    welcome(frames, own)
    frames.allowFrames(this.#context.limits.maxFrameBytes)
    this.#inbound.get(other.peer)?.frames.abort(new Error('a newer stream has taken its place')) // R2
    const inbound: Inbound = { frames, link, heardMs: performance.now() }
    this.#inbound.set(other.peer, inbound)
    this.#context.links.raftStreamOn(link)
    this.#context.links.heard(other.peer)
    // R1
    frames.receive(
      (frame) => this.#received(frame, inbound, own.hello),
      () => frames.finish(),
    )
  }

  /** R3: what is thrown here aborts the stream. */
  #received(frame: Uint8Array, inbound: Inbound, identity: StreamIdentity): void {
    const { admission, links, localPeer, logger } = this.#context
    const peer = inbound.link.remotePeer
    if (!sameIdentity(identity, admission.identity())) throw new Error('the identity of the receiver has changed')
    let value
    try {
      value = decodeRaftFrame(frame, peer, localPeer)
    } catch (err) {
      logger.warn('A Raft frame is not valid: its stream was broken off', { peer, err })
      throw err
    }
    inbound.heardMs = performance.now()
    links.heard(peer)
    if (value.kind === 'message') this.#onMessage(value.message)
  }
}
