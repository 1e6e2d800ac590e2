/**
 * The rows of the state: their keys and values.
 *
 * - `pin`: CID bytes as given → content, time, index. A CIDv0 and a CIDv1 of one multihash are two pins.
 * - `origin`: peer and storage id → low-water mark and the outcomes of the requests above it.
 * - `request`: origin and serial → the pin that this request removed; there exactly while `origin` lists it as `unpinned`.
 * - `idempotency`: UUIDv7 → fingerprint and outcome.
 * - `expiry`: a queue of idempotency keys in the order in which they are due; the row `00` holds its two ends.
 */
import type { Pin, PinRecord, RowKey } from '@pinset/interface'
import type { CID } from 'multiformats/cid'

import { checkBytes, checkCount, checkInteger, decodeWire, wireBytes } from '../codec/checks.ts'
import { checkIdempotencyKey } from '../codec/idempotency-key.ts'
import { LOG_LIMITS } from '../codec/limits.ts'
import { type OperationOutcome, outcomeFromWire, outcomeToWire } from '../codec/outcome-codec.ts'
import { decodePinContent } from '../codec/pin-codec.ts'
import * as wire from '../proto/rows.ts'

const encoder = new TextEncoder()

function writeUint64(bytes: Uint8Array, at: number, value: number): void {
  new DataView(bytes.buffer, bytes.byteOffset).setBigUint64(at, BigInt(value))
}

// ---- pin ----

export interface PinRow {
  readonly content: Uint8Array
  readonly timestampMs: number
  readonly modifiedIndex: number
}

export function pinRowKey(cid: CID): RowKey {
  return { table: 'pin', key: cid.bytes }
}

export function encodePinRow(row: PinRow): Uint8Array {
  return wire.PinRow.encode({
    content: wireBytes(row.content),
    timestampMs: row.timestampMs,
    modifiedIndex: row.modifiedIndex,
  })
}

/** @throws {CorruptError} naming the field that is wrong. */
export function decodePinRow(value: Uint8Array): PinRow {
  const row = decodeWire('pin row', (from) => wire.PinRow.decode(from), value)
  checkInteger('pin row.timestampMs', row.timestampMs, 0)
  checkInteger('pin row.modifiedIndex', row.modifiedIndex, 1)
  return row
}

export function pinOfRow(row: PinRow): Pin {
  return { ...decodePinContent(row.content), timestampMs: row.timestampMs }
}

/** A pin with its index, from the value of its row. @throws {CorruptError} naming the field that is wrong. */
export function decodePinRecord(value: Uint8Array): PinRecord {
  const row = decodePinRow(value)
  return { pin: pinOfRow(row), modifiedIndex: row.modifiedIndex }
}

// ---- origin and request ----

/** What is kept of an answered request until its origin has the answer. */
export interface AnsweredRequest {
  readonly kind: OperationOutcome['kind']
  /** Index of the entry that decided. */
  readonly revision: number
  /** Of `conflict`, and of `pinned` that changed nothing; else 0. */
  readonly modifiedIndex: number
  /** Number of the reason of `refused`; else 0. */
  readonly reason: number
  /** The first bytes of the request's fingerprint. */
  readonly fingerprint: Uint8Array
}

export const KEPT_FINGERPRINT_BYTES = 8

export interface OriginRow {
  readonly lowWater: number
  /** By serial; all above `lowWater`, at most `maxOpenRequests`. */
  readonly open: ReadonlyMap<number, AnsweredRequest>
}

/** Bound here to the row format; the wire numbers of outcomes. */
const KINDS: readonly OperationOutcome['kind'][] = [
  'pinned',
  'refused',
  'conflict',
  'expired',
  'unpinned',
  'not-pinned',
]

export function originRowKey(origin: { readonly peerId: string; readonly storageId: string }): RowKey {
  return { table: 'origin', key: encoder.encode(`${origin.peerId}\0${origin.storageId}`) }
}

export function encodeOriginRow(row: OriginRow): Uint8Array {
  const answered = [...row.open].sort(([a], [b]) => a - b)
  let baseRevision = Number.MAX_SAFE_INTEGER
  for (const [, { revision }] of answered) baseRevision = Math.min(baseRevision, revision)
  if (answered.length === 0) baseRevision = 0
  const open = answered.map(([serial, request]) => ({
    offset: serial - row.lowWater,
    revisionOffset: request.revision - baseRevision,
    kind: KINDS.indexOf(request.kind) + 1,
    modifiedIndex: request.modifiedIndex,
    reason: request.reason,
    fingerprint: wireBytes(request.fingerprint),
  }))
  return wire.OriginRow.encode({ lowWater: row.lowWater, baseRevision, open })
}

