/**
 * Owns the way of one process to the others: Raft messages, and who is let in. Calls and snapshots have files of their own.
 *
 * TR1 A Raft message reaches the core only after production admission has let its sender in, with its cluster and database; what
 * comes while admission is asked waits, in order. TR2 Who was let in stays so until either process ends or is somebody else.
 * TR3 What was sent for one database of a peer does not reach another one, once the sender has reached the first.
 */
import type { Dialer, MultiaddrText, PeerAddresses, PeerId, StreamIdentity } from '@pinset/interface'
import type { InstallSnapshot, Message, RaftTransport, RaftTransportHandler, SnapshotSendResult } from '@pinset/raft'
import { decodeRaftFrame, encodeRaftMessage, type StreamedMessage } from '@pinset/transport'

import { Calls } from './calls.ts'
import type { SimulatedPeer } from './peer.ts'
import type { Process } from './process.ts'
import { SnapshotStreams } from './snapshot-streams.ts'
import { millisecond } from './swarm.ts'
import type { World } from './world.ts'

/** A Raft message on its way. */
interface Sent {
  readonly from: PeerId
  /** Who the sender was when it sent. */
  readonly theirs: StreamIdentity
  /** The database of the receiver that the sender had reached last; null when none. */
  readonly reached: string | null
  readonly message: Message
}

/** A stream that another process has opened, as this one sees it. */
interface Inbound {
  readonly sender: SimulatedTransport
  readonly theirs: StreamIdentity
  readonly own: StreamIdentity
  state: 'asking' | 'open' | 'refused'
  /** Asked again after this time, in µs. */
  readonly refusedUntil: number
  waiting: Sent[]
}

export class SimulatedTransport implements RaftTransport, Dialer {
  readonly world: World
  readonly peer: SimulatedPeer
  readonly process: Process
  readonly calls: Calls
  readonly snapshots: SnapshotStreams
  /** Set once consensus stands. */
  handler: RaftTransportHandler | null = null
  /** Takes part; false before the start and after a stop. */
  isOpen = false
  #wanted = new Set<PeerId>()
  readonly #inbound = new Map<PeerId, Inbound>()
  readonly #heardMs = new Map<PeerId, number>()
  /** The database of each peer that a message has reached last. */
  readonly #reached = new Map<PeerId, string>()

  constructor(world: World, peer: SimulatedPeer, process: Process) {
    this.world = world
    this.peer = peer
    this.process = process
    this.calls = new Calls(this)
    this.snapshots = new SnapshotStreams(this)
  }

  get identity(): StreamIdentity {
    return this.peer.consensus?.admission.identity() ?? { clusterId: null, epoch: 0, storageId: '' }
  }

  setHandler(handler: RaftTransportHandler): void {
    this.handler = handler
  }

  send(message: Exclude<Message, InstallSnapshot>): void {
    if (!this.isOpen || !this.process.alive) {
      return
    }
    this.peer.guard(() => this.peer.promises.leaving(message))
    const { world } = this
    const sent = world.swarm.sharing === 'encoded' ? recode(message) : message
    if (sent !== message) {
      world.checker.confirmed.made(sent)
    }
    const identity = this.identity
    const from = this.peer.id
    const { to } = message
    const reached = this.#reached.get(to as PeerId) ?? null
    world.network.send({
      from,
      to,
      arrive: () => world.transportOf(to)?.arrived(this, { from, theirs: identity, reached, message: sent }),
    })
  }

