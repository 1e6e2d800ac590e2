/**
 * Owns the keys and values of a state database, `consensus/state-<n>`.
 *
 * | key            | value                                       |
 * |----------------|---------------------------------------------|
 * | 00             | format                                      |
 * | 01             | meta; present once the state is whole       |
 * | 10 + table, key| a row                                       |
 *
 * Every value is sealed (record/seal.ts).
 */
import { CorruptError, STATE_TABLES } from '@pinset/interface'
import type { Row, RowKey, RowRange, StateMeta, StateTable } from '@pinset/interface'
import { invariant } from '@pinset/raft'

import type { BatchOperation, KeyValue } from '../key-value/port.ts'
import { MetaRecord } from '../proto/records.ts'
import { toHex, unshared } from '../record/bytes.ts'
import { FieldChecks } from '../record/checks.ts'
import { mustUnseal, seal, tryUnseal } from '../record/seal.ts'

export const META_KEY = Uint8Array.of(0x01)
const ROW_PREFIX = 0x10
/** Bytes of a row's key, and of its value. */
const MAX_ROW_KEY_BYTES = 1024
const MAX_ROW_VALUE_BYTES = 64 * 1024

/** Order of the tables on disk; a table's place never changes. */
const TABLE_PREFIXES = new Map<StateTable, number>(STATE_TABLES.map((table, at) => [table, ROW_PREFIX + at]))

const DIGEST_BYTES = 32

export const EMPTY_META: StateMeta = Object.freeze({
  appliedIndex: 0,
  appliedTerm: 0,
  head: new Uint8Array(DIGEST_BYTES),
  digest: new Uint8Array(DIGEST_BYTES),
  membership: new Uint8Array(0),
  membershipIndex: 0,
  committedTimeMs: 0,
  operationVersion: 0,
  pinCount: 0,
})

function prefixOf(table: StateTable): number {
  const prefix = TABLE_PREFIXES.get(table)
  invariant(prefix !== undefined, () => `a row lies in a known table: ${table}`)
  return prefix
}

export function rowKeyToKey({ table, key: rowKey }: RowKey): Uint8Array {
  invariant(
    rowKey.length <= MAX_ROW_KEY_BYTES,
    () => `a row's key has at most ${MAX_ROW_KEY_BYTES} bytes: ${rowKey.length}`,
  )
  const key = new Uint8Array(1 + rowKey.length)
  key[0] = prefixOf(table)
  key.set(rowKey, 1)
  return key
}

export function rowToPut(row: Row): BatchOperation {
  invariant(
    row.value.length <= MAX_ROW_VALUE_BYTES,
    () => `a row has at most ${MAX_ROW_VALUE_BYTES} bytes: ${row.value.length}`,
  )
  const key = rowKeyToKey(row)
  return { kind: 'put', key, value: seal(key, row.value) }
}

/** @throws {CorruptError} naming path, table and key. */
export function decodeRowValue(key: Uint8Array, value: Uint8Array, path: string): Uint8Array {
  const payload = tryUnseal(key, value)
  if (payload === null) throw new CorruptError(`row ${describeKey(key)} in ${path} has a wrong checksum`)
  return payload
}

export function decodeRow({ key, value }: KeyValue, path: string): Row {
  const table = STATE_TABLES[(key[0] ?? 0) - ROW_PREFIX]
  if (table === undefined) throw new CorruptError(`key ${toHex(key)} in ${path} belongs to no table`)
  return { table, key: key.subarray(1), value: decodeRowValue(key, value, path) }
}

function describeKey(key: Uint8Array): string {
  return `${STATE_TABLES[(key[0] ?? 0) - ROW_PREFIX] ?? '?'}/${toHex(key.subarray(1))}`
}

export function rowRangeToKeys(range: RowRange): {
  readonly gte?: Uint8Array
  readonly gt?: Uint8Array
  readonly lt: Uint8Array
} {
  const { table, after } = range
  invariant(
    after === undefined || table === undefined || after.table === table,
    () => `rows of ${table} are not after a row of ${after?.table}`,
  )
  const first = table === undefined ? ROW_PREFIX : prefixOf(table)
  const end = table === undefined ? ROW_PREFIX + STATE_TABLES.length : first + 1
  const lt = Uint8Array.of(end)
  return after === undefined ? { gte: Uint8Array.of(first), lt } : { gt: rowKeyToKey(after), lt }
}

/** What makes meta data impossible, or null. Checked before they are written as well: what is refused at a start must not get there. */
export function impossibleMeta(meta: StateMeta): string | null {
  const { appliedIndex, appliedTerm, membershipIndex } = meta
  const numbers: readonly (keyof StateMeta)[] = [
    'appliedIndex',
    'appliedTerm',
    'membershipIndex',
    'committedTimeMs',
    'operationVersion',
    'pinCount',
  ]
  for (const name of numbers) {
    const value = meta[name] as number
    if (!Number.isSafeInteger(value) || value < 0) return `${name} ${value}`
  }
  if (meta.operationVersion > 0xffffffff) return `operationVersion ${meta.operationVersion}`
  if (appliedIndex > 0 && appliedTerm === 0) return `appliedTerm 0 at index ${appliedIndex}`
  if (membershipIndex > appliedIndex) return `membershipIndex ${membershipIndex} above index ${appliedIndex}`
  if (meta.head.length !== DIGEST_BYTES) return `head of ${meta.head.length} bytes`
  return meta.digest.length === DIGEST_BYTES ? null : `digest of ${meta.digest.length} bytes`
}

export function metaToPut(meta: StateMeta): BatchOperation {
  const record = {
    ...meta,
    head: unshared(meta.head),
    digest: unshared(meta.digest),
    membership: unshared(meta.membership),
  }
  return { kind: 'put', key: META_KEY, value: seal(META_KEY, MetaRecord.encode(record)) }
}

/** @throws {CorruptError} missing, damaged or impossible. */
export function decodeMeta(value: Uint8Array | undefined, path: string): StateMeta {
  const what = 'meta data of the state'
  const payload = mustUnseal(META_KEY, value, what, path)
  const meta = new FieldChecks(what, path).decode(() => MetaRecord.decode(payload))
  const impossible = impossibleMeta(meta)
  if (impossible !== null) throw new CorruptError(`${what} in ${path} have an impossible ${impossible}`)
  return meta
}
