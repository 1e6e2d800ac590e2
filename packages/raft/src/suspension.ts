/**
 * A node whose disk has failed or was damaged gives no vote until a leader has brought it up to date.
 *
 * V1 It may have lost entries that it had acknowledged, so it must hold again everything that was ever committed: an entry
 *    that the leader of the present term has committed *in its own term*, and all before it, durable.
 * V2 A leader is answered only three election timeouts after the start, and believed after four. The damage may have taken term and
 *    vote as well, and a leader that this node has helped to replace must not go on with its answers, nor be believed; nor one that
 *    counts on entries which are gone. No message takes longer than one election timeout; step by step in
 *    docs/decisions/lost-acknowledgements.md.
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
