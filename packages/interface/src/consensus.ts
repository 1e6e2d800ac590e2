/** The replicated pinset as the rest of a peer sees it. */
import type { CID } from 'multiformats/cid'

import type { AbortOptions, ReadOptions, Startable, WriteOptions } from './options.ts'
import type { MembershipAt, MultiaddrText, PeerId, Suffrage } from './peer.ts'
import type { Pin, PinRecord, PinRequest } from './pin.ts'

/** An operation did not take effect because the pin was changed in between. */
export interface ConflictOutcome {
  readonly kind: 'conflict'
  /** The pin's index now; 0 when it is absent. */
  readonly modifiedIndex: number
}

/** The idempotency key is too old to tell whether it was used before; nothing was done. */
export interface ExpiredOutcome {
  readonly kind: 'expired'
}

export type PinOutcome =
  | { readonly kind: 'pinned'; readonly pin: Pin; readonly modifiedIndex: number; readonly changed: boolean }
  | { readonly kind: 'refused'; readonly reason: string }
  | ConflictOutcome
  | ExpiredOutcome

export type UnpinOutcome =
  | { readonly kind: 'unpinned'; readonly pin: Pin }
  | { readonly kind: 'not-pinned' }
  | { readonly kind: 'refused'; readonly reason: string }
  | ConflictOutcome
  | ExpiredOutcome

/** What became of a write that is certainly in the log. */
export interface Committed<Outcome> {
  readonly outcome: Outcome
  /** Log index at which the outcome was decided; reads with `minRevision` of this see it. */
  readonly revision: number
  /** False when the write is committed but this peer had not applied it before the deadline. */
  readonly appliedHere: boolean
}

/** A read-only view of the pinset at one revision, from one database snapshot. Close it. */
export interface PinsetView extends AsyncDisposable {
  readonly revision: number
  get(cid: CID, options?: AbortOptions): Promise<PinRecord | undefined>
  /** Pins in the order of their CID bytes, after `after` when given. */
  pins(options?: AbortOptions & { readonly after?: CID; readonly limit?: number }): AsyncIterable<PinRecord>
  close(): Promise<void>
}

export type PeerRelation =
  /** In the newest membership of the own log. */
  | 'member'
  /** Was a member and has learned that it no longer is. */
  | 'removed'
  /** Has no membership yet: waits to be admitted, or for the first snapshot or entries. */
  | 'joining'

export type ConsensusRole = 'follower' | 'pre-candidate' | 'candidate' | 'leader' | 'learner' | 'halted'

export interface MemberStatus {
  readonly peerId: PeerId
  readonly name: string
  readonly suffrage: Suffrage
  readonly wanted: Suffrage
  readonly addresses: readonly MultiaddrText[]
  /** An authenticated message came from this peer within two election timeouts; true for the own peer. */
  readonly reachable: boolean
  /** Highest log index known to be durable on that peer; null except on the leader. */
  readonly matchIndex: number | null
}

/** The state of consensus as this peer sees it, from memory. */
export interface ClusterStatus {
  /** Hex; null before this peer belongs to a cluster. */
  readonly clusterId: string | null
  readonly epoch: number
  readonly peerId: PeerId
  readonly relation: PeerRelation
  readonly role: ConsensusRole
  readonly leader: PeerId | null
  readonly term: number
  readonly commitIndex: number
  readonly appliedIndex: number
  /** Hash-chain head at `appliedIndex`, hex. */
  readonly head: string
  /** Digest of the state at `appliedIndex`, hex. */
  readonly stateDigest: string
  readonly membershipIndex: number
  /** The newest membership in the log is not committed yet. */
  readonly pending: boolean
  readonly members: readonly MemberStatus[]
  /** Counts of voters: needed for a decision; reachable now; how many of those may still be lost. */
  readonly quorum: { readonly size: number; readonly reachable: number; readonly tolerates: number }
  /** This peer gives no vote, and does not lead, until a leader has brought it up to date: it may have lost what it had promised. */
  readonly votingSuspended: boolean
  /** Why this peer is halted, or has stopped applying; null while it is neither. */
  readonly haltedReason: string | null
}

