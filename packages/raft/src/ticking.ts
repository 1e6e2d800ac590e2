/** The passing of time. One tick is all that ever passes at once (P27). */
import { releaseLeaving } from './commit.ts'
import { checkQuorum, tickElection } from './election.ts'
import { endHandover } from './roles.ts'
import { broadcastHeartbeat } from './sending.ts'
import { leaderOf, type Core, type LeaderState } from './state.ts'
import { tickTransfer } from './transfer.ts'

export function tick(core: Core, isPassive: boolean): void {
  core.now += 1
  if (core.handover !== null) {
    core.handover.ticksLeft -= 1
    if (core.handover.ticksLeft <= 0) endHandover(core, leaderOf(core))
  }
  if (core.role.role === 'leader') tickLeader(core, core.role)
  else tickElection(core, isPassive)
}

function tickLeader(core: Core, leader: LeaderState): void {
  checkQuorum(core, leader)
  if (core.role !== leader) return
  tickTransfer(core, leader)
  tickLeaving(core, leader)
  leader.heartbeatElapsedTicks += 1
  if (leader.heartbeatElapsedTicks < core.settings.heartbeatTicks) return
  leader.heartbeatElapsedTicks = 0
  if (leader.transfer !== null) leader.transfer.told = false
  broadcastHeartbeat(core, leader)
  leader.dirty = true
}

function tickLeaving(core: Core, leader: LeaderState): void {
  if (leader.leaving.size === 0) return
  for (const leaving of leader.leaving.values()) {
    if (core.commitIndex >= leaving.removalIndex) leaving.ticksLeft -= 1
  }
  releaseLeaving(leader)
}
