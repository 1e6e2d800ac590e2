/**
 * What a leader's messages do here.
 *
 * F1 Entries up to the commit index are never replaced (P2).
 * F2 The commit index moves only as far as this message has been checked against the log (P3).
 * F3 An acknowledgement leaves only when everything it speaks of is durable.
 * F4 A message that makes no sense changes nothing.
 */
import { commitTo } from './commit.ts'
import { invariant } from './invariant.ts'
import { highestLoading } from './loading.ts'
import { tryDecode } from './membership.ts'
import { endSuspension, noteCommit, suspendVoting } from './suspension.ts'
import type { Core } from './state.ts'
import type {
  AppendEntries,
  AppendEntriesResponse,
  Entry,
  EntryId,
  Heartbeat,
  Index,
  NodeId,
  RaftMembership,
} from './types.ts'

export function handleAppendEntries(core: Core, message: AppendEntries): void {
  const { log } = core
  const memberships = decodeMemberships(core, message.entries)
  if (memberships === null) return // F4
  const { prev, entries } = message
  const lastNew = prev.index + entries.length
  checkCommitted(core, prev, entries)
  if (prev.index >= core.commitIndex && !log.matches(prev)) {
    reject(core, message.from, message.readRound, prev.index, hintFor(core, prev))
    return
  }
  // What is committed matches; of the rest, the first that differs and all after it are new.
  let skip = Math.max(0, Math.min(entries.length, core.commitIndex - prev.index))
  while (skip < entries.length && log.matches(entries[skip] as Entry)) skip += 1
  if (skip < entries.length) {
    const from = prev.index + skip + 1
    if (from <= log.lastIndex) {
      if (highestLoading(core) >= from) return // U1: the leader will ask again.
      truncate(core, from)
    }
    appendAll(core, entries, skip, memberships)
  }
  commitTo(core, Math.min(message.commitIndex, lastNew)) // F2
  noteCommit(core, message)
  accept(core, message.from, message.readRound, Math.max(lastNew, core.commitIndex))
}

export function handleHeartbeat(core: Core, message: Heartbeat): void {
  const believed = message.commitIndex
  if (believed <= core.log.lastIndex) commitTo(core, believed)
  core.outbox.send({
    kind: 'heartbeatResponse',
    from: core.id,
    to: message.from,
    term: core.term,
    readRound: message.readRound,
  })
  if (believed > core.log.lastIndex) suspendVoting(core)
  if (core.suspension !== null) {
    // The leader may believe that this node holds what it has lost, and may have nothing new to say: make it look.
    endSuspension(core)
    const last = core.log.lastId
    if (core.suspension !== null) reject(core, message.from, 0, Math.max(last.index, believed) + 1, last)
  }
}

/** A leader of an earlier term: answer with the present one, so that it steps down (P20). */
export function answerOldLeader(
  core: Core,
  from: NodeId,
  kind: 'appendEntries' | 'heartbeat' | 'installSnapshot',
  index: Index,
): void {
  if (kind === 'heartbeat')
    core.outbox.send({ kind: 'heartbeatResponse', from: core.id, to: from, term: core.term, readRound: 0 })
  else reject(core, from, 0, index, { term: 0, index: 0 })
}

/** Everything up to `matchIndex` is here and will be durable once the answer leaves (F3). */
export function accept(core: Core, to: NodeId, readRound: number, matchIndex: Index): void {
  answer(core, to, readRound, { kind: 'accepted', matchIndex })
}

function reject(core: Core, to: NodeId, readRound: number, rejectedIndex: Index, hint: EntryId): void {
  answer(core, to, readRound, { kind: 'rejected', rejectedIndex, hint })
}

function answer(core: Core, to: NodeId, readRound: number, outcome: AppendEntriesResponse['outcome']): void {
  const message = { kind: 'appendEntriesResponse', from: core.id, to, term: core.term, readRound, outcome } as const
  core.outbox.sendAfter(core.persistence.lastSeq, message)
}

/** The newest own entry that can match: above the commit index, as far as terms allow; what is committed matches for sure. */
function hintFor(core: Core, prev: EntryId): EntryId {
  const hint = core.log.lastAtMost(Math.min(prev.index, core.log.lastIndex), prev.term)
  return hint.index >= core.commitIndex ? hint : core.log.idAt(core.commitIndex)
}

/** By entry; null when one of them cannot be read. */
function decodeMemberships(core: Core, entries: readonly Entry[]): ReadonlyMap<Index, RaftMembership> | null {
  let memberships: Map<Index, RaftMembership> | null = null
  for (const entry of entries) {
    if (entry.kind !== 'membership') continue
    const membership = tryDecode(core, entry.data)
    if (membership === null) return null
    memberships ??= new Map()
    memberships.set(entry.index, membership)
  }
  return memberships ?? NO_MEMBERSHIPS
}

const NO_MEMBERSHIPS: ReadonlyMap<Index, RaftMembership> = new Map()

/** Leaders of one cluster never differ in what is committed: going on would serve what is not the cluster's (F1). */
function checkCommitted(core: Core, prev: EntryId, entries: readonly Entry[]): void {
  const { commitIndex, log } = core
  for (let at = -1; at < entries.length; at += 1) {
    const id = at < 0 ? prev : (entries[at] as Entry)
    if (id.index > commitIndex) return
    invariant(
      !log.knows(id.index) || log.matches(id),
      () =>
        `F1 a leader of term ${core.term} has ${id.term}/${id.index} where ${log.termAt(id.index)}/${id.index} is committed`,
    )
  }
}

function truncate(core: Core, from: Index): void {
  invariant(from > core.commitIndex, () => `F1 ${from} is above the commit index ${core.commitIndex}`)
  core.log.truncate(from)
  core.persistence.truncate(from)
}

function appendAll(
  core: Core,
  entries: readonly Entry[],
  skip: number,
  memberships: ReadonlyMap<Index, RaftMembership>,
): void {
  for (let at = skip; at < entries.length; at += 1) {
    const entry = entries[at] as Entry
    core.log.append(entry, memberships.get(entry.index) ?? null)
    core.persistence.append(entry)
  }
}