export interface ConsensusEvents {
  'leader:change': { readonly leader: PeerId | null; readonly term: number }
  'membership:change': MembershipAt
  /** Pins changed by one applied batch, in log order; a hint for the pin tracker, never the only source. */
  'pin:apply': { readonly revision: number; readonly pinned: readonly Pin[]; readonly unpinned: readonly CID[] }
  /** The whole state was replaced by a snapshot at this revision. */
  'snapshot:install': { readonly revision: number }
  'status:change': ClusterStatus
}

/** Typed listeners, called synchronously after the state they speak of is readable; a listener must not throw. */
export interface Emitter<Events> {
  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): () => void
}

/** The replicated pinset. Every method works on any peer: writes take one hop to the leader. */
export interface Consensus extends Startable {
  readonly events: Emitter<ConsensusEvents>

  /**
   * Record a pin in the replicated pinset; resolves once it is applied on this peer, or committed and not applied here in time
   * (`appliedHere` false). Idempotent: an equal pin changes nothing.
   *
   * @param request - validated; the leader adds allocations and time.
   * @param options.signal - stops the waiting, not the operation, which may still be committed.
   * @throws {NoLeaderError} no leader within the wait limit; nothing was proposed.
   * @throws {OverloadedError} too many writes wait, here or on the leader; nothing was proposed.
   * @throws {InvalidRequestError} it cannot be recorded as it stands; nothing was proposed.
   * @throws {RefusedError} this peer was removed; nothing was proposed.
   * @throws {CommitOutcomeUnknownError} proposed, fate not known; repeat with the same idempotency key.
   */
  logPin(request: PinRequest, options?: WriteOptions): Promise<Committed<PinOutcome>>
  /** Remove a pin from the replicated pinset; errors as `logPin`. */
  logUnpin(cid: CID, options?: WriteOptions): Promise<Committed<UnpinOutcome>>
  /**
   * Admit the peer that answers at this address, as a learner that becomes a voter once it has caught up. Safe to repeat.
   *
   * @throws {PeerUnreachableError} nobody answers there.
   * @throws {InvalidRequestError} another peer answers there.
   * @throws {RefusedError} it belongs to another cluster, or was wiped and must be removed first.
   * @throws {NoLeaderError} {CommitOutcomeUnknownError} as `logPin`.
   */
  addPeer(
    address: MultiaddrText,
    options?: AbortOptions,
  ): Promise<{ readonly peerId: PeerId; readonly revision: number }>
  /**
   * Remove a peer from the membership; resolves once that is committed.
   *
   * @throws {NotFoundError} it is no member.
   * @throws {RefusedError} it is the last voter.
   * @throws {NoLeaderError} {CommitOutcomeUnknownError} as `logPin`.
   */
  rmPeer(peerId: PeerId, options?: AbortOptions): Promise<{ readonly revision: number }>
  /**
   * Hand leadership to this voter, or to the most caught-up one; resolves with whoever leads then.
   *
   * @throws {RefusedError} it is no voter, or did not take over within an election timeout; the old leader goes on.
   */
  transferLeadership(to: PeerId | null, options?: AbortOptions): Promise<{ readonly leader: PeerId }>

  leader(): PeerId | null
  /** Resolves once this peer is a member, knows a leader, and has applied what was committed when it asked. */
  ready(options?: AbortOptions): Promise<void>
  /**
   * A view of the pinset, as fresh as the options ask. The caller closes it.
   *
   * @throws {RevisionTimeoutError} this peer did not reach the revision in time.
   * @throws {NoLeaderError} `linearizable`, and no leader has confirmed the read in time.
   * @throws {OverloadedError} too many views are open.
   */
  state(options?: ReadOptions): Promise<PinsetView>
  /** Resolves once this peer has applied everything committed before the call; returns the revision. Errors as `state`. */
  waitForSync(options?: AbortOptions): Promise<number>
  peers(): MembershipAt
  status(): ClusterStatus
}
