/**
 * The transport of one peer: Raft messages, snapshots, RPC and the dialler, over any network.
 *
 * T1 No Raft or snapshot stream is let in before the handler is installed; after `stop` nothing reaches it.
 */
import type {
  Admission,
  AbortOptions,
  Dialer,
  Logger,
  MultiaddrText,
  PeerAddresses,
  PeerId,
  Rpc,
  RpcHandler,
  RpcMethod,
} from '@pinset/interface'
import { StoppedError } from '@pinset/interface'
import { invariant } from '@pinset/raft'
import type { InstallSnapshot, RaftTransport, RaftTransportHandler, SnapshotSendResult } from '@pinset/raft'

import type { StreamedMessage } from './codec/raft-codec.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import type { TransportLimits } from './limits.ts'
import { Links } from './links.ts'
import type { ByteStream, Link, Network, Protocol } from './network/network.ts'
import { NoticeLog } from './notice-log.ts'
import { RaftStreams } from './raft/raft-streams.ts'
import type { ProtocolContext } from './protocol-context.ts'
import { RpcCalls } from './rpc/rpc-calls.ts'
import { RpcServer } from './rpc/rpc-server.ts'
import { SnapshotReceiver } from './snapshot/snapshot-receiver.ts'
import { sendSnapshot } from './snapshot/snapshot-sender.ts'

/** One peer's way to the others. */
export interface Transport extends RaftTransport, Rpc, Dialer {
  readonly peerId: PeerId
  /** Listen and dial. The Raft handler and RPC methods may come later; until then what needs them is refused. @throws {InvalidRequestError} a listen address is not usable. */
  start(): Promise<void>
  /** Close everything. Idempotent; a stopped transport is not started again. */
  stop(): Promise<void>
}

export interface NetworkTransportInit {
  readonly electionTimeoutMs: number
  readonly release: string
  readonly limits?: Partial<TransportLimits>
  readonly random?: () => number
}

export class NetworkTransport implements Transport {
  readonly peerId: PeerId
  readonly #network: Network
  readonly #links: Links
  readonly #context: ProtocolContext
  readonly #server: RpcServer
  readonly #calls: RpcCalls
  readonly #stopping = new AbortController()
  #raft: RaftStreams | null = null
  #snapshots: SnapshotReceiver | null = null
  #started = false
  #stopped: Promise<void> | null = null

  constructor(
    components: { readonly network: Network; readonly admission: Admission; readonly logger: Logger },
    init: NetworkTransportInit,
  ) {
    const { network, admission, logger } = components
    this.peerId = network.localPeer
    this.#network = network
    const limits = { ...DEFAULT_LIMITS, ...init.limits }
    const notices = new NoticeLog(logger)
    const isMember = (peer: PeerId): boolean => admission.isMember(peer)
    this.#links = new Links({ network, isMember, logger, notices, limits, random: init.random ?? Math.random })
    const { electionTimeoutMs, release } = init
    const own = {
      localPeer: network.localPeer,
      admission,
      logger,
      release,
      electionTimeoutMs,
      stopping: this.#stopping.signal,
    }
    this.#context = { ...own, links: this.#links, limits, notices }
    this.#server = new RpcServer(this.#context)
    this.#calls = new RpcCalls(this.#context, this.#server)
    this.#links.onChange((peer, link) => {
      this.#raft?.linkChanged(peer, link)
      this.#calls.linkChanged(peer, link)
    })
  }

  setHandler(handler: RaftTransportHandler): void {
    invariant(this.#raft === null, 'T1 the Raft handler is set once')
    this.#raft = new RaftStreams(this.#context, handler)
    this.#snapshots = new SnapshotReceiver(this.#context, (message) => handler.onSnapshot(message))
    if (this.#started && this.#stopped === null) this.#raft.start()
  }

  async start(): Promise<void> {
    invariant(!this.#started && this.#stopped === null, 'T1 a transport is started once')
    this.#started = true
    await this.#network.start({
      onLink: (link) => this.#links.opened(link),
      onLinkClosed: (link) => this.#links.closed(link),
      onStream: (protocol, stream, link) => this.#accept(protocol, stream, link),
    })
    this.#raft?.start()
    this.#links.start()
  }

  async stop(): Promise<void> {
    this.#stopped ??= this.#stop()
    await this.#stopped
  }

  async #stop(): Promise<void> {
    this.#stopping.abort(new StoppedError('the transport has stopped'))
    this.#raft?.stop()
    this.#snapshots?.stop()
    this.#calls.stop()
    this.#server.stop()
    this.#links.stop()
    if (this.#started) await this.#network.stop()
  }

  send(message: StreamedMessage): void {
    invariant(this.#raft !== null, 'T1 the Raft handler is set before a message is sent')
    this.#raft.send(message)
  }

  async sendSnapshot(
    message: InstallSnapshot,
    open: (resumeAfter: Uint8Array) => AsyncIterable<Uint8Array>,
    options: AbortOptions = {},
  ): Promise<SnapshotSendResult> {
    return await sendSnapshot(this.#context, message, open, options.signal)
  }

  async call<Request, Response>(
    peer: PeerId,
    method: RpcMethod<Request, Response>,
    request: Request,
    options: AbortOptions = {},
  ): Promise<Response> {
    return await this.#calls.call(peer, method, request, () => this.#links.acquire(peer, 'now'), options.signal)
  }

  async callAddress<Request, Response>(
    address: MultiaddrText,
    method: RpcMethod<Request, Response>,
    request: Request,
    options: AbortOptions = {},
  ): Promise<Response> {
    const target = this.#network.parseAddress(address)
    return await this.#calls.call(
      target.peerId,
      method,
      request,
      () => this.#links.acquireAt(target.peerId, target.address),
      options.signal,
    )
  }

  handle<Request, Response>(method: RpcMethod<Request, Response>, handler: RpcHandler<Request, Response>): () => void {
    return this.#server.handle(method, handler)
  }

  setPeers(peers: readonly PeerAddresses[]): void {
    this.#links.setPeers(peers)
    this.#raft?.peersChanged(peers.map((peer) => peer.peerId).filter((peer) => peer !== this.peerId))
  }

  sinceHeardMs(peer: PeerId): number | null {
    return peer === this.peerId ? 0 : this.#links.sinceHeardMs(peer)
  }

  listenAddresses(): readonly MultiaddrText[] {
    return this.#network.listenAddresses()
  }

  #accept(protocol: Protocol, stream: ByteStream, link: Link): void {
    if (this.#stopping.signal.aborted) {
      stream.abort(new Error('the transport has stopped'))
      return
    }
    switch (protocol) {
      case 'rpc':
        this.#server.accept(stream, link)
        break
      case 'raft':
        if (this.#raft === null) stream.abort(new Error('this peer takes no part in Raft'))
        else this.#raft.accept(stream, link)
        break
      case 'snapshot':
        if (this.#snapshots === null) stream.abort(new Error('this peer takes no part in Raft'))
        else this.#snapshots.accept(stream, link)
    }
  }
}
