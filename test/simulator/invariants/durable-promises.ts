/**
 * Nothing is promised before it is durable: votes, the wish to be voted for, acknowledged entries, applied entries.
 *
 * Checked against the disk as of the write that the promise waits for.
 */
import type { AppendEntries, Entry, HardState, Heartbeat, Message, NodeId } from '@pinset/raft'

import { sameEntry, type LogView } from '../simulated-log.ts'
import { Violation } from './violation.ts'

const rule = 'durable promises'

export interface DurableView {
  readonly hardState: HardState
  readonly log: LogView
  /** It has lost what it had promised, and knows. */
  readonly suspended: boolean
}

/** @param leaderLog - of the receiver, when it still leads the term of the message. */
export function checkPromise(message: Message, durable: DurableView, leaderLog: LogView | null): void {
  switch (message.kind) {
    case 'requestVote':
      return requireVote(message, durable.hardState, message.from)
    case 'requestVoteResponse':
      return message.granted ? requireVote(message, durable.hardState, message.to) : undefined
    case 'appendEntriesResponse':
      return message.outcome.kind === 'accepted'
        ? requireEntries(message, message.outcome.matchIndex, durable, leaderLog)
        : undefined
    case 'appendEntries':
    case 'heartbeat':
    case 'heartbeatResponse':
    case 'preVote':
    case 'preVoteResponse':
    case 'installSnapshot':
    case 'timeoutNow':
      return undefined
  }
}

function requireVote(message: Message, hardState: HardState, candidate: NodeId): void {
  const { term, vote } = hardState
  if (term < message.term || (term === message.term && vote !== candidate)) {
    throw new Violation(
      rule,
      `${message.from} sends ${message.kind} for ${candidate} in term ${message.term}; its disk has term ${term}, vote ${vote}`,
    )
  }
}

function requireEntries(
  message: Message,
  matchIndex: number,
  { hardState, log }: DurableView,
  leaderLog: LogView | null,
): void {
  if (hardState.term < message.term) {
    throw new Violation(
      rule,
      `${message.from} acknowledges in term ${message.term}; its disk has term ${hardState.term}`,
    )
  }
  if (log.lastIndex < matchIndex) {
    throw new Violation(rule, `${message.from} acknowledges ${matchIndex}; its disk ends at ${log.lastIndex}`)
  }
  const [own, wanted] = [log.termAt(matchIndex), leaderLog?.termAt(matchIndex)]
  if (own !== undefined && wanted !== undefined && own !== wanted) {
    throw new Violation(
      rule,
      `${message.from} acknowledges ${matchIndex} to ${message.to}; its disk has term ${own}, the leader ${wanted}`,
    )
  }
}

/** A follower is told of a commit only as far as it is known to match. */
export function checkToldCommit(
  message: Heartbeat | AppendEntries,
  ownCommit: number,
  receiver: DurableView,
  committedTerm: (index: number) => number,
): void {
  if (message.commitIndex > ownCommit) {
    throw new Violation(rule, `${message.from} tells of commit ${message.commitIndex}, its own is ${ownCommit}`)
  }
  if (message.kind === 'heartbeat') {
    const { log } = receiver
    const told = message.commitIndex
    // One that has lost its disk, and was told of before its return, makes nothing of it.
    const isEmpty = log.lastIndex === 0
    if (!receiver.suspended && !isEmpty && told > log.base.index && log.termAt(told) !== committedTerm(told)) {
      throw new Violation(
        rule,
        `${message.from} tells ${message.to} of commit ${told}; its disk has term ${log.termAt(told)} there`,
      )
    }
  }
}

export function checkApplied(node: NodeId, entries: readonly Entry[], { log }: DurableView): void {
  for (const entry of entries) {
    const found = log.entryAt(entry.index)
    if (found === undefined ? entry.index > log.base.index : !sameEntry(found, entry)) {
      throw new Violation(rule, `${node} is told to apply ${entry.term}/${entry.index}; its disk has ${found?.term}`)
    }
  }
}