  sendSnapshot(
    message: InstallSnapshot,
    open: (resumeAfter: Uint8Array) => AsyncIterable<Uint8Array>,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<SnapshotSendResult> {
    this.peer.guard(() => this.peer.promises.leaving(message))
    return this.snapshots.send(message, open, options)
  }

  setPeers(peers: readonly PeerAddresses[]): void {
    this.#wanted = new Set(peers.map(({ peerId }) => peerId))
  }

  /** Whoever keeps a connection to this peer is heard from time to time, also without a message. */
  sinceHeardMs(peer: PeerId): number | null {
    const { world, process } = this
    const heardMs = this.#heardMs.get(peer)
    const sinceMs = heardMs === undefined ? null : process.clock.nowMs() - heardMs
    const other = world.transportOf(peer)
    if (other?.wants(this.peer.id) === true && world.network.isOpen(this.peer.id, peer)) {
      const keepAliveMs = world.swarm.electionTimeoutMs / 4
      return sinceMs === null ? keepAliveMs : Math.min(sinceMs, keepAliveMs)
    }
    return sinceMs
  }

  listenAddresses(): readonly MultiaddrText[] {
    return [this.peer.address]
  }

  /** It takes part and keeps a connection to that peer. */
  wants(peer: PeerId): boolean {
    return this.isOpen && this.process.alive && !this.process.paused && this.#wanted.has(peer)
  }

  heard(from: PeerId): void {
    this.#heardMs.set(from, this.process.clock.nowMs())
  }

  unreachable(node: PeerId): void {
    this.process.when(() => this.handler?.onUnreachable(node), node)
  }

  /** Calls and snapshots to that peer end, as well as calls from there. */
  connectionLost(peer: PeerId): void {
    this.process.when(() => {
      this.calls.broken(peer)
      this.snapshots.broken(peer)
    }, peer)
  }

  arrived(sender: SimulatedTransport, sent: Sent): void {
    this.process.when(() => this.#take(sender, sent), sent.from)
  }

  #take(sender: SimulatedTransport, sent: Sent): void {
    const { from, theirs } = sent
    if (!this.isOpen) {
      return
    }
    const own = this.identity
    let inbound = this.#inbound.get(from)
    if (
      inbound === undefined ||
      inbound.sender !== sender ||
      !isSame(inbound.theirs, theirs) ||
      !isSame(inbound.own, own) ||
      (inbound.state === 'refused' && this.world.now >= inbound.refusedUntil)
    ) {
      if (inbound !== undefined && inbound.sender.process.run > sender.process.run) {
        return // What an earlier process has sent comes after the word of a later one.
      }
      const pause = (50 + this.process.random.int(1000)) * millisecond
      inbound = { sender, theirs, own, state: 'asking', refusedUntil: this.world.now + pause, waiting: [] }
      this.#inbound.set(from, inbound)
      void this.#admit(from, inbound)
    }
    if (inbound.state === 'open') {
      this.#deliver(sender, sent)
    } else if (inbound.state === 'asking') {
      inbound.waiting.push(sent)
    }
  }

  async #admit(from: PeerId, inbound: Inbound): Promise<void> {
    const isIn = await this.admits(from, inbound.theirs)
    const { sender, waiting } = inbound
    inbound.waiting = []
    if (isIn) {
      inbound.state = 'open' // TR2
      waiting.forEach((sent) => this.#deliver(sender, sent))
    } else {
      inbound.state = 'refused'
      this.world.count('raft stream refused')
      this.world.tellUnreachable(from, this.peer.id)
    }
  }

  #deliver(sender: SimulatedTransport, { from, reached, message }: Sent): void {
    const { storageId } = this.identity
    sender.#reached.set(this.peer.id, storageId)
    if (reached !== null && reached !== storageId) {
      this.world.count('message for an earlier database')
      return // TR3
    }
    this.heard(from)
    this.handler?.onMessage(message)
  }

  /** TR1 */
  async admits(from: PeerId, theirs: StreamIdentity): Promise<boolean> {
    const own = this.identity
    if (own.clusterId === null || own.clusterId !== theirs.clusterId || own.epoch !== theirs.epoch) {
      return false
    }
    const answer = await this.peer.consensus?.admission.admit(from, theirs.storageId)
    return answer?.kind === 'admitted' && isSame(own, this.identity)
  }
}

function isSame(a: StreamIdentity, b: StreamIdentity): boolean {
  return a.clusterId === b.clusterId && a.epoch === b.epoch && a.storageId === b.storageId
}

/** As it comes out of the codec on the other side. */
function recode(message: StreamedMessage): Message {
  const found = decodeRaftFrame(encodeRaftMessage(message), message.from, message.to)
  if (found.kind !== 'message') {
    throw new Error('a message was encoded as something else')
  }
  return found.message
}
