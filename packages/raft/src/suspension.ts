/**
 * A node whose disk has failed or was damaged gives no vote until a leader has brought it up to date.
 *
 * V1 It may have lost entries that it had acknowledged, so it must hold again everything that was ever committed: an entry
 *    that the leader of the present term has committed *in its own term*, and all before it, durable.
 * V2 A leader is answered only three election timeouts after the start, and believed after four: no message takes longer than one.
 *    The damage may have taken terms and votes as well, and a leader that this node has helped to replace may count on its earlier
 *    answers, which have come after one timeout. So have the requests of a candidate that has the vote which is lost: who has it, too, is
 *    of the candidate's term by then, and answers earlier leaders no more. What it had answered before has come after two. Who leads after three
 *    has heard of a quorum within the last timeout, without this node: nobody of a later term is elected with a vote that is lost, nor will
 *    be. What was made before that has come after four.
 *    A leader may count on entries that are gone, too. But an append that is believed begins at or above what it counts on here, or it
 *    counts on nothing any more. So what was committed on this node's word is held, or is within the commit index told; what is
 *    committed later rests on the others or on an answer made since.
 * V3 Only appends count: a heartbeat's commit index is cut to what the leader believes this node to hold.
 * V4 A leader's heartbeat names no index above what this node has acknowledged to it: one above the own log says that entries were
 *    lost that nobody had reported, such as by an old copy of the disk that was put back.
 */
import type { Core } from './state.ts'
import type { AppendEntries } from './types.ts'

/** Whether leaders are not to be answered yet (V2). */
export function isSilent(core: Core): boolean {
  return core.suspension?.isSinceStart === true && core.now < 3 * core.settings.electionTicks
}

/** Entries that this node had acknowledged are gone (V4). */
export function suspendVoting(core: Core): void {
  core.suspension ??= { isSinceStart: false, goal: null }
}

/** An append has been checked against the log up to the own commit index, which it may have moved. */
export function noteCommit(core: Core, message: AppendEntries): void {
  const { suspension } = core
  if (suspension === null || message.commitIndex > core.commitIndex) return
  if (!core.log.knows(message.commitIndex) || core.log.termAt(message.commitIndex) !== core.term) return // V1
  if (core.now < 4 * core.settings.electionTicks) return // V2
  suspension.goal = { term: core.term, index: message.commitIndex }
  endSuspension(core)
}

/** Vote again, when what was aimed at is durable. */
export function endSuspension(core: Core): void {
  const goal = core.suspension?.goal
  if (goal && goal.term === core.term && core.persistence.durableIndex >= goal.index) core.suspension = null
}
