/** Who takes part: identities of peers and the replicated membership. */

/** A libp2p peer id in its canonical text form (`12D3Koo…`). Made only by `parsePeerId` of a package that owns libp2p, or by a codec. */
export type PeerId = string & { readonly __brand: 'PeerId' }

/** Text form of a multiaddr, validated where it entered the process. */
export type MultiaddrText = string

/** A voter is counted in quorums; a learner receives the log and is never counted. */
export type Suffrage = 'voter' | 'learner'

/** One peer as the replicated membership knows it. */
export interface Member {
  readonly peerId: PeerId
  /** Random id made with the peer's database; a wiped peer comes back with another one and counts for nothing until admitted again. */
  readonly storageId: string
  /** Human-readable, not unique. */
  readonly name: string
  /** Cluster addresses, each ending in `/p2p/<peerId>`. */
  readonly addresses: readonly MultiaddrText[]
  readonly suffrage: Suffrage
  /** What this peer is meant to be; the leader proposes the step from `suffrage` to here when it is safe. */
  readonly wanted: Suffrage
  /** Highest operation version that this peer can apply, ≥ 1. */
  readonly supportedVersion: number
}

/** The whole peerset. Members are ordered by `peerId`, each at most once. */
export interface Membership {
  readonly members: readonly Member[]
}

/** A membership with the log index of the entry that holds it; index 0 means that no entry is known yet. */
export interface MembershipAt {
  readonly index: number
  readonly membership: Membership
}
