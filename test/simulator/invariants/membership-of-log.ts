/**
 * The membership that a node follows is a function of its log: the newest one in it, committed or not, and nothing else (thesis §4.1).
 *
 * What is appended and cut off in the turn in which the disk fails is never written. A membership that is told together with the halt
 * is one of the log as it would have become, of which no more is known than its end and what is committed.
 */
import type { EntryId, Index, NodeId, RaftMembership, Ready, Role } from '@pinset/raft'

import type { LogView, MembershipAt } from '../simulated-log.ts'
import { Violation } from './violation.ts'

export interface Followed {
  readonly index: Index
  readonly membership: RaftMembership
}

const text = ({ voters, learners }: RaftMembership): string => `[${voters.join(' ')}] and [${learners.join(' ')}]`

/** After each Ready. @param decode - of the data of a membership entry, sorted. */
export function checkFollowed(
  { id, log, commitIndex }: { readonly id: NodeId; readonly log: LogView; readonly commitIndex: Index },
  { role, lastId }: { readonly role: Role; readonly lastId: EntryId },
  told: Ready['membership'],
  followed: Followed,
  decode: (data: Uint8Array) => RaftMembership,
): void {
  if (role !== 'halted') {
    checkMembershipOfLog(id, log, followed, decode)
  } else if (told !== null) {
    checkMembershipOfHalted(id, log, { commitIndex, lastIndex: lastId.index }, followed, decode)
  }
}

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
  checkContent(node, newest, followed, decode)
}

/** @param unwritten - of the log as the node that has halted believes in it; `log` ends before that turn. */
export function checkMembershipOfHalted(
  node: NodeId,
  log: LogView,
  unwritten: { readonly commitIndex: Index; readonly lastIndex: Index },
  followed: Followed,
  decode: (data: Uint8Array) => RaftMembership,
): void {
  const committed = log.membershipAt(unwritten.commitIndex)
  if (followed.index < committed.index || followed.index > unwritten.lastIndex) {
    throw new Violation(
      'membership of the log',
      `${node} halts with membership ${followed.index}, committed is ${committed.index}, its log ends at ${unwritten.lastIndex}`,
    )
  }
  if (followed.index === committed.index) {
    checkContent(node, committed, followed, decode)
  }
}

function checkContent(
  node: NodeId,
  { index, data }: MembershipAt,
  { membership: found }: Followed,
  decode: (data: Uint8Array) => RaftMembership,
): void {
  const wanted = decode(data)
  if (!areEqual(found.voters, wanted.voters) || !areEqual(found.learners, wanted.learners)) {
    throw new Violation(
      'membership of the log',
      `${node} follows ${text(found)}; its log says ${text(wanted)} at ${index}`,
    )
  }
}

function areEqual(some: readonly NodeId[], others: readonly NodeId[]): boolean {
  return some.length === others.length && some.every((node, i) => node === others[i])
}
