/**
 * Frames of a Raft stream.
 *
 * Sender and receiver are no fields: they are the two ends of the authenticated connection.
 *
 * C1 A decoded message has safe integers, all its parts, and entries that are contiguous after `prev` with terms that never fall
 *    and are at most the message's.
 * C2 decode(encode(message)) is the message.
 */
import type {
  AppendEntries,
  AppendEntriesResponse,
  Entry,
  EntryId,
  EntryKind,
  InstallSnapshot,
  Message,
  NodeId,
} from '@pinset/raft'

import { RaftFrame } from '../proto/wire.ts'
import type { WireAppendEntries, WireAppendEntriesResponse, WireEntryId } from '../proto/wire.ts'
import { check, decoded, integer, required } from './checks.ts'

/** What travels on a Raft stream; a snapshot has a stream of its own. */
export type StreamedMessage = Exclude<Message, InstallSnapshot>

export type RaftFrameValue =
  | { readonly kind: 'keepAlive' }
  | { readonly kind: 'message'; readonly message: StreamedMessage }

const ENTRY_KINDS: readonly EntryKind[] = ['noop', 'operations', 'membership']
const MAX_ENTRIES_PER_MESSAGE = 65_536

export const KEEP_ALIVE_FRAME = RaftFrame.encode({ keepAlive: {} })

export function encodeRaftMessage(message: StreamedMessage): Uint8Array {
  return RaftFrame.encode(messageToWire(message))
}

export function decodeRaftFrame(bytes: Uint8Array, from: NodeId, to: NodeId): RaftFrameValue {
  return decoded('a Raft frame', () => {
    const frame = RaftFrame.decode(bytes)
    if (frame.keepAlive !== undefined) return { kind: 'keepAlive' }
    return { kind: 'message', message: messageFromWire(frame, { from, to }) }
  })
}

function messageToWire(message: StreamedMessage): Partial<RaftFrame> {
  const { term } = message
  let frame: Partial<RaftFrame>
  switch (message.kind) {
    case 'appendEntries':
      frame = { appendEntries: appendEntriesToWire(message) }
      break
    case 'appendEntriesResponse':
      frame = { appendEntriesResponse: appendEntriesResponseToWire(message) }
      break
    case 'heartbeat':
      frame = { heartbeat: { term, commitIndex: message.commitIndex, readRound: message.readRound } }
      break
    case 'heartbeatResponse':
      frame = { heartbeatResponse: { term, readRound: message.readRound } }
      break
    case 'requestVote':
    case 'preVote':
      frame = { requestVote: { term, last: message.last, transfer: message.transfer, pre: message.kind === 'preVote' } }
      break
    case 'requestVoteResponse':
    case 'preVoteResponse':
      frame = { requestVoteResponse: { term, granted: message.granted, pre: message.kind === 'preVoteResponse' } }
      break
    case 'timeoutNow':
      frame = { timeoutNow: { term, last: message.last } }
  }
  return frame
}

function appendEntriesToWire({ term, prev, entries, commitIndex, readRound }: AppendEntries): WireAppendEntries {
  const wireEntries = entries.map((entry) => ({
    term: entry.term,
    index: entry.index,
    entryKind: ENTRY_KINDS.indexOf(entry.kind) + 1,
    data: entry.data as Uint8Array<ArrayBuffer>,
  }))
  return { term, prev, entries: wireEntries, commitIndex, readRound }
}

function appendEntriesResponseToWire({ term, readRound, outcome }: AppendEntriesResponse): WireAppendEntriesResponse {
  if (outcome.kind === 'accepted') return { term, readRound, matchIndex: outcome.matchIndex }
  return { term, readRound, rejected: { rejectedIndex: outcome.rejectedIndex, hint: outcome.hint } }
}

interface Ends {
  readonly from: NodeId
  readonly to: NodeId
}

