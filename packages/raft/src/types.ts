/**
 * The words of the algorithm: entries, messages, inputs and effects. Plain data; nothing here has behaviour.
 *
 * What leaves the core is never touched again, and what enters it must not be changed by its sender.
 */

/** A participant. Ordered by code units. Outside this package it is a peer. */
export type NodeId = string
/** Safe integer, ≥ 0. */
export type Term = number
/** Position in the log, safe integer, ≥ 1 for entries; 0 means "before the first". */
export type Index = number

export interface EntryId {
  readonly term: Term
  readonly index: Index
}

/** `noop` opens a term; `operations` belongs to the state machine; `membership` holds a whole membership. */
export type EntryKind = 'noop' | 'operations' | 'membership'

export interface Entry extends EntryId {
  readonly kind: EntryKind
  /** Opaque here. Never changed after creation. */
  readonly data: Uint8Array
}

/** Written as one record, durable before any promise that rests on it leaves this node. */
export interface HardState {
  readonly term: Term
  readonly vote: NodeId | null
}

/** Who is counted (voters) and who only receives (learners). Sorted, disjoint. */
export interface RaftMembership {
  readonly voters: readonly NodeId[]
  readonly learners: readonly NodeId[]
}

/** The log before its first entry: the last compacted entry and the membership in force there. */
export interface LogBase extends EntryId {
  /** Data of the membership entry in force at `index`; empty when there was none. */
  readonly membership: Uint8Array
  /** Its index, ≤ `index`; 0 when there was none. */
  readonly membershipIndex: Index
}

/** A state at an index, complete enough to replace log and state of a node that is behind. */
export interface SnapshotMeta extends LogBase {
  /** Unique per opened snapshot; a broken transfer is resumed by it. */
  readonly id: string
}

// ---- messages ----

interface MessageBase {
  readonly from: NodeId
  readonly to: NodeId
  /** The sender's term; for `preVote` the term that it would campaign in. */
  readonly term: Term
}

export interface AppendEntries extends MessageBase {
  readonly kind: 'appendEntries'
  /** The entry before `entries`. */
  readonly prev: EntryId
  readonly entries: readonly Entry[]
  readonly commitIndex: Index
  /** Newest read round of the leader; acknowledged in the response. */
  readonly readRound: number
}

export interface AppendEntriesResponse extends MessageBase {
  readonly kind: 'appendEntriesResponse'
  readonly readRound: number
  readonly outcome:
    | { readonly kind: 'accepted'; readonly matchIndex: Index }
    /** `hint` is the newest own entry that can match: index ≤ `rejectedIndex`, term ≤ the rejected one. */
    | { readonly kind: 'rejected'; readonly rejectedIndex: Index; readonly hint: EntryId }
}

export interface Heartbeat extends MessageBase {
  readonly kind: 'heartbeat'
  /** Never above what the receiver is known to match. */
  readonly commitIndex: Index
  readonly readRound: number
}

export interface HeartbeatResponse extends MessageBase {
  readonly kind: 'heartbeatResponse'
  readonly readRound: number
}

export interface RequestVote extends MessageBase {
  readonly kind: 'requestVote' | 'preVote'
  readonly last: EntryId
  /** Leadership is being handed over on purpose: do not hold on to the present leader. */
  readonly transfer: boolean
}

export interface RequestVoteResponse extends MessageBase {
  readonly kind: 'requestVoteResponse' | 'preVoteResponse'
  readonly granted: boolean
}

export interface InstallSnapshot extends MessageBase {
  readonly kind: 'installSnapshot'
  readonly snapshot: SnapshotMeta
}

export interface TimeoutNow extends MessageBase {
  readonly kind: 'timeoutNow'
  /** Campaign only with at least this log. */
  readonly last: EntryId
}

/** All but `installSnapshot` travel on the Raft stream; that one opens a snapshot stream. */
export type Message =
  | AppendEntries
  | AppendEntriesResponse
  | Heartbeat
  | HeartbeatResponse
  | RequestVote
  | RequestVoteResponse
  | InstallSnapshot
  | TimeoutNow

// ---- inputs ----

