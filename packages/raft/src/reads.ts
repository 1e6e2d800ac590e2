/**
 * Linearizable reads on the leader.
 *
 * N4 The confirming quorum is one of the voters in force; learners, and a leader that is no voter, are not counted (P15).
 * N5 A read's index is what was committed when its round began, with an entry of the own term among it (P16).
 * N6 A change of the voters confirms what the new ones have confirmed already: nobody may be left whose answer could.
 */
import { quorumIndex } from './quorum.ts'
import { drop, votersOf, type Core, type LeaderState } from './state.ts'

export function handleReadIndex(core: Core, context: number): void {
  const { role } = core
  if (role.role !== 'leader') {
    drop(core, context, role.role === 'halted' ? 'halted' : 'not-leader', 'this node does not lead')
    return
  }
  if (role.reads.full) {
    drop(core, context, 'busy', `${core.settings.maxPendingReads} reads are waiting`)
    return
  }
  if (core.commitIndex < role.firstOwnIndex) role.reads.park(context)
  else addRead(core, role, context)
}

/** Parked reads may be answered now. */
export function unparkReads(core: Core, leader: LeaderState): void {
  for (const context of leader.reads.unpark()) addRead(core, leader, context)
}

/** Answer the reads that a quorum has confirmed. */
export function confirmReads(core: Core, leader: LeaderState): void {
  if (leader.reads.pending === 0) return
  const round = quorumIndex(votersOf(core), (id) =>
    id === core.id ? leader.reads.round : (leader.progress.get(id)?.ackedRound ?? 0),
  ) // N4
  leader.reads.confirm(round, (context, index) => core.outbox.read({ context, index }))
}

function addRead(core: Core, leader: LeaderState, context: number): void {
  const voters = votersOf(core)
  if (voters.length === 1 && voters[0] === core.id) {
    core.outbox.read({ context, index: core.commitIndex })
    return
  }
  leader.reads.add(context, core.commitIndex)
  leader.dirty = true
}
