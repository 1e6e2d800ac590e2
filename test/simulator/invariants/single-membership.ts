/**
 * Membership changes one at a time: no log holds two memberships above the committed frontier, a new one is proposed
 * only over a committed one in a term that has committed an entry, and it moves at most one voter (thesis §4.1–4.2).
 */
import type { Index, NodeId, RaftMembership, Term } from '@pinset/raft'

import type { LogView } from '../simulated-log.ts'
import { Violation } from './violation.ts'

const rule = 'single membership'

export interface CreatedMembership {
  readonly node: NodeId
  readonly term: Term
  readonly index: Index
  readonly commitIndex: Index
  readonly commitTerm: Term | undefined
  readonly before: { readonly index: Index; readonly membership: RaftMembership }
  readonly next: RaftMembership
}

export function checkCreatedMembership({
  node,
  term,
  index,
  commitIndex,
  commitTerm,
  before,
  next,
}: CreatedMembership): void {
  if (commitTerm !== term) {
    throw new Violation(rule, `${node} proposes a membership at ${index} before it has committed in term ${term}`)
  }
  if (before.index > commitIndex) {
    throw new Violation(rule, `${node} proposes a membership at ${index} over an uncommitted one at ${before.index}`)
  }
  const added = next.voters.filter((voter) => !before.membership.voters.includes(voter))
  const removed = before.membership.voters.filter((voter) => !next.voters.includes(voter))
  if (added.length + removed.length > 1) {
    throw new Violation(
      rule,
      `${node} adds voters [${added.join(' ')}] and removes [${removed.join(' ')}] at once at ${index}`,
    )
  }
}

export function checkUncommittedMemberships(node: NodeId, log: LogView, frontier: Index): void {
  const newest = log.memberships.at(-2)
  if (newest !== undefined && newest.index > frontier) {
    throw new Violation(
      rule,
      `${node} has two uncommitted memberships, at ${newest.index} and ${log.memberships.at(-1)?.index}`,
    )
  }
}