export type Input =
  /** `passive`: this node is told to be out of the membership; time passes for it, but it begins no campaign. */
  | { readonly kind: 'tick'; readonly passive?: boolean }
  | { readonly kind: 'message'; readonly message: Message }
  /** Append one entry. `context` comes back in `accepted` or `dropped`. */
  | { readonly kind: 'propose'; readonly data: Uint8Array; readonly context: number }
  /** Append a membership entry. Refused unless the newest membership is at `expectedIndex`, committed, and an entry of the own term is. */
  | {
      readonly kind: 'proposeMembership'
      readonly data: Uint8Array
      readonly expectedIndex: Index
      readonly context: number
    }
  | { readonly kind: 'readIndex'; readonly context: number }
  /** Hand leadership over; null means to the most caught-up voter. */
  | { readonly kind: 'transfer'; readonly to: NodeId | null; readonly context: number }
  | { readonly kind: 'campaign' }
  /** Every persist operation with a number ≤ `seq` is durable. */
  | { readonly kind: 'persisted'; readonly seq: number }
  /** A write or sync failed. Terminal: the core halts. */
  | { readonly kind: 'persistFailed' }
  /** The state machine has applied up to here. */
  | { readonly kind: 'applied'; readonly index: Index }
  /** The state is durable at or beyond `index`: the log may be dropped up to there. */
  | { readonly kind: 'compact'; readonly index: Index }
  /**
   * What a load has found, from its `from` on; unusable entries are ignored and asked for again.
   *
   * While a load is under way the core emits no operation that removes anything in its range, so that every load must be answered.
   */
  | { readonly kind: 'entriesLoaded'; readonly request: number; readonly entries: readonly Entry[] }
  /**
   * A snapshot of the state was opened for this follower, at an index ≤ applied.
   *
   * The next Ready has an `installSnapshot` for it; or none, when it is of no use any more: then it is to be closed.
   */
  | { readonly kind: 'snapshotOpened'; readonly to: NodeId; readonly snapshot: SnapshotMeta }
  /**
   * The transfer has ended; `received` when the follower has said that it holds all of it.
   *
   * Due for every `snapshotsNeeded`, also when no snapshot could be opened or the follower refused it (`received` false).
   */
  | { readonly kind: 'snapshotSent'; readonly to: NodeId; readonly received: boolean }
  /** A snapshot was received whole, verified and made durable beside the state in use. */
  | { readonly kind: 'snapshotReceived'; readonly snapshot: SnapshotMeta }
  | { readonly kind: 'snapshotReceiveFailed'; readonly snapshot: SnapshotMeta }
  /** Messages to this node were lost. */
  | { readonly kind: 'unreachable'; readonly node: NodeId }

// ---- effects ----

/** One step of the ordered, durable write stream. Carried out in `seq` order, each atomically, and acknowledged cumulatively. */
export interface PersistOp {
  readonly seq: number
  readonly hardState?: HardState
  /** Delete this index and all above, before `entries` are written. Always above the commit index. */
  readonly truncateFrom?: Index
  /** Contiguous, directly after what is then last. */
  readonly entries?: readonly Entry[]
  /** Drop the log up to and including this entry. */
  readonly compact?: LogBase
  /**
   * Switch to the received snapshot: it becomes the base of the log, which becomes empty, unless `keepEntries`: then what
   * comes after the snapshot stays. Like `compact`, in an operation of its own.
   */
  readonly installSnapshot?: { readonly snapshot: SnapshotMeta; readonly keepEntries: boolean }
}

export type DropReason =
  /** This node does not lead; `leader` says who does, when known. Nothing was appended. */
  | 'not-leader'
  /** A limit on uncommitted bytes, or a transfer in progress. Nothing was appended. */
  | 'busy'
  /** The membership change is not allowed now. Nothing was appended. */
  | 'refused'
  | 'halted'

