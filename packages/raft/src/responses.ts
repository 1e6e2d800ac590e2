/**
 * What followers answer, on the leader.
 *
 * B1 Acknowledgements beyond the own log, of rounds never sent, or older than what is known change nothing (P12).
 * B2 An answer of any kind to a heartbeat gets a stalled flow going again, whatever was lost (P13).
 */
import { advanceCommit, releaseLeaving, watchLeaving } from './commit.ts'
import { confirmReads } from './reads.ts'
import type { Progress } from './progress.ts'
import type { Core, LeaderState } from './state.ts'
import type { AppendEntriesResponse, HeartbeatResponse, NodeId } from './types.ts'

export function handleAppendResponse(core: Core, message: AppendEntriesResponse): void {
  const { role } = core
  if (role.role !== 'leader') return
  const progress = role.progress.get(message.from)
  if (progress === undefined) return
  const { outcome } = message
  if (outcome.kind === 'accepted') {
    if (outcome.matchIndex > core.log.lastIndex) return // B1
    hear(core, role, progress, message.readRound)
    accepted(core, role, progress, outcome.matchIndex)
  } else {
    hear(core, role, progress, message.readRound)
    // Skip what the terms of both logs rule out: at most one probe per term.
    const candidate =
      outcome.hint.term > 0 ? core.log.lastAtMost(outcome.hint.index, outcome.hint.term).index : outcome.hint.index
    if (progress.reject(outcome.rejectedIndex, candidate)) role.dirty = true
  }
  conclude(core, role)
}

export function handleHeartbeatResponse(core: Core, message: HeartbeatResponse): void {
  const { role } = core
  if (role.role !== 'leader') return
  const progress = role.progress.get(message.from)
  if (progress === undefined) return
  hear(core, role, progress, message.readRound)
  const { flow } = progress
  if (flow.kind === 'probe') {
    flow.paused = false // B2
    role.dirty = true
  } else if (flow.kind === 'replicate' && progress.matchIndex < core.log.lastIndex) {
    flow.nudge = true // B2
    role.dirty = true
  }
  conclude(core, role)
}

/** Messages to it were lost: no more than one at a time until it answers. */
export function handleUnreachable(core: Core, node: NodeId): void {
  const { role } = core
  if (role.role !== 'leader') return
  const progress = role.progress.get(node)
  if (progress?.flow.kind === 'replicate') {
    progress.becomeProbe()
    role.dirty = true
  }
}

function accepted(core: Core, leader: LeaderState, progress: Progress, matchIndex: number): void {
  const isNews = progress.accept(matchIndex)
  const { flow } = progress
  switch (flow.kind) {
    case 'probe':
      if (isNews || matchIndex === progress.matchIndex) progress.becomeReplicate()
      break
    case 'replicate':
      progress.inflights.freeTo(matchIndex)
      break
    case 'snapshot':
      // Wherever it got them from: with these entries the log goes on.
      if (isNews && progress.matchIndex >= core.log.base.index) {
        progress.snapshotFailures = 0
        progress.becomeReplicate()
      }
  }
  leader.dirty = true
  if (!isNews) return
  if (leader.leaving.size > 0) watchLeaving(core, leader)
  if (progress.matchIndex > core.commitIndex) advanceCommit(core, leader)
}

function hear(core: Core, leader: LeaderState, progress: Progress, readRound: number): void {
  progress.heardTick = core.now
  if (readRound > progress.ackedRound && readRound <= leader.reads.round) progress.ackedRound = readRound
}

/** Reads and farewells that this answer completes; the role may have changed meanwhile. */
function conclude(core: Core, leader: LeaderState): void {
  if (core.role !== leader) return
  confirmReads(core, leader)
  if (leader.leaving.size > 0) releaseLeaving(leader)
}
