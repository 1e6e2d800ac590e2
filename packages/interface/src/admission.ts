/** Who this peer is to others, and whom it lets in. */
import type { AbortOptions } from './options.ts'
import type { MultiaddrText, PeerId } from './peer.ts'

/** What every stream opens with, besides the protocol version. */
export interface StreamIdentity {
  /** Hex; null while this peer belongs to no cluster yet. */
  readonly clusterId: string | null
  /** 1 at init; raised when a cluster is recovered without its quorum. */
  readonly epoch: number
  readonly storageId: string
}

export type AdmissionAnswer = { readonly kind: 'admitted' } | { readonly kind: 'refused'; readonly reason: string }

/** Asked by the transport for every stream; answers from the newest membership of the own log. */
export interface Admission {
  /** The own identity, now. */
  identity(): StreamIdentity
  /** May this authenticated peer, with this storage id, open Raft and snapshot streams? May ask other members. */
  admit(peer: PeerId, storageId: string, options?: AbortOptions): Promise<AdmissionAnswer>
  /** Is this peer in the newest membership of the own log (committed or not)? Decides RPC methods with the policy `member`. */
  isMember(peer: PeerId): boolean
}

/** A peer to stay connected to. */
export interface PeerAddresses {
  readonly peerId: PeerId
  readonly addresses: readonly MultiaddrText[]
}

/** Keeps connections: dials with a back-off that never gives up. */
export interface Dialer {
  /** The peers to keep connections to, the own one excluded; replaces what was set before. */
  setPeers(peers: readonly PeerAddresses[]): void
  /** Milliseconds since the last authenticated frame from this peer; null when none has come in this process. */
  sinceHeardMs(peer: PeerId): number | null
  /** Addresses at which this peer listens, each with `/p2p/<peerId>`. */
  listenAddresses(): readonly MultiaddrText[]
}
