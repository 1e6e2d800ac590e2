/** A leader commits only what a majority of the voters of its newest membership hold on their disks. */
import type { Index, NodeId, Term } from '@pinset/raft'

import type { LogView } from '../simulated-log.ts'
import { Violation } from './violation.ts'

export function checkCommittedOnQuorum(
  leader: NodeId,
  index: Index,
  term: Term,
  voters: readonly NodeId[],
  durableLog: (node: NodeId) => LogView,
): void {
  const holders = voters.filter((voter) => {
    const log = durableLog(voter)
    return log.base.index > index || log.termAt(index) === term
  })
  if (holders.length * 2 <= voters.length) {
    throw new Violation(
      'committed on a quorum',
      `${leader} commits ${term}/${index}, durable on [${holders.join(' ')}] of [${voters.join(' ')}]`,
    )
  }
}
