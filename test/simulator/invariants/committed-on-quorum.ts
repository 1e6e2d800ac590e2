/** A leader commits only what a majority of the voters of its newest membership hold on their disks; a node that has lost entries
 * since it acknowledged them gives no vote until it has them again, and so may count. */
import type { Index, NodeId, Term } from '@pinset/raft'

import type { DurableView } from './durable-promises.ts'
import { Violation } from './violation.ts'

export function checkCommittedOnQuorum(
  leader: NodeId,
  index: Index,
  term: Term,
  voters: readonly NodeId[],
  disk: (node: NodeId) => DurableView,
): void {
  const holders = voters.filter((voter) => {
    const { log, suspended } = disk(voter)
    return suspended || log.base.index > index || log.termAt(index) === term
  })
  if (holders.length * 2 <= voters.length) {
    throw new Violation(
      'committed on a quorum',
      `${leader} commits ${term}/${index}, durable on [${holders.join(' ')}] of [${voters.join(' ')}]`,
    )
  }
}
