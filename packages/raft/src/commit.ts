/**
 * Advancing the commit index, on a leader by counting, on a follower as told; and what rests on it.
 *
 * K1 A leader commits by counting only entries of its own term; those before come with them (§5.4.2, P1).
 * K2 It counts the voters in force, itself by its own durable index and only while it is one (P31).
 * K3 A leader that is no voter any more steps down once that is committed.
 */
import { invariant } from './invariant.ts'
import { isVoter } from './membership-history.ts'
import { quorumIndex } from './quorum.ts'
import { confirmReads, unparkReads } from './reads.ts'
import { becomeFollower } from './roles.ts'
import { replicate } from './sending.ts'
import { votersOf, type Core, type LeaderState } from './state.ts'
import { LEAVING_ELECTION_TIMEOUTS } from './settings.ts'
import type { Index } from './types.ts'

/** Released sizes kept before the list is cut. */
const RELEASED_SLOTS = 4096

/** Commit what a majority of the voters holds; cheap when nothing changes. */
export function advanceCommit(core: Core, leader: LeaderState): void {
  const index = quorumIndex(votersOf(core), (id) =>
    id === core.id ? core.persistence.durableIndex : (leader.progress.get(id)?.matchIndex ?? 0),
  ) // K2
  if (index <= core.commitIndex || index < leader.firstOwnIndex) return // K1
  invariant(core.log.termAt(index) === core.term, 'K1 only entries of the own term are committed by counting')
  const isFirst = core.commitIndex < leader.firstOwnIndex
  commitTo(core, index)
  releaseUncommitted(leader, index)
  leader.dirty = true
  if (isFirst) unparkReads(core, leader)
  watchLeaving(core, leader)
  const current = core.log.memberships.current
  if (current !== null && current.index <= index && !isVoter(current.membership, core.id)) resign(core, leader) // K3
}

/** Never backwards, never beyond the log. */
export function commitTo(core: Core, index: Index): void {
  if (index <= core.commitIndex) return
  invariant(
    index <= core.log.lastIndex,
    () => `S3 commitIndex ${index} is within the log, which ends at ${core.log.lastIndex}`,
  )
  core.commitIndex = index
}

/** Whether an entry of the own term is committed, and with it everything that any earlier leader committed. */
export function hasCommittedOwnTerm(core: Core, leader: LeaderState): boolean {
  return core.commitIndex >= leader.firstOwnIndex
}

/** Removed nodes whose removal is committed and which hold it: their next acknowledgement of a new round is the proof. */
export function watchLeaving(core: Core, leader: LeaderState): void {
  for (const [id, leaving] of leader.leaving) {
    const match = leader.progress.get(id)?.matchIndex ?? 0
    if (leaving.proofRound === 0 && Math.min(match, core.commitIndex) >= leaving.removalIndex) {
      leaving.proofRound = leader.reads.openRound()
      leader.dirty = true
    }
  }
}

/** Forget removed nodes that know it, or had time enough. */
export function releaseLeaving(leader: LeaderState): void {
  for (const [id, leaving] of leader.leaving) {
    const knows = leaving.proofRound > 0 && (leader.progress.get(id)?.ackedRound ?? 0) >= leaving.proofRound
    if (knows || leaving.ticksLeft <= 0) {
      leader.leaving.delete(id)
      leader.progress.delete(id)
    }
  }
}

export function leavingTicks(core: Core): number {
  return LEAVING_ELECTION_TIMEOUTS * core.settings.electionTicks
}

function releaseUncommitted(leader: LeaderState, index: Index): void {
  while (leader.uncommittedHead < leader.uncommitted.length && leader.uncommittedFrom <= index) {
    leader.uncommittedBytes -= leader.uncommitted[leader.uncommittedHead] as number
    leader.uncommittedHead += 1
    leader.uncommittedFrom += 1
  }
  // Under steady load the list never empties; what is released must still be given up.
  if (leader.uncommittedHead === leader.uncommitted.length || leader.uncommittedHead >= RELEASED_SLOTS) {
    leader.uncommitted = leader.uncommitted.slice(leader.uncommittedHead)
    leader.uncommittedHead = 0
  }
}

/** Tell everybody of the commit, and the most caught-up voter to take over, then step down. */
function resign(core: Core, leader: LeaderState): void {
  confirmReads(core, leader)
  replicate(core, leader)
  const { lastId } = core.log
  const heir = votersOf(core).find((id) => leader.progress.get(id)?.matchIndex === lastId.index)
  if (heir !== undefined)
    core.outbox.send({ kind: 'timeoutNow', from: core.id, to: heir, term: core.term, last: lastId })
  becomeFollower(core, core.term, null)
}
