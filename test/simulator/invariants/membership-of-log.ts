/** The membership that a node follows is a function of its log: the newest one in it, committed or not, and nothing else (thesis §4.1). */
import type { Index, NodeId, RaftMembership } from '@pinset/raft'

import type { LogView } from '../simulated-log.ts'
import { Violation } from './violation.ts'

export interface Followed {
  readonly index: Index
  readonly membership: RaftMembership
}

const text = ({ voters, learners }: RaftMembership): string => `[${voters.join(' ')}] and [${learners.join(' ')}]`

/** @param decode - of the data of a membership entry, sorted. */
export function checkMembershipOfLog(
  node: NodeId,
  log: LogView,
  followed: Followed,
  decode: (data: Uint8Array) => RaftMembership,
): void {
  const newest = log.membershipAt(log.lastIndex)
  if (newest.index !== followed.index) {
    throw new Violation(
      'membership of the log',
      `${node} follows membership ${followed.index}, the newest in its log is ${newest.index}`,
    )
  }
  const wanted = decode(newest.data)
  const { membership: found } = followed
  if (!areEqual(found.voters, wanted.voters) || !areEqual(found.learners, wanted.learners)) {
    throw new Violation(
      'membership of the log',
      `${node} follows ${text(found)}; its log says ${text(wanted)} at ${newest.index}`,
    )
  }
}

function areEqual(some: readonly NodeId[], others: readonly NodeId[]): boolean {
  return some.length === others.length && some.every((node, i) => node === others[i])
}
