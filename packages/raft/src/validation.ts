/**
 * Whether a message can be the work of a correct node. What cannot is ignored: one node must not be able to stop another.
 *
 * The transport has decoded it; here is what the algorithm itself would trip over.
 */
import { MAX_TERM } from './settings.ts'
import type { AppendEntries, EntryId, Index, Message, NodeId } from './types.ts'

export function makesSense(message: Message, self: NodeId): boolean {
  if (message.to !== self || message.from === self || message.from === '') return false
  if (!isCount(message.term) || message.term < 1 || message.term > MAX_TERM) return false
  switch (message.kind) {
    case 'appendEntries':
      return isCount(message.commitIndex) && isCount(message.readRound) && isContiguous(message)
    case 'appendEntriesResponse': {
      const { outcome } = message
      if (!isCount(message.readRound)) return false
      if (outcome.kind === 'accepted') return isCount(outcome.matchIndex)
      return (
        isCount(outcome.rejectedIndex) &&
        isCount(outcome.hint.term) &&
        isCount(outcome.hint.index) &&
        outcome.hint.index <= outcome.rejectedIndex
      )
    }
    case 'heartbeat':
      return isCount(message.commitIndex) && isCount(message.readRound)
    case 'heartbeatResponse':
      return isCount(message.readRound)
    case 'requestVote':
    case 'preVote':
      return isEntryId(message.last) && message.last.term < message.term
    case 'timeoutNow':
      return isEntryId(message.last) && message.last.term <= message.term
    case 'installSnapshot': {
      const { snapshot } = message
      return (
        isEntryId(snapshot) &&
        snapshot.index > 0 &&
        snapshot.term <= message.term &&
        isCount(snapshot.membershipIndex) &&
        snapshot.membershipIndex <= snapshot.index
      )
    }
    case 'requestVoteResponse':
    case 'preVoteResponse':
      return true
  }
}

function isContiguous(message: AppendEntries): boolean {
  const { prev, entries, term } = message
  if (!isEntryId(prev) || !isCount(prev.index + entries.length)) return false
  let previousTerm = prev.term
  for (let at = 0; at < entries.length; at += 1) {
    const entry = entries[at]
    if (entry === undefined || entry.index !== prev.index + 1 + at) return false
    if (!isCount(entry.term) || entry.term < 1 || entry.term < previousTerm) return false
    previousTerm = entry.term
  }
  return previousTerm <= term
}

/** Either both zero, before the first entry, or neither. */
function isEntryId(id: EntryId): boolean {
  return isCount(id.term) && isCount(id.index) && (id.term === 0) === (id.index === 0)
}

function isCount(value: Index): boolean {
  return Number.isSafeInteger(value) && value >= 0
}
