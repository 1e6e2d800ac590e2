/**
 * Which rows apply will read: everything is known from the entries and from rows that were read before, so the driver
 * asks again until nothing is missing (one round as a rule, two or three when keys expire or answers are forgotten).
 */
import type { Member, Membership, RowKey, StateMeta, StateStore } from '@pinset/interface'

import type { DecodedEntry } from '../codec/entry-codec.ts'
import { IDEMPOTENCY_LIMITS } from '../codec/limits.ts'
import { membershipOf, NO_MEMBERS } from '../codec/membership-codec.ts'
import type { Operation } from '../codec/operation-codec.ts'
import { LoadedRows, rowId } from './row-overlay.ts'
import {
  decodeExpiryQueue,
  decodeExpiryRow,
  decodeOriginRow,
  EXPIRY_QUEUE_KEY,
  expiryRowKey,
  idempotencyRowKey,
  originRowKey,
  pinRowKey,
  removedPinRowKey,
} from './rows.ts'

/** Rows of the expiry queue that one round reads. */
const EXPIRY_ROWS_PER_ROUND = 256

/**
 * Read every row that applying these entries needs.
 *
 * @param store - must already answer with the writes of all entries before these.
 */
export async function loadRows(
  store: Pick<StateStore, 'getMany'>,
  meta: StateMeta,
  entries: readonly DecodedEntry[],
): Promise<LoadedRows> {
  const loaded = new LoadedRows()
  for (;;) {
    const keys = missingKeys(meta, entries, loaded)
    if (keys.length === 0) return loaded
    loaded.add(keys, await store.getMany(keys))
  }
}

/** The rows that apply will read and that are not loaded yet, as far as can be told from those that are. */
export function missingKeys(meta: StateMeta, entries: readonly DecodedEntry[], loaded: LoadedRows): readonly RowKey[] {
  const missing = new Map<string, RowKey>()
  const want = (key: RowKey): boolean => {
    if (loaded.has(key)) return true
    missing.set(rowId(key), key)
    return false
  }
  const origins = new Map<string, OriginUse>()
  const clock = { timeMs: meta.committedTimeMs, expirable: 0 }
  let members = meta.membership.length === 0 ? NO_MEMBERS : membershipOf(meta.membership)
  for (const { content } of entries) {
    if (content.kind === 'operations') {
      for (const operation of content.operations) {
        clock.timeMs = Math.max(clock.timeMs, operation.envelope.timeMs)
        wantOperation(operation, origins, want)
      }
      clock.expirable += expirableRows(content.operations.length)
    } else if (content.kind === 'membership') {
      clock.timeMs = Math.max(clock.timeMs, content.membership.cause.timeMs)
      clock.expirable += expirableRows(0)
      for (const origin of removedOrigins(members, content.membership.next))
        originUse(origins, origin).forgotten = Infinity
      members = content.membership.next
    }
  }
  for (const use of origins.values()) wantAnswers(use, loaded, want)
  if (clock.expirable > 0) wantExpired(clock, loaded, want)
  return [...missing.values()]
}

/** Members whose database counts for nothing in the next membership. */
export function removedOrigins(current: Membership, next: Membership): readonly Member[] {
  return current.members.filter(
    ({ peerId, storageId }) =>
      !next.members.some((member) => member.peerId === peerId && member.storageId === storageId),
  )
}

/** How many rows of the expiry queue one entry deletes at most. */
export function expirableRows(operations: number): number {
  return IDEMPOTENCY_LIMITS.expiredPerEntry + 2 * operations
}

interface OriginUse {
  readonly key: RowKey
  /** Answers up to this serial may be deleted. */
  forgotten: number
  /** Answers of these may be given again. */
  readonly serials: Set<number>
}

function originUse(
  origins: Map<string, OriginUse>,
  origin: { readonly peerId: string; readonly storageId: string },
): OriginUse {
  const text = `${origin.peerId} ${origin.storageId}`
  let use = origins.get(text)
  if (use === undefined) {
    use = { key: originRowKey(origin), forgotten: 0, serials: new Set() }
    origins.set(text, use)
  }
  return use
}

function wantOperation(operation: Operation, origins: Map<string, OriginUse>, want: (key: RowKey) => boolean): void {
  const { requestId, idempotencyKey } = operation.envelope
  want(pinRowKey(operation.kind === 'pin' ? operation.pin.cid : operation.cid))
  if (idempotencyKey !== null) want(idempotencyRowKey(idempotencyKey))
  const use = originUse(origins, requestId)
  use.forgotten = Math.max(use.forgotten, requestId.lowWater)
  use.serials.add(requestId.serial)
}

function wantAnswers(use: OriginUse, loaded: LoadedRows, want: (key: RowKey) => boolean): void {
  if (!want(use.key)) return
  const value = loaded.get(use.key)
  if (value === undefined) return
  for (const [serial, request] of decodeOriginRow(value).open) {
    if (request.kind === 'unpinned' && (serial <= use.forgotten || use.serials.has(serial)))
      want(removedPinRowKey(use.key, serial))
  }
}

function wantExpired(
  clock: { readonly timeMs: number; readonly expirable: number },
  loaded: LoadedRows,
  want: (key: RowKey) => boolean,
): void {
  if (!want(EXPIRY_QUEUE_KEY)) return
  const queue = decodeExpiryQueue(loaded.get(EXPIRY_QUEUE_KEY))
  if (queue.head === queue.tail || queue.headDueMs > clock.timeMs) return
  const end = Math.min(queue.tail, queue.head + clock.expirable + 1)
  let asked = 0
  for (let number = queue.head; number < end && asked < EXPIRY_ROWS_PER_ROUND; number++) {
    const key = expiryRowKey(number)
    if (!want(key)) {
      asked += 1
      continue
    }
    const value = loaded.get(key)
    if (value === undefined) return
    const row = decodeExpiryRow(value)
    // One row that is not due is read too: it says when the queue is due next.
    if (row.dueMs > clock.timeMs) return
    want(idempotencyRowKey(row.key))
  }
}
