/**
 * Snapshots: the leader's transfer, the receiver's installation, and compaction.
 *
 * Z1 The log is not compacted above what is applied, nor above the index of an open transfer (P37).
 * Z2 A snapshot is received only when it is ahead of the commit index; log and state switch in one write (P36).
 * Z3 Entries after it are kept only when the log has the snapshot's own last entry (P34).
 * Z4 The state machine is told once the switch is durable, and nothing is applied from its beginning until then (P38).
 * Z5 At a committed index there is one term; a snapshot that says otherwise stops this node (P35).
 */
import { commitTo } from './commit.ts'
import { accept } from './follower.ts'
import { invariant } from './invariant.ts'
import { lowestLoading } from './loading.ts'
import { tryDecode } from './membership.ts'
import { snapshotToBase } from './log.ts'
import { becomeFollower } from './roles.ts'
import { isInstalling, leaderOf, type Core } from './state.ts'
import type { Index, InstallSnapshot, NodeId, RaftMembership, SnapshotMeta } from './types.ts'

/** Longest wait before a failed transfer is tried again, in election timeouts. */
const MAX_RETRY_ELECTION_TIMEOUTS = 8

/** A snapshot for `to` was opened; answered by an `installSnapshot` in the next Ready, or by nothing when it is of no use now. */
export function handleSnapshotOpened(core: Core, to: NodeId, snapshot: SnapshotMeta): void {
  const { role } = core
  if (role.role !== 'leader') return
  const progress = role.progress.get(to)
  if (progress?.flow.kind !== 'snapshot' || progress.flow.index !== 0) return
  invariant(
    snapshot.index <= core.apply.appliedIndex,
    () => `Z a snapshot at ${snapshot.index} holds what is applied, ${core.apply.appliedIndex}`,
  )
  if (!core.log.matches(snapshot)) {
    // The log was compacted meanwhile; it could not go on from there.
    progress.becomeProbe()
    role.dirty = true
    return
  }
  progress.becomeSnapshot(snapshot.index)
  core.outbox.send({ kind: 'installSnapshot', from: core.id, to, term: core.term, snapshot })
}

/** The transfer, or the attempt to open a snapshot, has ended. */
export function handleSnapshotSent(core: Core, to: NodeId, received: boolean): void {
  const { role } = core
  if (role.role !== 'leader') return
  const progress = role.progress.get(to)
  if (progress?.flow.kind !== 'snapshot') return
  const { electionTicks } = core.settings
  if (received && progress.flow.index > 0) {
    // It says so itself once the switch is durable; until then the next heartbeat it answers tells.
    progress.snapshotFailures = 0
    progress.snapshotRetryTick = core.now + electionTicks
    progress.becomeProbe(progress.flow.index + 1, true)
    return
  }
  progress.snapshotFailures += 1
  progress.snapshotRetryTick =
    core.now + Math.min(2 ** (progress.snapshotFailures - 1), MAX_RETRY_ELECTION_TIMEOUTS) * electionTicks
  progress.becomeProbe(progress.matchIndex + 1, true)
}

/** The state is durable up to `index`: drop the log up to there, as far as nobody needs it (Z1). */
export function handleCompact(core: Core, index: Index): void {
  if (isInstalling(core)) return
  const { log, role } = core
  let limit = Math.min(index, core.apply.appliedIndex, lowestLoading(core) - 1)
  if (role.role === 'leader') {
    for (const { flow } of role.progress.values())
      if (flow.kind === 'snapshot' && flow.index > 0) limit = Math.min(limit, flow.index)
  }
  if (limit <= log.base.index) return
  const base = log.baseAt(limit)
  log.compact(base)
  core.persistence.compact(base)
}

/** A leader offers its state; it is received only when this node is behind it (Z2). */
export function handleInstallSnapshot(core: Core, message: InstallSnapshot): void {
  const { log } = core
  const { snapshot, from } = message
  if (snapshotMembership(core, snapshot) === undefined) return
  if (snapshot.index <= core.commitIndex) {
    invariant(
      !log.knows(snapshot.index) || log.matches(snapshot),
      () =>
        `Z5 a snapshot has term ${snapshot.term} where ${log.termAt(snapshot.index)}/${snapshot.index} is committed`,
    )
    accept(core, from, 0, core.commitIndex)
    return
  }
  if (isInstalling(core)) return
  if (log.matches(snapshot)) {
    // The log holds it all, and a state holds only what is committed.
    commitTo(core, snapshot.index)
    accept(core, from, 0, core.commitIndex)
    return
  }
  core.receipt = { kind: 'receiving', from, snapshot }
  core.outbox.receive({ from, snapshot })
}

export function handleSnapshotReceived(core: Core, snapshot: SnapshotMeta): void {
  const { receipt } = core
  if (receipt?.kind !== 'receiving' || !isSame(receipt.snapshot, snapshot)) return
  core.receipt = { kind: 'received', from: receipt.from, snapshot: receipt.snapshot }
  install(core)
}

export function handleSnapshotReceiveFailed(core: Core, snapshot: SnapshotMeta): void {
  const { receipt } = core
  if (receipt?.kind === 'receiving' && isSame(receipt.snapshot, snapshot)) core.receipt = null
}

/** Switch to a received snapshot as soon as nothing reads the log that goes. */
export function install(core: Core): void {
  const { receipt, log } = core
  if (receipt?.kind !== 'received' || core.loads.size > 0) return
  const { snapshot, from } = receipt
  const membership = snapshotMembership(core, snapshot)
  if (core.role.role === 'leader' || core.role.role === 'halted' || membership === undefined) {
    core.receipt = null
    return
  }
  if (snapshot.index <= core.commitIndex) {
    core.receipt = null
    accept(core, leaderOf(core) ?? from, 0, core.commitIndex)
    return
  }
  // A campaign on the log that goes is over.
  if (core.role.role !== 'follower') becomeFollower(core, core.term, null)
  const keepEntries = log.matches(snapshot) // Z3
  const agreedIndex = core.commitIndex
  if (keepEntries) log.compact(snapshotToBase(snapshot))
  else log.reset(snapshot, membership)
  commitTo(core, snapshot.index)
  const seq = core.persistence.installSnapshot(snapshot, keepEntries, agreedIndex)
  core.receipt = { kind: 'installing', snapshot, seq }
  accept(core, leaderOf(core) ?? from, 0, snapshot.index)
}

/** The switch is durable, when it is: now the state machine may follow (Z4). */
export function restore(core: Core): void {
  const { receipt } = core
  if (receipt?.kind !== 'installing' || core.persistence.durableSeq < receipt.seq) return
  core.receipt = { kind: 'restoring', snapshot: receipt.snapshot }
  core.outbox.restore(receipt.snapshot)
}

/** Null: there was none yet. Undefined: it makes no sense. */
function snapshotMembership(core: Core, snapshot: SnapshotMeta): RaftMembership | null | undefined {
  if (snapshot.membershipIndex === 0) return null
  if (snapshot.membershipIndex > snapshot.index) return undefined
  return tryDecode(core, snapshot.membership) ?? undefined
}

function isSame(one: SnapshotMeta, other: SnapshotMeta): boolean {
  return one.id === other.id && one.index === other.index && one.term === other.term
}
