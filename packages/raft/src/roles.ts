/**
 * Changes of role and term, and what they clean up.
 *
 * R1 Term and vote are recorded for writing in the same step in which they change (P5).
 * R2 Who stops leading forgets all progress; its reads are certainly without effect and say so.
 */
import { invariant } from './invariant.ts'
import { drop, type Core, type LeaderState } from './state.ts'
import type { NodeId, Term } from './types.ts'

export function drawTimeout(core: Core): number {
  const { electionTicks, random } = core.settings
  const drawn = Math.floor(random() * electionTicks)
  return electionTicks + Math.min(Math.max(drawn, 0), electionTicks - 1)
}

/** Move to a term, or give the vote in the present one. */
export function setHardState(core: Core, term: Term, vote: NodeId | null): void {
  invariant(
    term > core.term || (term === core.term && (core.vote === null || core.vote === vote)),
    () => `S1 one vote per term: ${core.vote} then ${vote}`,
  )
  if (term === core.term && vote === core.vote) return
  core.term = term
  core.vote = vote
  core.persistence.hardState({ term, vote })
}

/** Follow `leader`, or nobody yet, in `term`, which is the present one or higher. */
export function becomeFollower(core: Core, term: Term, leader: NodeId | null): void {
  const { role } = core
  invariant(role.role !== 'halted', 'R a halted node takes no part')
  if (term > core.term) setHardState(core, term, null)
  if (role.role === 'follower') {
    role.leader = leader
    if (leader !== null) role.elapsedTicks = 0
  } else {
    core.role = { role: 'follower', leader, elapsedTicks: 0, timeoutTicks: drawTimeout(core) }
    if (role.role === 'leader') leaveOffice(core, role)
  }
  if (leader !== null) endHandover(core, leader)
}

/** A vote was given: wait a whole timeout for its receiver. */
export function grantVote(core: Core, to: NodeId): void {
  setHardState(core, core.term, to)
  core.role = { role: 'follower', leader: null, elapsedTicks: 0, timeoutTicks: drawTimeout(core) }
}

export function endHandover(core: Core, leader: NodeId | null): void {
  if (core.handover === null) return
  core.outbox.transferred({ context: core.handover.context, leader })
  core.handover = null
}

function leaveOffice(core: Core, office: LeaderState): void {
  for (const context of office.reads.drain())
    drop(core, context, 'not-leader', 'leadership was lost before a quorum confirmed the read')
  if (office.transfer !== null)
    core.handover = { context: office.transfer.context, ticksLeft: core.settings.electionTicks }
}
