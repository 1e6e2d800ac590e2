/**
 * One stable text for every state, message and effect: for logs, golden scenarios and dumps.
 *
 * Entries and places in the log read `term/index`.
 */
import { leaderOf, type Core, type RoleState } from './state.ts'
import { statusOf, type ProgressStatus } from './status.ts'
import type { Entry, EntryId, Message, PersistOp, RaftMembership, Ready, SnapshotMeta } from './types.ts'

const MAX_SHOWN_BYTES = 16

function describeId(id: EntryId): string {
  return `${id.term}/${id.index}`
}

export function describeEntry(entry: Entry): string {
  return entry.kind === 'noop'
    ? `${describeId(entry)} noop`
    : `${describeId(entry)} ${entry.kind} ${describeData(entry.data)}`
}

function describeEntries(entries: readonly Entry[]): string {
  return `[${entries.map(describeEntry).join(', ')}]`
}

export function describeMembership(membership: RaftMembership): string {
  const { voters, learners } = membership
  return `voters=(${voters.join(' ')})${learners.length === 0 ? '' : ` learners=(${learners.join(' ')})`}`
}

function describeSnapshot(snapshot: SnapshotMeta): string {
  return `${snapshot.id}@${describeId(snapshot)} membership@${snapshot.membershipIndex}`
}

export function describeMessage(message: Message): string {
  const head = `${message.from}->${message.to} ${message.kind} term=${message.term}`
  const round = 'readRound' in message && message.readRound > 0 ? ` round=${message.readRound}` : ''
  switch (message.kind) {
    case 'appendEntries':
      return `${head} prev=${describeId(message.prev)} commit=${message.commitIndex}${round} entries=${describeEntries(message.entries)}`
    case 'appendEntriesResponse': {
      const { outcome } = message
      return outcome.kind === 'accepted'
        ? `${head}${round} accepted match=${outcome.matchIndex}`
        : `${head}${round} rejected index=${outcome.rejectedIndex} hint=${describeId(outcome.hint)}`
    }
    case 'heartbeat':
      return `${head} commit=${message.commitIndex}${round}`
    case 'heartbeatResponse':
      return `${head}${round}`
    case 'requestVote':
    case 'preVote':
      return `${head} last=${describeId(message.last)}${message.transfer ? ' transfer' : ''}`
    case 'requestVoteResponse':
    case 'preVoteResponse':
      return `${head} ${message.granted ? 'granted' : 'rejected'}`
    case 'installSnapshot':
      return `${head} snapshot=${describeSnapshot(message.snapshot)}`
    case 'timeoutNow':
      return `${head} last=${describeId(message.last)}`
  }
}

export function describePersistOp(op: PersistOp): string {
  const parts = [`#${op.seq}`]
  if (op.hardState) parts.push(`term=${op.hardState.term} vote=${op.hardState.vote ?? '-'}`)
  if (op.truncateFrom !== undefined) parts.push(`truncate>=${op.truncateFrom}`)
  if (op.entries) parts.push(`append ${describeEntries(op.entries)}`)
  if (op.compact) parts.push(`compact<=${describeId(op.compact)} membership@${op.compact.membershipIndex}`)
  if (op.installSnapshot)
    parts.push(
      `install ${describeSnapshot(op.installSnapshot.snapshot)}${op.installSnapshot.keepEntries ? ' keep' : ''}`,
    )
  return parts.join(' ')
}

/** One line per effect; `(nothing)` when there is none. */
export function describeReady(ready: Ready): string {
  const lines: string[] = []
  if (ready.soft) lines.push(`soft ${ready.soft.role} term=${ready.soft.term} leader=${ready.soft.leader ?? '-'}`)
  if (ready.membership)
    lines.push(`membership @${ready.membership.index} ${describeMembership(ready.membership.membership)}`)
  for (const op of ready.persist) lines.push(`persist ${describePersistOp(op)}`)
  for (const message of ready.send) lines.push(`send ${describeMessage(message)}`)
  for (const { seq, message } of ready.sendAfter) lines.push(`send after #${seq} ${describeMessage(message)}`)
  if (ready.apply.length > 0) lines.push(`apply ${describeEntries(ready.apply)}`)
  if (ready.restore) lines.push(`restore ${describeSnapshot(ready.restore)}`)
  for (const { context, id } of ready.accepted) lines.push(`accepted ${context} at ${describeId(id)}`)
  for (const { context, reason, leader, detail } of ready.dropped)
    lines.push(`dropped ${context} ${reason} leader=${leader ?? '-'} (${detail})`)
  for (const { context, index } of ready.reads) lines.push(`read ${context} at ${index}`)
  for (const { context, leader } of ready.transferred) lines.push(`transferred ${context} leader=${leader ?? '-'}`)
  for (const { request, from, to, maxBytes } of ready.loads)
    lines.push(`load ${request} [${from}, ${to}] maxBytes=${maxBytes}`)
  for (const { to } of ready.snapshotsNeeded) lines.push(`snapshot needed by ${to}`)
  if (ready.receive) lines.push(`receive ${describeSnapshot(ready.receive.snapshot)} from ${ready.receive.from}`)
  return lines.length === 0 ? '(nothing)' : lines.join('\n')
}

