/**
 * The chunks in which a state travels.
 *
 * - CC1 A chunk is at most 256 KiB, has a checksum and a number; numbers begin at 0 and have no gap.
 * - CC2 The last chunk holds the meta data; all others hold rows.
 * - CC3 A cursor names the snapshot, the chunk and its last row: all that is needed to go on after it.
 */
import { crc32 } from 'node:zlib'

import { type Row, type RowKey, STATE_TABLES, type StateMeta, type StateTable } from '@pinset/interface'

import { checkBytes, checkInteger, checkText, corrupt, decodeWire, wireBytes } from '../codec/checks.ts'
import { UpgradeRequiredError } from '../codec/errors.ts'
import * as wire from '../proto/snapshot.ts'

export const SNAPSHOT_LIMITS = Object.freeze({
  /** A quarter of a frame. */
  maxChunkBytes: 256 * 1024,
  /** Where a chunk of rows is cut; one more row still fits. */
  cutChunkBytes: 128 * 1024,
  maxKeyBytes: 1024,
  maxValueBytes: 64 * 1024,
  maxSnapshotIdBytes: 512,
})

/** Version of the format of chunks. */
const FORMAT_VERSION = 1
const KIND_ROWS = 1
const KIND_META = 2

export type SnapshotChunk =
  | { readonly kind: 'rows'; readonly sequence: number; readonly rows: readonly Row[] }
  | { readonly kind: 'meta'; readonly sequence: number; readonly meta: StateMeta }

export interface SnapshotCursor {
  readonly snapshotId: string
  /** Of the last chunk that was taken. */
  readonly sequence: number
  /** The last row of that chunk. */
  readonly after: RowKey
}

export function encodeChunk(chunk: SnapshotChunk): Uint8Array {
  const { sequence } = chunk
  const kind = chunk.kind === 'rows' ? KIND_ROWS : KIND_META
  const payload = chunk.kind === 'rows' ? encodeRows(chunk.rows) : encodeMeta(chunk.meta)
  return wire.SnapshotChunk.encode({
    version: FORMAT_VERSION,
    sequence,
    kind,
    payload,
    checksum: checksumOf(sequence, kind, payload),
  })
}

/** @throws {UpgradeRequiredError} another format. @throws {CorruptError} naming what is wrong. */
export function decodeChunk(bytes: Uint8Array): SnapshotChunk {
  checkBytes('snapshot chunk', bytes, 1, SNAPSHOT_LIMITS.maxChunkBytes)
  const { version, sequence, kind, payload, checksum } = decodeWire(
    'snapshot chunk',
    (from) => wire.SnapshotChunk.decode(from),
    bytes,
  )
  if (version !== FORMAT_VERSION) {
    throw new UpgradeRequiredError(
      `the snapshot has the format ${version}, known here is ${FORMAT_VERSION}; upgrade the older peer`,
    )
  }
  checkInteger('snapshot chunk.sequence', sequence, 0)
  if (checksumOf(sequence, kind, payload) !== checksum)
    throw corrupt(`snapshot chunk ${sequence}`, 'the checksum does not match')
  if (kind === KIND_ROWS) return { kind: 'rows', sequence, rows: decodeRows(payload) }
  if (kind === KIND_META) return { kind: 'meta', sequence, meta: decodeMeta(payload) }
  throw corrupt(`snapshot chunk ${sequence}.kind`, `${kind} is neither rows (1) nor meta data (2)`)
}

export function encodeCursor(cursor: SnapshotCursor): Uint8Array {
  const { snapshotId, sequence, after } = cursor
  return wire.SnapshotCursor.encode({
    snapshotId,
    sequence,
    table: tableNumber(after.table),
    key: wireBytes(after.key),
  })
}

/** @throws {CorruptError} naming what is wrong. */
export function decodeCursor(bytes: Uint8Array): SnapshotCursor {
  const { snapshotId, sequence, table, key } = decodeWire(
    'snapshot cursor',
    (from) => wire.SnapshotCursor.decode(from),
    bytes,
  )
  return {
    snapshotId: checkText('snapshot cursor.snapshotId', snapshotId, 1, SNAPSHOT_LIMITS.maxSnapshotIdBytes),
    sequence: checkInteger('snapshot cursor.sequence', sequence, 0),
    after: { table: tableOf(table), key: checkBytes('snapshot cursor.key', key, 0, SNAPSHOT_LIMITS.maxKeyBytes) },
  }
}

/** Bytes that a row adds to a chunk, at most. */
export function chunkedBytes(row: Row): number {
  return row.key.length + row.value.length + 16
}

/** Order of rows in a state: by table, then by the bytes of the key. Negative when `a` comes first. */
export function compareRowKeys(a: RowKey, b: RowKey): number {
  return tableNumber(a.table) - tableNumber(b.table) || Buffer.compare(a.key, b.key)
}

function encodeRows(rows: readonly Row[]): Uint8Array<ArrayBuffer> {
  return wire.SnapshotRows.encode({
    rows: rows.map(({ table, key, value }) => ({
      table: tableNumber(table),
      key: wireBytes(key),
      value: wireBytes(value),
    })),
  })
}

function decodeRows(payload: Uint8Array): readonly Row[] {
  const { rows } = decodeWire('snapshot rows', (from) => wire.SnapshotRows.decode(from), payload)
  return rows.map(({ table, key, value }) => ({
    table: tableOf(table),
    key: checkBytes('snapshot row.key', key, 1, SNAPSHOT_LIMITS.maxKeyBytes),
    value: checkBytes('snapshot row.value', value, 0, SNAPSHOT_LIMITS.maxValueBytes),
  }))
}

function encodeMeta(meta: StateMeta): Uint8Array<ArrayBuffer> {
  return wire.SnapshotStateMeta.encode({
    ...meta,
    head: wireBytes(meta.head),
    digest: wireBytes(meta.digest),
    membership: wireBytes(meta.membership),
  })
}

function decodeMeta(payload: Uint8Array): StateMeta {
  const meta = decodeWire('snapshot meta', (from) => wire.SnapshotStateMeta.decode(from), payload)
  return {
    appliedIndex: checkInteger('snapshot meta.appliedIndex', meta.appliedIndex, 1),
    appliedTerm: checkInteger('snapshot meta.appliedTerm', meta.appliedTerm, 1),
    head: checkBytes('snapshot meta.head', meta.head, 32, 32),
    digest: checkBytes('snapshot meta.digest', meta.digest, 32, 32),
    membership: meta.membership,
    membershipIndex: checkInteger('snapshot meta.membershipIndex', meta.membershipIndex, 0, meta.appliedIndex),
    committedTimeMs: checkInteger('snapshot meta.committedTimeMs', meta.committedTimeMs, 0),
    operationVersion: checkInteger('snapshot meta.operationVersion', meta.operationVersion, 0),
    pinCount: checkInteger('snapshot meta.pinCount', meta.pinCount, 0),
  }
}

function checksumOf(sequence: number, kind: number, payload: Uint8Array): number {
  const prefix = Buffer.alloc(9)
  prefix.writeBigUInt64BE(BigInt(sequence))
  prefix[8] = kind & 0xff
  return crc32(payload, crc32(prefix))
}

function tableNumber(table: StateTable): number {
  return STATE_TABLES.indexOf(table) + 1
}

function tableOf(number: number): StateTable {
  const table = STATE_TABLES[number - 1]
  if (table === undefined) throw corrupt('snapshot row.table', `${number} is not a table`)
  return table
}
