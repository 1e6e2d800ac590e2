/**
 * The pinset machine: committed entries and the rows they touch in, one state write and an outcome per operation out.
 *
 * - MA1 Pure: the result is a function of the meta data, the rows and the entries; no clock, no chance, no I/O.
 * - MA2 Total: every decoded operation has an outcome; none is skipped and none throws. What throws here is a damaged state.
 * - MA3 How entries are grouped into writes changes nothing: rows, head and digest at an index are the same.
 * - MA4 Every entry of any kind extends the chain and moves the applied index by one.
 * - MA5 Committed time never goes back, and is the only clock.
 */
import type { CID } from 'multiformats/cid'
import type { Membership, MembershipAt, Pin, StateMeta, StateWrite } from '@pinset/interface'
import { invariant } from '@pinset/raft'

import type { DecodedEntry } from '../codec/entry-codec.ts'
import { UpgradeRequiredError } from '../codec/errors.ts'
import { OPERATION_VERSION } from '../codec/limits.ts'
import { type MembershipEntry, membershipOf, NO_MEMBERS } from '../codec/membership-codec.ts'
import type { AppliedOperation } from './applied-operation.ts'
import { applyOperation, type MachineRun } from './apply-operation.ts'
import { extendChain, FIRST_HEAD } from './hash-chain.ts'
import { IdempotencyTable } from './idempotency-table.ts'
import { expirableRows, removedOrigins } from './missing-keys.ts'
import { OriginTable } from './origin-table.ts'
import { type LoadedRows, RowOverlay } from './row-overlay.ts'

export interface AppliedEntry {
  readonly term: number
  readonly index: number
  /** In the order of the batch; the place is the event's position. Empty for other kinds of entry. */
  readonly operations: readonly AppliedOperation[]
  /** Null for other kinds of entry. */
  readonly membership: MembershipEntry | null
}

export interface Applied {
  readonly write: StateWrite
  readonly entries: readonly AppliedEntry[]
  /** What became of the pins that changed, taken together: each CID is in one of the two at most once. */
  readonly pinned: readonly Pin[]
  readonly unpinned: readonly CID[]
  /** The newest membership among the entries; null when there is none. */
  readonly membership: MembershipAt | null
  /** Idempotency keys in the table after these entries; null when no entry could have changed it. */
  readonly idempotencyKeys: number | null
}

/** The meta data of a state to which nothing has been applied. */
export const EMPTY_STATE_META: StateMeta = Object.freeze({
  appliedIndex: 0,
  appliedTerm: 0,
  head: FIRST_HEAD,
  digest: new Uint8Array(32),
  membership: new Uint8Array(0),
  membershipIndex: 0,
  committedTimeMs: 0,
  operationVersion: 0,
  pinCount: 0,
})

/** @throws {UpgradeRequiredError} the state was written by a version that knows operations which this one does not. */
export function checkStateVersion(meta: StateMeta): void {
  if (meta.operationVersion > OPERATION_VERSION) {
    throw new UpgradeRequiredError(
      `the state holds operations of version ${meta.operationVersion}, known here up to ${OPERATION_VERSION}; upgrade this peer`,
    )
  }
}

/** The membership that the meta data holds. */
function membershipAt(meta: StateMeta): MembershipAt {
  return {
    index: meta.membershipIndex,
    membership: meta.membership.length === 0 ? NO_MEMBERS : membershipOf(meta.membership),
  }
}

/**
 * Apply committed entries.
 *
 * @param meta - of the state before them; the first entry is the one after `meta.appliedIndex`.
 * @param loaded - from `loadRows(store, meta, entries)`, with nothing written in between.
 * @throws {CorruptError} a row of the state is damaged; nothing was changed.
 */
export function applyEntries(meta: StateMeta, entries: readonly DecodedEntry[], loaded: LoadedRows): Applied {
  const rows = new RowOverlay(loaded)
  const origins = new OriginTable(rows)
  const idempotency = new IdempotencyTable(rows)
  const run: MachineRun = {
    rows,
    origins,
    idempotency,
    members: membershipAt(meta).membership,
    committedTimeMs: meta.committedTimeMs,
    pinCount: meta.pinCount,
    changes: new Map(),
  }
  let { appliedIndex, appliedTerm, head, membership, membershipIndex, operationVersion } = meta
  let newest: Membership | null = null
  let timed = false
  const applied: AppliedEntry[] = []
  for (const { entry, content } of entries) {
    invariant(
      entry.index === appliedIndex + 1 && entry.term >= appliedTerm,
      () => `MA4 entry ${entry.index} of term ${entry.term} after ${appliedIndex} of term ${appliedTerm}`,
    )
    appliedIndex = entry.index
    appliedTerm = entry.term
    head = extendChain(head, entry)
    let operations: readonly AppliedOperation[] = []
    if (content.kind === 'operations') {
      operations = content.operations.map((operation) => applyOperation(run, entry.index, operation))
      for (const { version } of content.operations) operationVersion = Math.max(operationVersion, version)
    } else if (content.kind === 'membership') {
      newest = content.membership.next
      membership = entry.data
      membershipIndex = entry.index
      operationVersion = Math.max(operationVersion, content.membership.version)
      applyMembership(run, content.membership)
    }
    if (content.kind !== 'noop') {
      timed = true
      idempotency.expire(run.committedTimeMs, expirableRows(operations.length))
    }
    applied.push({
      term: entry.term,
      index: entry.index,
      operations,
      membership: content.kind === 'membership' ? content.membership : null,
    })
  }
  origins.flush()
  idempotency.flush()
  const { puts, deletes, digest } = rows.finish(meta.digest)
  const { committedTimeMs, pinCount } = run
  const newMeta: StateMeta = {
    appliedIndex,
    appliedTerm,
    head,
    digest,
    membership,
    membershipIndex,
    committedTimeMs,
    operationVersion,
    pinCount,
  }
  return {
    write: { puts, deletes, meta: newMeta },
    entries: applied,
    ...changedPins(run),
    membership: newest === null ? null : { index: membershipIndex, membership: newest },
    idempotencyKeys: timed ? idempotency.count() : null,
  }
}

function applyMembership(run: MachineRun, { next, cause }: MembershipEntry): void {
  run.committedTimeMs = Math.max(run.committedTimeMs, cause.timeMs) // MA5
  for (const origin of removedOrigins(run.members, next)) run.origins.remove(origin)
  run.members = next
}

function changedPins(run: MachineRun): { readonly pinned: readonly Pin[]; readonly unpinned: readonly CID[] } {
  const pinned: Pin[] = []
  const unpinned: CID[] = []
  for (const { cid, pin } of run.changes.values()) {
    if (pin === null) unpinned.push(cid)
    else pinned.push(pin)
  }
  return { pinned, unpinned }
}