export interface Ready {
  /** Write these, in order, in one batch with one sync with others that wait. */
  readonly persist: readonly PersistOp[]
  /** Send at once. */
  readonly send: readonly Message[]
  /** Send once everything up to `seq` is durable; discard when the node stops before. Order per receiver is kept. */
  readonly sendAfter: readonly { readonly seq: number; readonly message: Message }[]
  /** Committed and durable here; contiguous after what was handed out before. */
  readonly apply: readonly Entry[]
  /** The state was switched (its persist operation is durable): open it, then report `applied`. Never together with `apply`. */
  readonly restore: SnapshotMeta | null
  /** Proposals that got a place in the log. Not yet committed. */
  readonly accepted: readonly { readonly context: number; readonly id: EntryId }[]
  /** Proposals, reads and transfers that came to nothing; certainly without effect. */
  readonly dropped: readonly {
    readonly context: number
    readonly reason: DropReason
    readonly leader: NodeId | null
    readonly detail: string
  }[]
  /** Reads that may be answered once `index` is applied. */
  readonly reads: readonly { readonly context: number; readonly index: Index }[]
  /** Transfers that ended: this node no longer leads and `leader` does, or the time was up. */
  readonly transferred: readonly { readonly context: number; readonly leader: NodeId | null }[]
  /** Entries to read from the log, answered by `entriesLoaded` with at least one entry. At most one request at a time per purpose. */
  readonly loads: readonly {
    readonly request: number
    readonly from: Index
    readonly to: Index
    readonly maxBytes: number
  }[]
  /** These followers need a snapshot: open one, report `snapshotOpened`, send `installSnapshot` with the answer of the core. */
  readonly snapshotsNeeded: readonly { readonly to: NodeId }[]
  /** Receive this snapshot, from this node, in place of an earlier one; refuse an `installSnapshot` without it. Report `snapshotReceived` or `snapshotReceiveFailed`. */
  readonly receive: { readonly from: NodeId; readonly snapshot: SnapshotMeta } | null
  /** Present when role, term or leader changed. */
  readonly soft: SoftState | null
  /** Present when the newest membership in the log changed. */
  readonly membership: {
    readonly index: Index
    readonly membership: RaftMembership
    readonly data: Uint8Array
    /** Those below it from the one in force at the log's base on, ascending, for several may have come at once; absent: none. */
    readonly before?: readonly { readonly index: Index; readonly data: Uint8Array }[]
  } | null
}

/** `pre-candidate` asks whether it could win; `halted` has failed to write and takes no part any more. */
export type Role = 'follower' | 'pre-candidate' | 'candidate' | 'leader' | 'halted'

export interface SoftState {
  readonly role: Role
  readonly term: Term
  readonly leader: NodeId | null
}

// ---- settings and start ----

export interface RaftInit {
  readonly id: NodeId
  /** Election timeout in ticks; the real one is drawn from [electionTicks, 2 × electionTicks). @default 20 */
  readonly electionTicks?: number
  /** @default 2 */
  readonly heartbeatTicks?: number
  /** Entries per message. @default 1024 */
  readonly maxEntriesPerMessage?: number
  /** Bytes of entries per message; one larger entry travels alone. @default 262144 */
  readonly maxBytesPerMessage?: number
  /** Unacknowledged messages per follower. @default 64 */
  readonly maxInflightMessages?: number
  /** Unacknowledged bytes per follower. @default 4194304 */
  readonly maxInflightBytes?: number
  /** Bytes of own entries that may wait for their commit before proposals are dropped as `busy`. @default 16777216 */
  readonly maxUncommittedBytes?: number
  /** Bytes handed out for apply and not yet reported as applied. @default 8388608 */
  readonly maxApplyingBytes?: number
  /** Bytes of recent entries kept in memory. @default 16777216 */
  readonly maxCachedBytes?: number
  /** Reads that may wait for a quorum. @default 65536 */
  readonly maxPendingReads?: number
  /** Uniform in [0, 1); the only source of chance. */
  readonly random: () => number
  /** Reads the voters and learners out of a membership entry; throws when the bytes are not one. */
  readonly decodeMembership: (data: Uint8Array) => RaftMembership
}

/** What was durable when the node started. */
export interface RaftBoot {
  readonly hardState: HardState
  /** The base of the log: what was compacted, or received as a snapshot. */
  readonly base: LogBase
  /** Where terms change in the log: ascending, contiguous over [base.index + 1, lastIndex]. */
  readonly termRuns: readonly EntryId[]
  readonly lastIndex: Index
  /** All membership entries of the log, ascending. */
  readonly memberships: readonly { readonly index: Index; readonly data: Uint8Array }[]
  /** What the state machine holds, base.index ≤ applied ≤ lastIndex. */
  readonly appliedIndex: Index
  /** A write or sync had failed, or damage was found: do not campaign and grant no vote until a leader has brought this node up to date. */
  readonly votingSuspended: boolean
}
