/** A running peer as its API and command line see it: consensus, pin tracker and IPFS behind one door. */
import type { CID } from 'multiformats/cid'

import type {
  ClusterStatus,
  Committed,
  ConsensusEvents,
  Emitter,
  PinOutcome,
  PinsetView,
  UnpinOutcome,
} from './consensus.ts'
import type { AddedEntry, AddEntry, AddOptions, IpfsIdentity } from './ipfs-connector.ts'
import type { AbortOptions, ReadOptions, WriteOptions } from './options.ts'
import type { MultiaddrText, PeerId } from './peer.ts'
import type { PinOptions, PinRequest } from './pin.ts'
import type { GlobalPinInfo, PinStatus } from './status.ts'

export interface PeerInfo {
  readonly id: PeerId
  readonly name: string
  readonly addresses: readonly MultiaddrText[]
  readonly version: string
  readonly rpcProtocol: string
  readonly clusterPeers: readonly PeerId[]
  readonly clusterPeersAddresses: readonly MultiaddrText[]
  /** Null when the IPFS node did not answer; then `ipfsError` says why. */
  readonly ipfs: IpfsIdentity | null
  readonly ipfsError: string
  /** Why this peer could not be asked; empty otherwise. */
  readonly error: string
}

export interface StatusFilter extends ReadOptions {
  /** Ask only this peer. */
  readonly local?: boolean
  /** Only pins that have one of these statuses on at least one peer. */
  readonly statuses?: readonly PinStatus[]
  readonly cids?: readonly CID[]
}

/** A peer of a running cluster. Methods validate what they are given and throw `InvalidRequestError` before anything is proposed. */
export interface Cluster {
  readonly events: Emitter<ConsensusEvents>
  version(): string
  id(options?: AbortOptions): Promise<PeerInfo>
  /** Every member, asked in parallel; one that does not answer is listed with its error. */
  peers(options?: AbortOptions): AsyncIterable<PeerInfo>
  addPeer(address: MultiaddrText, options?: AbortOptions): Promise<PeerInfo>
  rmPeer(peerId: PeerId, options?: AbortOptions): Promise<void>
  /** A token with which `pinset init --join` makes a peer of this cluster. */
  invite(): string

  /** Refuses options that `pin` refuses for every CID, so that nothing is uploaded in vain. @throws {InvalidRequestError} */
  checkPinOptions(options: PinOptions): void
  pin(request: PinRequest, options?: WriteOptions): Promise<Committed<PinOutcome>>
  unpin(cid: CID, options?: WriteOptions): Promise<Committed<UnpinOutcome>>
  state(options?: ReadOptions): Promise<PinsetView>
  status(cid: CID, options?: ReadOptions & { readonly local?: boolean }): Promise<GlobalPinInfo>
  statusAll(filter?: StatusFilter): AsyncIterable<GlobalPinInfo>
  recover(cid: CID, options?: AbortOptions & { readonly local?: boolean }): Promise<GlobalPinInfo>

  /** Import content into the IPFS node of this peer; nothing is pinned by this alone. */
  add(entries: AsyncIterable<AddEntry>, options?: AddOptions): AsyncIterable<AddedEntry>
  cat(cid: CID, options?: AbortOptions & { readonly path?: string }): AsyncIterable<Uint8Array>

  clusterStatus(): ClusterStatus
  /** Resolves once the peer has a leader and has applied what was committed. */
  ready(options?: AbortOptions): Promise<void>
}
