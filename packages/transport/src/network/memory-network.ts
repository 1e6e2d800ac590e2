/**
 * A network within one process: links that can be cut or stalled, streams with a window. No encryption, no delay but the event
 * loop's.
 *
 * A cut is noticed by both sides at once. A stall is noticed by nobody: bytes and closes are on the way until it is healed.
 */
import { setTimeout as wait } from 'node:timers/promises'

import { InvalidRequestError } from '@pinset/interface'
import type { MultiaddrText, PeerId } from '@pinset/interface'

import type { ByteStream, ByteStreamHandler, Link, Network, NetworkHandler, PeerAddress, Protocol } from './network.ts'

const WINDOW_BYTES = 256 * 1024
const STALL_POLL_MS = 20

/** Who is on the network, and which pairs cannot talk. */
export class MemoryHub {
  readonly #online = new Map<PeerId, MemoryNetwork>()
  readonly #cuts = new Set<string>()
  readonly #stalls = new Set<string>()

  join(network: MemoryNetwork): void {
    if (this.#online.has(network.localPeer))
      throw new InvalidRequestError(`${network.localPeer} is on the network already`)
    this.#online.set(network.localPeer, network)
  }

  leave(network: MemoryNetwork): void {
    if (this.#online.get(network.localPeer) === network) this.#online.delete(network.localPeer)
  }

  find(from: PeerId, to: PeerId): MemoryNetwork | undefined {
    return this.#cuts.has(pairKey(from, to)) ? undefined : this.#online.get(to)
  }

  isStalled(a: PeerId, b: PeerId): boolean {
    return this.#stalls.has(pairKey(a, b))
  }

  stall(a: PeerId, b: PeerId): void {
    this.#stalls.add(pairKey(a, b))
  }

  abandon(a: PeerId, b: PeerId): void {
    this.#online.get(a)?.abandonLinks(b)
    this.#online.get(b)?.abandonLinks(a)
  }

  cut(a: PeerId, b: PeerId): void {
    this.#cuts.add(pairKey(a, b))
    this.#online.get(a)?.breakLinks(b)
  }

  isolate(peer: PeerId): void {
    for (const other of this.#online.keys()) {
      if (other !== peer) this.cut(peer, other)
    }
  }

  heal(a?: PeerId, b?: PeerId): void {
    for (const faults of [this.#cuts, this.#stalls]) {
      for (const key of faults) {
        const [first, second] = key.split(' ')
        const named = (peer: PeerId | undefined): boolean => peer === undefined || peer === first || peer === second
        if (named(a) && named(b)) faults.delete(key)
      }
    }
    for (const network of this.#online.values()) network.healed()
  }
}

function pairKey(a: PeerId, b: PeerId): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`
}

export class MemoryNetwork implements Network {
  readonly localPeer: PeerId
  readonly #hub: MemoryHub
  readonly #links = new Set<MemoryLink>()
  #handler: NetworkHandler | null = null

  constructor(hub: MemoryHub, localPeer: PeerId) {
    this.#hub = hub
    this.localPeer = localPeer
  }

  async start(handler: NetworkHandler): Promise<void> {
    this.#handler = handler
    this.#hub.join(this)
  }

  async stop(): Promise<void> {
    this.#hub.leave(this)
    for (const link of this.#links) link.close()
  }

  async dial(peer: PeerId, _addresses: readonly MultiaddrText[], signal: AbortSignal): Promise<Link> {
    await new Promise((resolve) => setImmediate(resolve))
    signal.throwIfAborted()
    while (this.#hub.isStalled(this.localPeer, peer)) await wait(STALL_POLL_MS, undefined, { signal })
    const other = this.#hub.find(this.localPeer, peer)
    if (other === undefined || this.#handler === null) throw new Error(`nobody listens at /memory/${peer}`)
    const [here, there] = MemoryLink.pair(this, other)
    other.opened(there)
    this.opened(here)
    return here
  }

  parseAddress(text: string): PeerAddress {
    const parts = /\/p2p\/([^/]+)$/.exec(text.trim())
    if (parts === null)
      throw new InvalidRequestError(`"${text}" is not an address of a peer: its /p2p/<peer id> part is missing`)
    return { peerId: parts[1] as PeerId, address: text.trim() }
  }

  listenAddresses(): readonly MultiaddrText[] {
    return [`/memory/${this.localPeer}/p2p/${this.localPeer}`]
  }

  isStalled(peer: PeerId): boolean {
    return this.#hub.isStalled(this.localPeer, peer)
  }

  healed(): void {
    for (const link of this.#links) link.healed()
  }

  abandonLinks(peer: PeerId): void {
    for (const link of this.#links) {
      if (link.remotePeer === peer) link.dead = true
    }
  }

  breakLinks(peer: PeerId): void {
    for (const link of this.#links) {
      if (link.remotePeer === peer) link.close()
    }
  }

  opened(link: MemoryLink): void {
    this.#links.add(link)
    this.#handler?.onLink(link)
  }

  closed(link: MemoryLink): void {
    if (this.#links.delete(link)) this.#handler?.onLinkClosed(link)
  }

  accept(protocol: Protocol, stream: ByteStream, link: MemoryLink): void {
    this.#handler?.onStream(protocol, stream, link)
  }
}

class MemoryLink implements Link {
  readonly remotePeer: PeerId
  readonly remoteAddress: MultiaddrText
  readonly openedBySelf: boolean
  /** Nothing comes through any more, and nobody has noticed. */
  dead = false
  readonly #network: MemoryNetwork
  readonly #streams = new Set<MemoryStream>()
  #arriving: (() => void)[] = []
  #other: MemoryLink | null = null
  #closed = false

  static pair(dialer: MemoryNetwork, listener: MemoryNetwork): [MemoryLink, MemoryLink] {
    const here = new MemoryLink(dialer, listener.localPeer, true)
    const there = new MemoryLink(listener, dialer.localPeer, false)
    here.#other = there
    there.#other = here
    return [here, there]
  }

  constructor(network: MemoryNetwork, remotePeer: PeerId, openedBySelf: boolean) {
    this.#network = network
    this.remotePeer = remotePeer
    this.openedBySelf = openedBySelf
    this.remoteAddress = `/memory/${remotePeer}/p2p/${remotePeer}`
  }

  async openStream(protocol: Protocol, signal: AbortSignal): Promise<ByteStream> {
    signal.throwIfAborted()
    const other = this.#other
    if (this.#closed || other === null) throw new Error('the connection is closed')
    const isStalled = (): boolean => this.#isStuck()
    const here = new MemoryStream(isStalled)
    const there = new MemoryStream(isStalled)
    here.connect(there)
    there.connect(here)
    this.#streams.add(here)
    other.#streams.add(there)
    here.onGone = () => this.#streams.delete(here)
    there.onGone = () => other.#streams.delete(there)
    other.#arriving.push(() => other.#network.accept(protocol, there, other))
    setImmediate(() => other.healed())
    return here
  }

  #isStuck(): boolean {
    return this.dead || this.#network.isStalled(this.remotePeer)
  }

  /** Take in what has come, unless it is still on the way. */
  healed(): void {
    if (this.#closed || this.#isStuck()) return
    if (this.#other !== null && this.#other.#closed) {
      this.close()
      return
    }
    for (const arrive of this.#arriving.splice(0)) arrive()
    for (const stream of this.#streams) stream.healed()
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    for (const stream of this.#streams) stream.abort(new Error('the connection was closed'))
    if (!this.#isStuck()) this.#other?.close()
    setImmediate(() => this.#network.closed(this))
  }
}

class MemoryStream implements ByteStream {
  onGone: () => void = () => undefined
  #other: MemoryStream | null = null
  #handler: ByteStreamHandler | null = null
  #incoming: Uint8Array[] = []
  #incomingBytes = 0
  #needsDrain = false
  #paused = false
  #scheduled = false
  #writeEnded = false
  #remoteEnded = false
  #endDelivered = false
  #closed = false
  #closeReason: Error | null = null
  readonly #isStalled: () => boolean

  constructor(isStalled: () => boolean) {
    this.#isStalled = isStalled
  }

  healed(): void {
    if (this.#other !== null && this.#other.#closed)
      this.#close(this.#other.#closeReason === null ? null : new Error('the other side broke off the stream'))
    else this.#schedule()
  }

  connect(other: MemoryStream): void {
    this.#other = other
  }

  attach(handler: ByteStreamHandler): void {
    this.#handler = handler
    if (this.#closed) handler.onClose(this.#closeReason)
    else this.#schedule()
  }

  send(bytes: Uint8Array): boolean {
    const other = this.#other
    if (this.#closed || this.#writeEnded || other === null) throw new Error('the stream is closed')
    other.#incoming.push(bytes)
    other.#incomingBytes += bytes.byteLength
    other.#schedule()
    this.#needsDrain = other.#incomingBytes >= WINDOW_BYTES
    return !this.#needsDrain
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    this.#schedule()
  }

  finish(): void {
    if (this.#writeEnded || this.#closed) return
    this.#writeEnded = true
    if (this.#other !== null) {
      this.#other.#remoteEnded = true
      this.#other.#schedule()
    }
  }

  abort(reason: Error): void {
    const other = this.#other
    this.#close(reason)
    if (other === null) return
    setImmediate(() => {
      if (!this.#isStalled()) other.healed()
    })
  }

  #schedule(): void {
    if (this.#scheduled || this.#closed) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#deliver()
    })
  }

  #deliver(): void {
    if (this.#isStalled()) return
    while (!this.#paused && !this.#closed && this.#handler !== null && this.#incoming.length > 0) {
      const bytes = this.#incoming.shift() as Uint8Array
      this.#incomingBytes -= bytes.byteLength
      this.#handler.onData(bytes)
    }
    if (this.#closed) return
    const other = this.#other
    if (other !== null && other.#needsDrain && this.#incomingBytes < WINDOW_BYTES) {
      other.#needsDrain = false
      other.#handler?.onDrain()
    }
    if (this.#remoteEnded && this.#incoming.length === 0 && this.#handler !== null && !this.#endDelivered) {
      this.#endDelivered = true
      this.#handler.onEnd()
    }
    if (this.#endDelivered && this.#writeEnded) {
      if (other !== null && other.#endDelivered) {
        this.#close(null)
        other.#close(null)
      }
    }
  }

  #close(reason: Error | null): void {
    if (this.#closed) return
    this.#closed = true
    this.#closeReason = reason
    this.#incoming = []
    this.onGone()
    this.#handler?.onClose(reason)
  }
}