function messageFromWire(frame: RaftFrame, ends: Ends): StreamedMessage {
  if (frame.appendEntries !== undefined) return appendEntriesFromWire(frame.appendEntries, ends)
  if (frame.appendEntriesResponse !== undefined) return appendEntriesResponseFromWire(frame.appendEntriesResponse, ends)
  if (frame.heartbeat !== undefined) {
    const { term, commitIndex, readRound } = frame.heartbeat
    const checked = { commitIndex: integer(commitIndex, 'commitIndex'), readRound: integer(readRound, 'readRound') }
    return { kind: 'heartbeat', ...ends, term: integer(term, 'term'), ...checked }
  }
  if (frame.heartbeatResponse !== undefined) {
    const { term, readRound } = frame.heartbeatResponse
    return {
      kind: 'heartbeatResponse',
      ...ends,
      term: integer(term, 'term'),
      readRound: integer(readRound, 'readRound'),
    }
  }
  if (frame.requestVote !== undefined) {
    const { term, last, transfer, pre } = frame.requestVote
    return {
      kind: pre ? 'preVote' : 'requestVote',
      ...ends,
      term: integer(term, 'term'),
      last: entryIdFromWire(last, 'last'),
      transfer,
    }
  }
  if (frame.requestVoteResponse !== undefined) {
    const { term, granted, pre } = frame.requestVoteResponse
    return { kind: pre ? 'preVoteResponse' : 'requestVoteResponse', ...ends, term: integer(term, 'term'), granted }
  }
  const { term, last } = required(frame.timeoutNow, 'a known kind of message')
  return { kind: 'timeoutNow', ...ends, term: integer(term, 'term'), last: entryIdFromWire(last, 'last') }
}

/** C1 */
function appendEntriesFromWire(wire: WireAppendEntries, ends: Ends): AppendEntries {
  const term = integer(wire.term, 'term')
  const prev = entryIdFromWire(wire.prev, 'prev')
  check(wire.entries.length <= MAX_ENTRIES_PER_MESSAGE, 'too many entries in one message')
  let previous: EntryId = prev
  const entries = wire.entries.map((entry): Entry => {
    check(entry.index === previous.index + 1, `entry ${entry.index} does not follow ${previous.index}`)
    check(entry.term >= previous.term && entry.term <= term, `entry ${entry.index} has a term out of order`)
    const checked: Entry = {
      term: integer(entry.term, 'term'),
      index: integer(entry.index, 'index'),
      kind: required(ENTRY_KINDS[entry.entryKind - 1], 'a known kind of entry'),
      data: entry.data,
    }
    previous = checked
    return checked
  })
  const commitIndex = integer(wire.commitIndex, 'commitIndex')
  return {
    kind: 'appendEntries',
    ...ends,
    term,
    prev,
    entries,
    commitIndex,
    readRound: integer(wire.readRound, 'readRound'),
  }
}

function appendEntriesResponseFromWire(wire: WireAppendEntriesResponse, ends: Ends): AppendEntriesResponse {
  const head = { ...ends, term: integer(wire.term, 'term'), readRound: integer(wire.readRound, 'readRound') }
  if (wire.rejected !== undefined) {
    const rejectedIndex = integer(wire.rejected.rejectedIndex, 'rejectedIndex')
    const hint = entryIdFromWire(wire.rejected.hint, 'hint')
    check(hint.index <= rejectedIndex, 'the hint is above the rejected index')
    return { kind: 'appendEntriesResponse', ...head, outcome: { kind: 'rejected', rejectedIndex, hint } }
  }
  const matchIndex = integer(required(wire.matchIndex, 'outcome'), 'matchIndex')
  return { kind: 'appendEntriesResponse', ...head, outcome: { kind: 'accepted', matchIndex } }
}

export function entryIdFromWire(wire: WireEntryId | undefined, name: string): EntryId {
  const { term, index } = required(wire, name)
  return { term: integer(term, `${name}.term`), index: integer(index, `${name}.index`) }
}