export function describeCore(core: Core): string {
  const { log, apply, persistence, receipt, suspension } = core
  const lines = [
    `${core.id} ${describeRole(core.role)} term=${core.term} vote=${core.vote ?? '-'} leader=${leaderOf(core) ?? '-'}`,
    `log base=${describeId(log.base)} last=${describeId(log.lastId)} cached=[${log.cachedFrom}, ${log.lastIndex}] terms=${log.termRuns.map(describeId).join(' ')}`,
    `commit=${core.commitIndex} durable=${persistence.durableIndex} applied=${apply.appliedIndex} handedOut=${apply.handedOutIndex} outstandingBytes=${apply.outstandingBytes}`,
    `persist last=#${persistence.lastSeq} handedOut=#${persistence.handedOutSeq} durable=#${persistence.durableSeq}`,
  ]
  for (const { index, membership } of log.memberships.items) {
    lines.push(
      `membership @${index}${index > core.commitIndex ? ' uncommitted' : ''} ${describeMembership(membership)}`,
    )
  }
  if (suspension) lines.push(`voting suspended goal=${suspension.goal ? describeId(suspension.goal) : '-'}`)
  if (receipt) lines.push(`snapshot ${receipt.kind} ${describeSnapshot(receipt.snapshot)}`)
  for (const [request, load] of core.loads)
    lines.push(`loading ${request} [${load.from}, ${load.to}] for ${load.node ?? 'apply'}`)
  if (core.handover) lines.push(`handover context=${core.handover.context} ticksLeft=${core.handover.ticksLeft}`)
  for (const progress of statusOf(core).progress) lines.push(describeProgress(progress))
  return lines.join('\n')
}

function describeRole(role: RoleState): string {
  switch (role.role) {
    case 'follower':
      return `follower elapsed=${role.elapsedTicks}/${role.timeoutTicks}`
    case 'pre-candidate':
    case 'candidate': {
      const votes = [...role.votes]
        .sort(([one], [other]) => (one < other ? -1 : 1))
        .map(([id, granted]) => `${id}:${granted ? 'yes' : 'no'}`)
      return `${role.role} elapsed=${role.elapsedTicks}/${role.timeoutTicks} votes=(${votes.join(' ')})`
    }
    case 'leader': {
      const transfer =
        role.transfer === null ? '' : ` transfer=${role.transfer.to} ticksLeft=${role.transfer.ticksLeft}`
      const reads = `reads=${role.reads.pending}${role.reads.parked > 0 ? ` parked=${role.reads.parked}` : ''}`
      return `leader since=${role.firstOwnIndex} round=${role.reads.round} ${reads} uncommittedBytes=${role.uncommittedBytes}${transfer}`
    }
    case 'halted':
      return `halted (${role.reason})`
  }
}

function describeProgress(progress: ProgressStatus): string {
  const flags = [
    progress.pendingSnapshot === null ? '' : ` pendingSnapshot=${progress.pendingSnapshot}`,
    progress.inflight === 0 ? '' : ` inflight=${progress.inflight}/${progress.inflightBytes}B`,
    progress.paused ? ' paused' : '',
    progress.recentActive ? '' : ' inactive',
    progress.leaving ? ' leaving' : '',
  ]
  return `-> ${progress.id} ${progress.state} match=${progress.matchIndex} next=${progress.nextIndex}${flags.join('')}`
}

/** Printable bytes in quotes, others in hex; cut when long. */
function describeData(data: Uint8Array): string {
  const shown = data.subarray(0, MAX_SHOWN_BYTES)
  const isPrintable = shown.every((byte) => byte >= 0x20 && byte < 0x7f && byte !== 0x22)
  const text = isPrintable
    ? `"${String.fromCharCode(...shown)}"`
    : `0x${Array.from(shown, (byte) => byte.toString(16).padStart(2, '0')).join('')}`
  return data.byteLength > MAX_SHOWN_BYTES ? `${text}… ${data.byteLength}B` : text
}
