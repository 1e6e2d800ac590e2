/**
 * A leader commits only what a majority of the voters of its newest membership hold on their disks, and at no later time is there
 * a majority without it, which could elect a leader that lacks it. (Half of an even number may be left, when the newest membership is cut off again.)
 *
 * A node that has lost entries since it acknowledged them gives no vote until it has them again, and so may count.
 */
import type { Index, NodeId, Term } from '@pinset/raft'

import type { DurableView } from './durable-promises.ts'
import { Violation } from './violation.ts'

const rule = 'committed on a quorum'

type Disks = (node: NodeId) => DurableView

/** @param memberships - voters of those that the leader may have counted, the newest first. */
export function checkCommittedOnQuorum(
  leader: NodeId,
  index: Index,
  term: Term,
  memberships: readonly (readonly NodeId[])[],
  disk: Disks,
): void {
  if (!memberships.some((voters) => holdersOf(index, term, voters, disk).length * 2 > voters.length)) {
    const [voters = []] = memberships
    throw new Violation(
      rule,
      `${leader} commits ${term}/${index}, durable on [${holdersOf(index, term, voters, disk).join(' ')}] of [${voters.join(' ')}]`,
    )
  }
}

/** The newest committed entry, at any later time. */
export function checkStillOnQuorum(
  index: Index,
  term: Term,
  memberships: readonly (readonly NodeId[])[],
  disk: Disks,
): void {
  if (!isStillOnQuorum(index, term, memberships, disk)) {
    const [voters = []] = memberships
    throw new Violation(
      rule,
      `${term}/${index} was committed, and is durable on no more than [${holdersOf(index, term, voters, disk).join(' ')}] of [${voters.join(' ')}]`,
    )
  }
}

/** Whether there is no majority without a committed entry. */
export function isStillOnQuorum(
  index: Index,
  term: Term,
  memberships: readonly (readonly NodeId[])[],
  disk: Disks,
): boolean {
  return memberships.some((voters) => holdersOf(index, term, voters, disk).length * 2 >= voters.length)
}

function holdersOf(index: Index, term: Term, voters: readonly NodeId[], disk: Disks): NodeId[] {
  return voters.filter((voter) => {
    const { log, suspended } = disk(voter)
    return suspended || log.base.index > index || log.termAt(index) === term
  })
}
