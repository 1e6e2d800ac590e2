/** The Raft protocol: one sender per peer, the streams of others, and the clock tick of both. */
import { InvariantViolation } from '@pinset/raft'
import type { RaftTransportHandler } from '@pinset/raft'
import type { PeerId } from '@pinset/interface'

import { encodeRaftMessage } from '../codec/raft-codec.ts'
import type { StreamedMessage } from '../codec/raft-codec.ts'
import type { ByteStream, Link } from '../network/network.ts'
import type { ProtocolContext } from '../protocol-context.ts'
import { RaftReceiver } from './raft-receiver.ts'
import { RaftSender } from './raft-sender.ts'

const SILENT_ELECTION_TIMEOUTS = 10

export class RaftStreams {
  readonly #context: ProtocolContext
  readonly #handler: RaftTransportHandler
  readonly #senders = new Map<PeerId, RaftSender>()
  readonly #receiver: RaftReceiver
  readonly #unreachable = new Set<PeerId>()
  #reporting: NodeJS.Immediate | null = null
  #ticker: NodeJS.Timeout | null = null
  #lastTickMs = 0

  constructor(context: ProtocolContext, handler: RaftTransportHandler) {
    this.#context = context
    this.#handler = handler
    this.#receiver = new RaftReceiver(context, (message) => this.#deliver(message))
  }

  start(): void {
    this.#lastTickMs = performance.now()
    this.#ticker = setInterval(() => this.#tick(), Math.max(10, this.#context.electionTimeoutMs / 4))
  }

  stop(): void {
    if (this.#ticker !== null) clearInterval(this.#ticker)
    if (this.#reporting !== null) clearImmediate(this.#reporting)
    for (const sender of this.#senders.values()) sender.stop()
    this.#senders.clear()
    this.#receiver.stop()
  }

  send(message: StreamedMessage): void {
    if (this.#context.stopping.aborted) return
    const frame = encodeRaftMessage(message)
    // The core's limits make this impossible; were it possible, the follower could never catch up.
    if (frame.byteLength > this.#context.limits.maxFrameBytes) {
      throw new InvariantViolation(
        `a ${message.kind} of ${frame.byteLength} bytes is over the frame limit of ${this.#context.limits.maxFrameBytes}`,
      )
    }
    this.#sender(message.to as PeerId).send(frame)
  }

  accept(stream: ByteStream, link: Link): void {
    this.#receiver.accept(stream, link)
  }

  linkChanged(peer: PeerId, link: Link | null): void {
    if (link === null) this.#lost(peer)
    if (this.#senders.has(peer) || (link !== null && this.#context.links.isWanted(peer)))
      this.#sender(peer).linkChanged(link)
  }

  /** The peers to stay connected to have changed. */
  peersChanged(peers: readonly PeerId[]): void {
    for (const peer of peers) this.#sender(peer).wake()
  }

  #sender(peer: PeerId): RaftSender {
    let sender = this.#senders.get(peer)
    if (sender === undefined) {
      sender = new RaftSender(this.#context, peer, () => this.#lost(peer))
      this.#senders.set(peer, sender)
    }
    return sender
  }

  #deliver(message: StreamedMessage): void {
    this.#handler.onMessage(message)
  }

  /** At most one report per peer and turn of the event loop, never from within `send`. */
  #lost(peer: PeerId): void {
    if (this.#context.stopping.aborted) return
    this.#unreachable.add(peer)
    this.#reporting ??= setImmediate(() => {
      this.#reporting = null
      const peers = [...this.#unreachable]
      this.#unreachable.clear()
      for (const lost of peers) this.#handler.onUnreachable(lost)
    })
  }

  #tick(): void {
    const nowMs = performance.now()
    const { electionTimeoutMs, links, limits } = this.#context
    for (const [peer, sender] of this.#senders) {
      sender.tick(nowMs)
      if (sender.isIdle && !links.isWanted(peer) && links.link(peer) === null) this.#senders.delete(peer)
    }
    // After a pause of this process the silence was its own: what the others sent is still to be read.
    const paused = nowMs - this.#lastTickMs > 2 * electionTimeoutMs
    this.#lastTickMs = nowMs
    if (!paused)
      this.#receiver.closeSilentLinks(
        nowMs,
        Math.max(limits.silentLinkMs, SILENT_ELECTION_TIMEOUTS * electionTimeoutMs),
      )
  }
}
