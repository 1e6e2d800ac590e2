/**
 * Proves that the chunks received are the state that was offered: whole, in order, and nothing else.
 *
 * - SV1 Chunks come by number, rows in ascending order; a row that is missing, twice or changed is found by order or digest.
 * - SV2 The digest is computed over every row received since the beginning, across interruptions.
 * - SV3 A chunk that is refused changes nothing: the cursor is still that of the last one taken.
 * - SV4 The rows verified are the whole state: it replaces what was there, and is never merged with it.
 */
import { CorruptError, type Row, type RowKey, type StateMeta } from '@pinset/interface'
import type { SnapshotMeta } from '@pinset/raft'

import { bytesEqual, corrupt, toHex } from '../codec/checks.ts'
import { toRaftMembership } from '../codec/membership-codec.ts'
import { checkStateVersion } from '../machine/machine.ts'
import { DIGEST_BYTES, StateDigest } from '../machine/state-digest.ts'
import { compareRowKeys, decodeChunk, encodeCursor } from './chunk-codec.ts'

export class SnapshotVerifier {
  readonly #offered: SnapshotMeta
  readonly #digest = new StateDigest(new Uint8Array(DIGEST_BYTES))
  /** Chunks of rows taken. */
  #next = 0
  #last: RowKey | null = null
  #pinCount = 0
  #meta: StateMeta | null = null

  constructor(offered: SnapshotMeta) {
    this.#offered = offered
  }

  /**
   * Take the next chunk.
   *
   * @returns its rows, to be written to the state that is being received; none for the last chunk.
   * @throws {CorruptError} and nothing was taken (SV3).
   */
  accept(chunk: Uint8Array): readonly Row[] {
    const decoded = decodeChunk(chunk)
    if (decoded.sequence !== this.#next)
      throw corrupt(`snapshot chunk ${decoded.sequence}`, `chunk ${this.#next} was expected`)
    if (decoded.kind === 'meta') {
      // Not counted: when the stream breaks right after it, the next one sends it again.
      this.#meta = this.#checkMeta(decoded.meta)
      return []
    }
    if (this.#meta !== null) throw corrupt(`snapshot chunk ${decoded.sequence}`, 'rows after the meta data')
    const last = checkOrder(decoded.sequence, this.#last, decoded.rows)
    for (const row of decoded.rows) {
      this.#digest.add(row) // SV2
      if (row.table === 'pin') this.#pinCount += 1
    }
    this.#last = last
    this.#next += 1
    return decoded.rows
  }

  /** The sender goes on after this when a transfer was interrupted; empty: from the beginning. */
  cursor(): Uint8Array {
    if (this.#last === null) return new Uint8Array(0)
    return encodeCursor({ snapshotId: this.#offered.id, sequence: this.#next - 1, after: this.#last })
  }

  /** The meta data of the state whose rows were all taken. @throws {CorruptError} rows are missing or differ. */
  finish(): StateMeta {
    const meta = this.#meta
    if (meta === null)
      throw new CorruptError(
        `the snapshot ${this.#offered.id} ended after ${this.#next} chunks of rows, without its meta data`,
      )
    const digest = this.#digest.bytes()
    if (!bytesEqual(digest, meta.digest)) {
      throw new CorruptError(
        `the rows of the snapshot ${this.#offered.id} have the digest ${toHex(digest)}, but ${toHex(meta.digest)} was announced`,
      )
    }
    if (this.#pinCount !== meta.pinCount) {
      throw new CorruptError(
        `the snapshot ${this.#offered.id} holds ${this.#pinCount} pins, but ${meta.pinCount} were announced`,
      )
    }
    return meta
  }

  #checkMeta(meta: StateMeta): StateMeta {
    const { index, term, membership, membershipIndex } = this.#offered
    if (meta.appliedIndex !== index || meta.appliedTerm !== term) {
      throw corrupt(
        'snapshot meta',
        `is of index ${meta.appliedIndex} and term ${meta.appliedTerm}, but ${index} of term ${term} was offered`,
      )
    }
    if (meta.membershipIndex !== membershipIndex || !bytesEqual(meta.membership, membership)) {
      throw corrupt(
        'snapshot meta.membership',
        `is the one at index ${meta.membershipIndex}, but the one at ${membershipIndex} was offered`,
      )
    }
    if (membershipIndex > 0) toRaftMembership(membership)
    checkStateVersion(meta)
    return meta
  }
}

/** SV1; returns the last key. */
function checkOrder(sequence: number, before: RowKey | null, rows: readonly Row[]): RowKey {
  let last = before
  for (const { table, key } of rows) {
    const rowKey: RowKey = { table, key }
    if (last !== null && compareRowKeys(last, rowKey) >= 0)
      throw corrupt(`snapshot chunk ${sequence}`, `a row of the table ${table} is out of order or twice`)
    last = rowKey
  }
  if (last === null || rows.length === 0) throw corrupt(`snapshot chunk ${sequence}`, 'holds no row')
  return last
}
