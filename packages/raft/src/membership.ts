/**
 * Changes of the membership.
 *
 * M1 In force when appended, on leader and follower; truncation takes it back (P30).
 * M2 One at a time, one node at a time: only when the newest is committed, and an entry of the own term is (P28, P29).
 * M3 There is always a voter.
 * M4 A node that was removed is replicated to until it has acknowledged the commit of that, or its time is up.
 */
import { appendOwn } from './appending.ts'
import { hasCommittedOwnTerm, leavingTicks, watchLeaving } from './commit.ts'
import { changedNodes, isVoter, isWellFormed } from './membership-history.ts'
import { Progress } from './progress.ts'
import { confirmReads } from './reads.ts'
import { drop, type Core, type LeaderState } from './state.ts'
import { abortTransfer } from './transfer.ts'
import type { Index, NodeId, RaftMembership } from './types.ts'

export function handleProposeMembership(core: Core, data: Uint8Array, expectedIndex: Index, context: number): void {
  const { role } = core
  if (role.role !== 'leader') {
    drop(core, context, role.role === 'halted' ? 'halted' : 'not-leader', 'this node does not lead')
    return
  }
  if (role.transfer !== null) {
    drop(core, context, 'busy', `leadership is being handed over to ${role.transfer.to}`)
    return
  }
  const next = tryDecode(core, data)
  const obstacle = next === null ? 'the bytes are not a membership' : obstacleTo(core, role, next, expectedIndex)
  if (next === null || obstacle !== null) {
    drop(core, context, 'refused', obstacle ?? '')
    return
  }
  if (appendOwn(core, role, 'membership', data, context, next)) syncProgress(core, role)
}

/** The membership in these bytes; null when there is none. */
export function tryDecode(core: Core, data: Uint8Array): RaftMembership | null {
  try {
    const membership = core.settings.decodeMembership(data)
    return isWellFormed(membership) ? membership : null
  } catch {
    return null
  }
}

/** Make the leader's progress that of the membership in force; who has left it is kept for a while (M4). */
export function syncProgress(core: Core, leader: LeaderState): void {
  const current = core.log.memberships.current
  if (current === null) return
  const { voters, learners } = current.membership
  const members = new Set([...voters, ...learners])
  members.delete(core.id)
  for (const id of leader.progress.keys()) {
    if (!members.has(id) && !leader.leaving.has(id)) keepLeaving(core, leader, id, current.index)
  }
  // Who comes back may have begun anew: nothing known of it before holds.
  for (const id of members) if (leader.leaving.delete(id)) leader.progress.delete(id)
  const ids = [...members, ...leader.leaving.keys()].sort()
  leader.progress = new Map(ids.map((id) => [id, leader.progress.get(id) ?? newProgress(core, id)]))
  if (leader.transfer !== null && !isVoter(current.membership, leader.transfer.to)) abortTransfer(core, leader)
  watchLeaving(core, leader)
  confirmReads(core, leader) // N6
  leader.dirty = true
}

export function newProgress(core: Core, id: NodeId): Progress {
  const { maxInflightMessages, maxInflightBytes } = core.settings
  return new Progress(id, core.log.lastIndex + 1, core.now, maxInflightMessages, maxInflightBytes)
}

export function keepLeaving(core: Core, leader: LeaderState, id: NodeId, removalIndex: Index): void {
  leader.leaving.set(id, { removalIndex, ticksLeft: leavingTicks(core), proofRound: 0 })
}

function obstacleTo(core: Core, leader: LeaderState, next: RaftMembership, expectedIndex: Index): string | null {
  const current = core.log.memberships.current
  if (current === null) return 'this node has no membership'
  if (!hasCommittedOwnTerm(core, leader)) return `no entry of term ${core.term} is committed yet` // P28
  if (current.index > core.commitIndex) return `the membership at ${current.index} is not committed yet` // P29
  if (current.index !== expectedIndex) return `the newest membership is at ${current.index}, not ${expectedIndex}`
  const changed = changedNodes(current.membership, next)
  return changed.length > 1 ? `one node at a time: ${changed.join(', ')} would change` : null
}
