/**
 * What must hold between steps: a few comparisons after every step, everything when a simulator asks.
 *
 * Numbers are those of the files that keep them.
 */
import { invariant } from './invariant.ts'
import { isWellFormed } from './membership-history.ts'
import { isInstalling, type Core, type LeaderState } from './state.ts'

/** Cheap enough for production. */
export function checkAlways(core: Core): void {
  const { log, commitIndex, apply, persistence } = core
  invariant(
    commitIndex >= log.base.index && commitIndex <= log.lastIndex,
    () => `S3 base ${log.base.index} ≤ commit ${commitIndex} ≤ last ${log.lastIndex}`,
  )
  invariant(
    apply.appliedIndex <= apply.handedOutIndex && apply.handedOutIndex <= commitIndex,
    () => `S2 applied ${apply.appliedIndex} ≤ handed out ${apply.handedOutIndex} ≤ commit ${commitIndex}`,
  )
  invariant(log.lastId.term <= core.term, () => `S1 the last entry has term ${log.lastId.term}, the node ${core.term}`)
  if (isDiskBehind(core)) return
  invariant(
    apply.handedOutIndex <= persistence.durableIndex,
    () => `S2 handed out ${apply.handedOutIndex} ≤ durable ${persistence.durableIndex}`,
  )
  invariant(
    persistence.durableIndex <= log.lastIndex && persistence.durableIndex >= log.base.index,
    () => `W2 durable ${persistence.durableIndex} is in the log`,
  )
}

/** The log in memory was replaced and the one on disk was not yet; after a failed write it never will be. */
function isDiskBehind(core: Core): boolean {
  return isInstalling(core) || core.role.role === 'halted'
}

export function checkEverything(core: Core): void {
  checkAlways(core)
  const { log, persistence } = core
  invariant(
    log.cachedFrom > log.base.index && log.cachedFrom <= log.lastIndex + 1,
    () => `L cached from ${log.cachedFrom}`,
  )
  if (!isDiskBehind(core))
    invariant(
      log.cachedFrom <= persistence.durableIndex + 1,
      () => `L2 cached from ${log.cachedFrom}, durable to ${persistence.durableIndex}`,
    )
  invariant(
    persistence.durableSeq <= persistence.handedOutSeq && persistence.handedOutSeq <= persistence.lastSeq,
    'W1 durable ≤ handed out ≤ last',
  )
  let bytes = 0
  for (let index = log.cachedFrom; index <= log.lastIndex; index += 1) {
    const entry = log.slice(index, index, 1, Infinity)[0]
    invariant(
      entry !== undefined && entry.index === index && log.matches(entry),
      () => `L1 entry ${index} is where it says`,
    )
    bytes += entry.data.byteLength
    if (entry.kind === 'membership') {
      invariant(
        log.memberships.items.some((item) => item.index === index),
        () => `L3 the membership at ${index} is in the history`,
      )
    }
  }
  invariant(bytes <= log.cachedBytes, 'L cached bytes are counted')
  checkTerms(core)
  checkMemberships(core)
  if (core.role.role === 'leader') checkLeader(core, core.role)
}

function checkTerms(core: Core): void {
  let previous = -1
  for (const run of core.log.termRuns) {
    invariant(run.term > previous || (previous <= 0 && run.term === 0), 'X1 terms ascend')
    invariant(run.index >= core.log.base.index && run.index <= core.log.lastIndex, 'X2 runs are in the log')
    previous = run.term
  }
}

function checkMemberships(core: Core): void {
  const { items } = core.log.memberships
  let previous = -1
  for (const { index, membership } of items) {
    invariant(index > previous && index <= core.log.lastIndex, () => `H2 membership at ${index}`)
    invariant(isWellFormed(membership), () => `M3 the membership at ${index} is well formed`)
    previous = index
  }
  const base = core.log.base
  invariant(
    (core.log.memberships.at(base.index)?.index ?? 0) === base.membershipIndex,
    'L3 the base holds the membership in force there',
  )
}

function checkLeader(core: Core, leader: LeaderState): void {
  const { log } = core
  const current = log.memberships.current
  const uncommitted = log.memberships.items.filter(({ index }) => index > core.commitIndex)
  invariant(
    uncommitted.length <= 1 || core.commitIndex < leader.firstOwnIndex,
    'M2 at most one membership is uncommitted',
  )
  invariant(core.vote === core.id, 'E a leader has voted for itself')
  invariant(current !== null, 'E a leader has a membership')
  invariant(
    log.termAt(leader.firstOwnIndex <= log.base.index ? log.base.index : leader.firstOwnIndex) === core.term,
    'K1 the first own entry has the own term',
  )
  const expected = new Set([...current.membership.voters, ...current.membership.learners, ...leader.leaving.keys()])
  expected.delete(core.id)
  invariant(
    [...expected].sort().join() === [...leader.progress.keys()].join(),
    'R progress is that of the membership and of those who leave',
  )
  for (const progress of leader.progress.values()) {
    invariant(
      progress.matchIndex < progress.nextIndex,
      () => `G1 ${progress.id} match ${progress.matchIndex} < next ${progress.nextIndex}`,
    )
    invariant(
      progress.matchIndex <= log.lastIndex && progress.nextIndex <= log.lastIndex + 1,
      () => `B1 ${progress.id} is within the log`,
    )
    invariant(
      progress.flow.kind === 'replicate' || progress.inflights.count === 0,
      'G3 in flight only while replicating',
    )
    invariant(progress.inflights.count > 0 || progress.inflights.bytes === 0, 'I1 nothing in flight, no bytes')
    invariant(progress.ackedRound <= leader.reads.round, 'N1 no round is acknowledged before it is sent')
  }
  const counted = leader.uncommitted.slice(leader.uncommittedHead).reduce((sum, bytes) => sum + bytes, 0)
  invariant(counted === leader.uncommittedBytes, 'A the uncommitted bytes are counted')
}
