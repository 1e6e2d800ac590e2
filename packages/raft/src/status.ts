/** What a node says of itself; a copy, for logs, metrics and tests. */
import { isActive } from './sending.ts'
import { leaderOf, type Core } from './state.ts'
import type { EntryId, Index, LogBase, NodeId, RaftMembership, Role, Term } from './types.ts'

export interface ProgressStatus {
  readonly id: NodeId
  readonly state: 'probe' | 'replicate' | 'snapshot'
  readonly matchIndex: Index
  readonly nextIndex: Index
  /** Messages with entries on their way. */
  readonly inflight: number
  readonly inflightBytes: number
  /** Nothing but heartbeats goes out at present. */
  readonly paused: boolean
  /** An answer came within an election timeout. */
  readonly recentActive: boolean
  /** Index of the snapshot on its way; null when none is. */
  readonly pendingSnapshot: Index | null
  /** Not in the membership any more; has still to learn it. */
  readonly leaving: boolean
}

export interface RaftStatus {
  readonly id: NodeId
  readonly role: Role
  readonly term: Term
  readonly vote: NodeId | null
  readonly leader: NodeId | null
  readonly commitIndex: Index
  readonly appliedIndex: Index
  readonly durableIndex: Index
  readonly lastId: EntryId
  readonly base: LogBase
  /** The newest in the log; null before the first. */
  readonly membership: {
    readonly index: Index
    readonly membership: RaftMembership
    readonly data: Uint8Array
    readonly committed: boolean
  } | null
  /** No campaign and no vote until a leader has brought this node up to date; the durable mark may go when this turns false. */
  readonly votingSuspended: boolean
  /** A snapshot on its way into this node. */
  readonly receipt: {
    readonly kind: 'receiving' | 'received' | 'installing' | 'restoring'
    readonly index: Index
  } | null
  /** On a leader, by id; elsewhere empty. */
  readonly progress: readonly ProgressStatus[]
  readonly pendingReads: number
  readonly uncommittedBytes: number
  /** On a leader: who is to take over. */
  readonly transferTo: NodeId | null
  readonly cachedBytes: number
  /** Why this node takes no part any more; null while it does. */
  readonly halted: string | null
}

export function statusOf(core: Core): RaftStatus {
  const { role, log, receipt } = core
  const leader = role.role === 'leader' ? role : null
  const current = log.memberships.current
  return {
    id: core.id,
    role: role.role,
    term: core.term,
    vote: core.vote,
    leader: leaderOf(core),
    commitIndex: core.commitIndex,
    appliedIndex: core.apply.appliedIndex,
    durableIndex: core.persistence.durableIndex,
    lastId: log.lastId,
    base: log.base,
    membership: current === null ? null : { ...current, committed: current.index <= core.commitIndex },
    votingSuspended: core.suspension !== null,
    receipt: receipt === null ? null : { kind: receipt.kind, index: receipt.snapshot.index },
    progress: leader === null ? [] : progressOf(core),
    pendingReads: leader?.reads.pending ?? 0,
    uncommittedBytes: leader?.uncommittedBytes ?? 0,
    transferTo: leader?.transfer?.to ?? null,
    cachedBytes: log.cachedBytes,
    halted: role.role === 'halted' ? role.reason : null,
  }
}

function progressOf(core: Core): readonly ProgressStatus[] {
  const { role } = core
  if (role.role !== 'leader') return []
  return [...role.progress.values()].map((progress) => ({
    id: progress.id,
    state: progress.flow.kind,
    matchIndex: progress.matchIndex,
    nextIndex: progress.nextIndex,
    inflight: progress.inflights.count,
    inflightBytes: progress.inflights.bytes,
    paused: progress.paused,
    recentActive: progress.heardTick >= 0 && isActive(core, progress),
    pendingSnapshot: progress.flow.kind === 'snapshot' && progress.flow.index > 0 ? progress.flow.index : null,
    leaving: role.leaving.has(progress.id),
  }))
}
