/**
 * Handing leadership over (thesis §3.10).
 *
 * T1 The target is told only when it holds everything, and is told what that is (P24).
 * T2 Nothing is appended meanwhile; after an election timeout the leader goes on as before.
 * T3 Every transfer ends with exactly one answer.
 */
import { isVoter } from './membership-history.ts'
import { isActive } from './sending.ts'
import { drop, votersOf, type Core, type LeaderState } from './state.ts'
import type { Progress } from './progress.ts'
import type { NodeId } from './types.ts'

export function handleTransfer(core: Core, to: NodeId | null, context: number): void {
  const { role } = core
  if (role.role !== 'leader') {
    drop(core, context, role.role === 'halted' ? 'halted' : 'not-leader', 'this node does not lead')
    return
  }
  if (role.transfer !== null) {
    drop(core, context, 'busy', `leadership is being handed over to ${role.transfer.to}`)
    return
  }
  const target = to ?? mostCaughtUpVoter(core, role)?.id ?? null
  const membership = core.log.memberships.current?.membership
  if (target === null || target === core.id || membership === undefined || !isVoter(membership, target)) {
    drop(
      core,
      context,
      'refused',
      target === null ? 'there is no other voter within reach' : `${target} is not another voter`,
    )
    return
  }
  role.transfer = { to: target, context, ticksLeft: core.settings.electionTicks, told: false }
  role.dirty = true
}

/** Tell the target to campaign, once between heartbeats, as soon as it holds everything (T1). */
export function advanceTransfer(core: Core, leader: LeaderState): void {
  const { transfer } = leader
  if (transfer === null || transfer.told) return
  const { lastId } = core.log
  if (leader.progress.get(transfer.to)?.matchIndex !== lastId.index) return
  transfer.told = true
  core.outbox.send({ kind: 'timeoutNow', from: core.id, to: transfer.to, term: core.term, last: lastId })
}

export function tickTransfer(core: Core, leader: LeaderState): void {
  if (leader.transfer === null) return
  leader.transfer.ticksLeft -= 1
  if (leader.transfer.ticksLeft <= 0) abortTransfer(core, leader) // T2
}

/** This node goes on leading. */
export function abortTransfer(core: Core, leader: LeaderState): void {
  if (leader.transfer === null) return
  core.outbox.transferred({ context: leader.transfer.context, leader: core.id })
  leader.transfer = null
}

/** The active voter that holds most; null when there is none. */
export function mostCaughtUpVoter(core: Core, leader: LeaderState): Progress | null {
  let best: Progress | null = null
  for (const id of votersOf(core)) {
    const progress = leader.progress.get(id)
    if (progress === undefined || !isActive(core, progress)) continue
    if (best === null || progress.matchIndex > best.matchIndex) best = progress
  }
  return best
}
