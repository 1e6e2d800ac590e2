/**
 * The network over libp2p: TCP, the cluster's secret, noise, yamux. Configured against what libp2p would do by itself: it never
 * dials, gossips, limits or prunes connections or checks liveness; the links above and Raft do that.
 */
import { tcp } from '@libp2p/tcp'
import type { Connection, Libp2p, PrivateKey } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import type { Logger, MultiaddrText, PeerId } from '@pinset/interface'
import { createLibp2p } from 'libp2p'

import { peerIdOf } from '../keys.ts'
import { parsePeerMultiaddr } from '../multiaddrs.ts'
import { NoticeLog } from '../notice-log.ts'
import { BrokenConnections } from './broken-connections.ts'
import { dialFailure, listenFailure } from './dial-failure.ts'
import { createEncrypter, createMuxer } from './encrypter-and-muxer.ts'
import { Libp2pByteStream } from './libp2p-stream.ts'
import { PROTOCOLS } from './network.ts'
import type { ByteStream, Link, Network, NetworkHandler, PeerAddress, Protocol } from './network.ts'
import { createProtector } from './private-network.ts'

export interface Libp2pNetworkInit {
  readonly privateKey: PrivateKey
  readonly psk: Uint8Array | null
  readonly listen: readonly string[]
  readonly announce: readonly string[]
}

/** Those of strangers are limited above, where it is known who is none; libp2p would refuse members as well. */
const MAX_CONNECTIONS = Number.POSITIVE_INFINITY
const MAX_PENDING_CONNECTIONS = 1_000
/** Old streams linger for a moment when many are replaced; libp2p resets silently what is over its limit. */
const MAX_STREAMS_PER_PROTOCOL = 64
const CLOSE_TIMEOUT_MS = 1_000

export async function createLibp2pNetwork(init: Libp2pNetworkInit, logger: Logger): Promise<Network> {
  const broken = new BrokenConnections(new NoticeLog(logger))
  /** Addresses at which a TCP connection was made; tells a wrong secret from an absent peer. */
  const reached = new Set<string>()
  const { psk } = init
  const node = await createLibp2p({
    start: false,
    privateKey: init.privateKey,
    addresses: { listen: [...init.listen], announce: [...init.announce] },
    transports: [tcp()],
    connectionEncrypters: [createEncrypter],
    streamMuxers: [createMuxer],
    ...(psk === null ? {} : { connectionProtector: () => createProtector(psk, broken) }),
    connectionGater: {
      denyDialMultiaddr: () => false,
      denyOutboundConnection: (_peer, connection) => {
        reached.add(connection.remoteAddr.toString())
        return false
      },
    },
    connectionManager: {
      maxConnections: MAX_CONNECTIONS,
      inboundConnectionThreshold: Number.POSITIVE_INFINITY,
      maxIncomingPendingConnections: MAX_PENDING_CONNECTIONS,
      reconnectRetries: 0,
    },
    connectionMonitor: { enabled: false },
    peerStore: { maxAddressAge: Number.POSITIVE_INFINITY, maxPeerAge: Number.POSITIVE_INFINITY },
    services: {},
  })
  return new Libp2pNetwork(node, peerIdOf(init.privateKey), { broken, reached })
}

class Libp2pNetwork implements Network {
  readonly localPeer: PeerId
  readonly #node: Libp2p
  readonly #links = new WeakMap<Connection, Libp2pLink>()
  readonly #broken: BrokenConnections
  readonly #reached: Set<string>
  #handler: NetworkHandler | null = null

  constructor(
    node: Libp2p,
    localPeer: PeerId,
    watch: { readonly broken: BrokenConnections; readonly reached: Set<string> },
  ) {
    this.#node = node
    this.localPeer = localPeer
    this.#broken = watch.broken
    this.#reached = watch.reached
  }

  async start(handler: NetworkHandler): Promise<void> {
    this.#handler = handler
    this.#node.addEventListener('connection:open', (event) => {
      this.#broken.succeeded(event.detail.remoteAddr.toString())
      this.#linkOf(event.detail)
    })
    this.#node.addEventListener('connection:close', (event) => this.#closed(event.detail))
    for (const protocol of Object.keys(PROTOCOLS) as Protocol[]) {
      await this.#node.handle(
        PROTOCOLS[protocol],
        (stream, connection) => handler.onStream(protocol, new Libp2pByteStream(stream), this.#linkOf(connection)),
        { maxInboundStreams: MAX_STREAMS_PER_PROTOCOL, maxOutboundStreams: MAX_STREAMS_PER_PROTOCOL },
      )
    }
    try {
      await this.#node.start()
    } catch (err) {
      await this.#node.stop()
      throw listenFailure(err)
    }
  }

  async stop(): Promise<void> {
    await this.#node.stop()
  }

  async dial(peer: PeerId, addresses: readonly MultiaddrText[], signal: AbortSignal): Promise<Link> {
    const targets = addresses.map((address) => (address.endsWith(`/p2p/${peer}`) ? address : `${address}/p2p/${peer}`))
    for (const target of targets) this.#reached.delete(target)
    try {
      const connection = await this.#node.dial(
        targets.map((target) => multiaddr(target)),
        { signal },
      )
      return this.#linkOf(connection)
    } catch (err) {
      const answered = targets.filter((target) => this.#reached.has(target))
      throw dialFailure(err, { peer, addresses: targets, answered })
    } finally {
      for (const target of targets) this.#reached.delete(target)
    }
  }

  parseAddress(text: string): PeerAddress {
    const parsed = parsePeerMultiaddr(text)
    return { peerId: parsed.peerId, address: parsed.text }
  }

  listenAddresses(): readonly MultiaddrText[] {
    return this.#node.getMultiaddrs().map((address) => address.toString())
  }

  #linkOf(connection: Connection): Libp2pLink {
    let link = this.#links.get(connection)
    if (link === undefined) {
      link = new Libp2pLink(connection)
      this.#links.set(connection, link)
      this.#handler?.onLink(link)
      // Raised only once per connection, and not when it had closed before.
      if (connection.status !== 'open') queueMicrotask(() => this.#closed(connection))
    }
    return link
  }

  #closed(connection: Connection): void {
    const link = this.#links.get(connection)
    if (link === undefined || link.closed) return
    link.closed = true
    this.#handler?.onLinkClosed(link)
  }
}

class Libp2pLink implements Link {
  readonly remotePeer: PeerId
  readonly openedBySelf: boolean
  readonly remoteAddress: MultiaddrText
  closed = false
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
    this.remotePeer = connection.remotePeer.toString() as PeerId
    this.openedBySelf = connection.direction === 'outbound'
    this.remoteAddress = connection.remoteAddr.toString()
  }

  async openStream(protocol: Protocol, signal: AbortSignal): Promise<ByteStream> {
    const stream = await this.#connection.newStream([PROTOCOLS[protocol]], {
      signal,
      maxOutboundStreams: MAX_STREAMS_PER_PROTOCOL,
    })
    return new Libp2pByteStream(stream)
  }

  close(): void {
    this.#connection.close({ signal: AbortSignal.timeout(CLOSE_TIMEOUT_MS) }).catch((err: unknown) => {
      this.#connection.abort(err as Error)
    })
  }
}