/** @throws {CorruptError} naming the field that is wrong. */
export function decodeOriginRow(value: Uint8Array): OriginRow {
  const row = decodeWire('origin row', (from) => wire.OriginRow.decode(from), value)
  checkInteger('origin row.lowWater', row.lowWater, 0)
  checkInteger('origin row.baseRevision', row.baseRevision, 0)
  checkCount('origin row.open', row.open.length, LOG_LIMITS.maxOpenRequests)
  const open = new Map<number, AnsweredRequest>()
  let last = 0
  for (const { offset, revisionOffset, kind, modifiedIndex, reason, fingerprint } of row.open) {
    checkInteger('origin row.open.offset', offset, last + 1)
    last = offset
    open.set(checkInteger('origin row.open.serial', row.lowWater + offset, 1), {
      kind: KINDS[checkInteger('origin row.open.kind', kind, 1, KINDS.length) - 1] ?? 'expired',
      revision: checkInteger('origin row.open.revision', row.baseRevision + revisionOffset, 1),
      modifiedIndex: checkInteger('origin row.open.modifiedIndex', modifiedIndex, 0),
      reason,
      fingerprint: checkBytes(
        'origin row.open.fingerprint',
        fingerprint,
        KEPT_FINGERPRINT_BYTES,
        KEPT_FINGERPRINT_BYTES,
      ),
    })
  }
  return { lowWater: row.lowWater, open }
}

/** The highest serial that the state remembers of an origin, from the value of its row; 0 when there is none. */
export function highestSerial(value: Uint8Array | undefined): number {
  if (value === undefined) return 0
  const { lowWater, open } = decodeOriginRow(value)
  let highest = lowWater
  for (const serial of open.keys()) highest = Math.max(highest, serial)
  return highest
}

export function removedPinRowKey(origin: RowKey, serial: number): RowKey {
  const key = new Uint8Array(origin.key.length + 9)
  key.set(origin.key)
  writeUint64(key, origin.key.length + 1, serial)
  return { table: 'request', key }
}

// ---- idempotency and expiry ----

export interface IdempotencyRow {
  readonly fingerprint: Uint8Array
  readonly revision: number
  readonly outcome: OperationOutcome
  /** From this committed time on the row counts for nothing. */
  readonly dueMs: number
}

export function idempotencyRowKey(key: Uint8Array): RowKey {
  return { table: 'idempotency', key }
}

export function encodeIdempotencyRow(row: IdempotencyRow): Uint8Array {
  return wire.IdempotencyRow.encode({
    fingerprint: wireBytes(row.fingerprint),
    revision: row.revision,
    outcome: outcomeToWire(row.outcome),
    dueMs: row.dueMs,
  })
}

/** @throws {CorruptError} naming the field that is wrong. */
export function decodeIdempotencyRow(value: Uint8Array): IdempotencyRow {
  const row = decodeWire('idempotency row', (from) => wire.IdempotencyRow.decode(from), value)
  return {
    fingerprint: checkBytes('idempotency row.fingerprint', row.fingerprint, 32, 32),
    revision: checkInteger('idempotency row.revision', row.revision, 1),
    outcome: outcomeFromWire('idempotency row.outcome', row.outcome),
    dueMs: checkInteger('idempotency row.dueMs', row.dueMs, 0),
  }
}

/** Numbers of the oldest and of the next row of the queue, and when the oldest is due. */
export interface ExpiryQueue {
  readonly head: number
  readonly tail: number
  /** 0 when the queue is empty. */
  readonly headDueMs: number
}

export const EXPIRY_QUEUE_KEY: RowKey = Object.freeze({ table: 'expiry', key: Uint8Array.of(0) })
const EMPTY_EXPIRY_QUEUE: ExpiryQueue = Object.freeze({ head: 0, tail: 0, headDueMs: 0 })

export function encodeExpiryQueue(queue: ExpiryQueue): Uint8Array {
  return wire.ExpiryQueue.encode(queue)
}

/** @throws {CorruptError} naming the field that is wrong. */
export function decodeExpiryQueue(value: Uint8Array | undefined): ExpiryQueue {
  if (value === undefined) return EMPTY_EXPIRY_QUEUE
  const queue = decodeWire('expiry queue', (from) => wire.ExpiryQueue.decode(from), value)
  checkInteger('expiry queue.head', queue.head, 0)
  checkInteger('expiry queue.tail', queue.tail, queue.head)
  checkInteger('expiry queue.headDueMs', queue.headDueMs, 0)
  return queue
}

export function expiryRowKey(number: number): RowKey {
  const key = new Uint8Array(9)
  key[0] = 1
  writeUint64(key, 1, number)
  return { table: 'expiry', key }
}

export interface ExpiryRow {
  readonly dueMs: number
  readonly key: Uint8Array
}

export function encodeExpiryRow(row: ExpiryRow): Uint8Array {
  return wire.ExpiryRow.encode({ dueMs: row.dueMs, key: wireBytes(row.key) })
}

/** @throws {CorruptError} naming the field that is wrong. */
export function decodeExpiryRow(value: Uint8Array): ExpiryRow {
  const row = decodeWire('expiry row', (from) => wire.ExpiryRow.decode(from), value)
  return { dueMs: checkInteger('expiry row.dueMs', row.dueMs, 0), key: checkIdempotencyKey('expiry row.key', row.key) }
}
