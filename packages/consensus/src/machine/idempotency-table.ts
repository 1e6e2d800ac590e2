/**
 * What the clients' idempotency keys were used for.
 *
 * - IT1 Only committed time decides: a key is known, new, or too old by the log alone.
 * - IT2 A row counts for at least 15 minutes of committed time after the first use, and until its key is too old by its own
 *   time: between the two there is no moment at which a used key could pass for a new one.
 * - IT3 Rows are due in the order in which they were made, so the queue's head is always the next.
 * - IT4 An entry deletes a bounded number of rows, more than it can add; a due row that is still there counts for nothing.
 */
import { CorruptError } from '@pinset/interface'

import { bytesEqual } from '../codec/checks.ts'
import { idempotencyKeyTimeMs } from '../codec/idempotency-key.ts'
import { IDEMPOTENCY_LIMITS } from '../codec/limits.ts'
import type { OperationOutcome } from '../codec/outcome-codec.ts'
import type { RowOverlay } from './row-overlay.ts'
import {
  decodeExpiryQueue,
  decodeExpiryRow,
  decodeIdempotencyRow,
  encodeExpiryQueue,
  encodeExpiryRow,
  encodeIdempotencyRow,
  EXPIRY_QUEUE_KEY,
  type ExpiryQueue,
  expiryRowKey,
  idempotencyRowKey,
  type IdempotencyRow,
} from './rows.ts'

/** A client's key and what it was used for. */
export interface KeyedRequest {
  readonly key: Uint8Array
  readonly fingerprint: Uint8Array
}

export type KeyUse =
  | { readonly kind: 'new' }
  | { readonly kind: 'used'; readonly row: IdempotencyRow }
  | { readonly kind: 'used-otherwise' }
  | { readonly kind: 'expired' }
  | { readonly kind: 'ahead' }

export class IdempotencyTable {
  readonly #rows: RowOverlay
  #queue: ExpiryQueue | null = null
  #queueChanged = false

  constructor(rows: RowOverlay) {
    this.#rows = rows
  }

  /** IT1 */
  lookUp(idempotency: KeyedRequest, committedTimeMs: number): KeyUse {
    const value = this.#rows.get(idempotencyRowKey(idempotency.key))
    const row = value === undefined ? null : decodeIdempotencyRow(value)
    if (row !== null && committedTimeMs < row.dueMs) {
      return bytesEqual(row.fingerprint, idempotency.fingerprint) ? { kind: 'used', row } : { kind: 'used-otherwise' }
    }
    const keyTimeMs = idempotencyKeyTimeMs(idempotency.key)
    if (keyTimeMs + IDEMPOTENCY_LIMITS.keptMs <= committedTimeMs) return { kind: 'expired' }
    return keyTimeMs > committedTimeMs + IDEMPOTENCY_LIMITS.maxAheadMs ? { kind: 'ahead' } : { kind: 'new' }
  }

  /** Remember the first use of a key that is new. */
  add(idempotency: KeyedRequest, revision: number, outcome: OperationOutcome, committedTimeMs: number): void {
    const dueMs = committedTimeMs + IDEMPOTENCY_LIMITS.keptMs + IDEMPOTENCY_LIMITS.maxAheadMs // IT2
    this.#rows.put(
      idempotencyRowKey(idempotency.key),
      encodeIdempotencyRow({ fingerprint: idempotency.fingerprint, revision, outcome, dueMs }),
    )
    const { head, tail, headDueMs } = this.#readQueue()
    // Numbers of the queue are never used twice: there is no such row.
    this.#rows.insert(expiryRowKey(tail), encodeExpiryRow({ dueMs, key: idempotency.key }))
    this.#setQueue({ head, tail: tail + 1, headDueMs: head === tail ? dueMs : headDueMs })
  }

  /** IT4: delete rows that are due, the oldest first. */
  expire(committedTimeMs: number, maxRows: number): void {
    let { head, tail, headDueMs } = this.#readQueue()
    for (let deleted = 0; deleted < maxRows && head < tail && headDueMs <= committedTimeMs; deleted++) {
      this.#rows.delete(idempotencyRowKey(this.#readRow(head).key))
      this.#rows.delete(expiryRowKey(head))
      head += 1
      headDueMs = head < tail ? this.#readRow(head).dueMs : 0 // IT3
      this.#setQueue({ head, tail, headDueMs })
    }
  }

  /** Keys in the table. */
  count(): number {
    const { head, tail } = this.#readQueue()
    return tail - head
  }

  /** Write what changed into the overlay. */
  flush(): void {
    if (this.#queueChanged) this.#rows.put(EXPIRY_QUEUE_KEY, encodeExpiryQueue(this.#readQueue()))
  }

  #readRow(number: number): { readonly dueMs: number; readonly key: Uint8Array } {
    const value = this.#rows.get(expiryRowKey(number))
    if (value === undefined) throw new CorruptError(`expiry row ${number}: missing, although the queue holds it`)
    return decodeExpiryRow(value)
  }

  #readQueue(): ExpiryQueue {
    this.#queue ??= decodeExpiryQueue(this.#rows.get(EXPIRY_QUEUE_KEY))
    return this.#queue
  }

  #setQueue(queue: ExpiryQueue): void {
    this.#queue = queue
    this.#queueChanged = true
  }
}
