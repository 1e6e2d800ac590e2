/**
 * The state of a node, by role. What only a leader has exists only on a leader.
 *
 * S1 term never decreases; vote is given at most once per term.
 * S2 appliedIndex ≤ handedOutIndex ≤ min(commitIndex, durable) unless a snapshot is being installed (P9).
 * S3 base.index ≤ commitIndex ≤ lastIndex, and commitIndex never decreases.
 */
import type { RaftLog } from './log.ts'
import type { MembershipAt } from './membership-history.ts'
import type { Outbox } from './outbox.ts'
import type { Persistence } from './persistence.ts'
import type { Progress } from './progress.ts'
import type { ReadQueue } from './read-queue.ts'
import type { Settings } from './settings.ts'
import type { Entry, Index, NodeId, SnapshotMeta, SoftState, Term } from './types.ts'

export interface FollowerState {
  readonly role: 'follower'
  leader: NodeId | null
  /** Since the leader was heard, or a vote was given. */
  elapsedTicks: number
  timeoutTicks: number
}

export interface PreCandidateState {
  readonly role: 'pre-candidate'
  elapsedTicks: number
  readonly timeoutTicks: number
  readonly votes: Map<NodeId, boolean>
}

export interface CandidateState {
  readonly role: 'candidate'
  elapsedTicks: number
  readonly timeoutTicks: number
  readonly votes: Map<NodeId, boolean>
  /** The own vote counts once this operation is durable (P49). */
  readonly selfVoteSeq: number
}

export interface Transfer {
  readonly to: NodeId
  readonly context: number
  ticksLeft: number
  /** The target has been told to campaign since the last heartbeat. */
  told: boolean
}

/** A node that is not in the membership any more and has still to learn it. */
export interface Leaving {
  /** Index of the membership entry without it. */
  readonly removalIndex: Index
  /** Counts from the commit of its removal. */
  ticksLeft: number
  /** An acknowledgement of this round or a later one proves that it knows of the commit; 0 while that cannot be known. */
  proofRound: number
}

export interface LeaderState {
  readonly role: 'leader'
  /** Index of the first entry of the own term: once committed, so is everything before. */
  readonly firstOwnIndex: Index
  /** Everybody replicated to, without this node, by id. */
  progress: Map<NodeId, Progress>
  readonly leaving: Map<NodeId, Leaving>
  readonly reads: ReadQueue
  transfer: Transfer | null
  heartbeatElapsedTicks: number
  /** Own uncommitted entries: bytes of each, oldest first, from `uncommittedHead`. */
  uncommitted: number[]
  uncommittedHead: number
  uncommittedFrom: Index
  uncommittedBytes: number
  /** Something may have to be sent. */
  dirty: boolean
}

export interface HaltedState {
  readonly role: 'halted'
  readonly reason: string
}

export type RoleState = FollowerState | PreCandidateState | CandidateState | LeaderState | HaltedState

export interface ApplyState {
  appliedIndex: Index
  /** Last entry given to the state machine. */
  handedOutIndex: Index
  outstandingBytes: number
  /** What was handed out and not reported: last index and bytes of each batch, oldest first. */
  readonly outstanding: { readonly lastIndex: Index; readonly bytes: number }[]
  /** Entries read from disk, to be handed out next. */
  staged: readonly Entry[]
  loadRequest: number
}

export interface LoadRequest {
  readonly from: Index
  readonly to: Index
  /** Null: for apply. */
  readonly node: NodeId | null
}

/** Why this node gives no vote, and what ends it. */
export interface Suspension {
  /** The start knew of it. */
  readonly isSinceStart: boolean
  /** Proof of being up to date: once this is durable under this term, the suspension ends. */
  goal: { readonly term: Term; readonly index: Index } | null
}

export type SnapshotReceipt =
  | { readonly kind: 'receiving'; readonly from: NodeId; readonly snapshot: SnapshotMeta }
  /** Complete; its installation waits for reads from the log that it would overtake. */
  | { readonly kind: 'received'; readonly from: NodeId; readonly snapshot: SnapshotMeta }
  /** The switch is being written as operation `seq`. */
  | { readonly kind: 'installing'; readonly snapshot: SnapshotMeta; readonly seq: number }
  /** The switch is durable; the state machine has been told. */
  | { readonly kind: 'restoring'; readonly snapshot: SnapshotMeta }

export interface Core {
  readonly id: NodeId
  readonly settings: Settings
  readonly log: RaftLog
  readonly persistence: Persistence
  readonly outbox: Outbox
  /** Ticks since the start. */
  now: number
  term: Term
  vote: NodeId | null
  role: RoleState
  commitIndex: Index
  readonly apply: ApplyState
  readonly loads: Map<number, LoadRequest>
  nextLoad: number
  suspension: Suspension | null
  receipt: SnapshotReceipt | null
  /** A transfer that made this node step down; it ends when the new leader is known. */
  handover: { readonly context: number; ticksLeft: number } | null
  emittedSoft: SoftState
  emittedMembership: MembershipAt | null
}

/** Who leads in the present term, as far as this node knows. */
export function leaderOf(core: Core): NodeId | null {
  switch (core.role.role) {
    case 'follower':
      return core.role.leader
    case 'leader':
      return core.id
    case 'pre-candidate':
    case 'candidate':
    case 'halted':
      return null
  }
}

/** Whether log and state are about to be replaced by a snapshot: nothing is applied, and this node does not campaign. */
export function isInstalling(core: Core): boolean {
  return core.receipt !== null && core.receipt.kind !== 'receiving'
}

/** Voters of the membership in force; none before the first. */
export function votersOf(core: Core): readonly NodeId[] {
  return core.log.memberships.current?.membership.voters ?? NO_NODES
}

const NO_NODES: readonly NodeId[] = Object.freeze([])

export function drop(
  core: Core,
  context: number,
  reason: 'not-leader' | 'busy' | 'refused' | 'halted',
  detail: string,
): void {
  core.outbox.dropped({ context, reason, leader: leaderOf(core), detail })
}
