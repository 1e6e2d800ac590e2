/**
 * Owns the keys and values of the log database, `consensus/log`.
 *
 * | key               | value                                                                                     |
 * |-------------------|-------------------------------------------------------------------------------------------|
 * | 00                | format                                                                                    |
 * | 01                | head: everything that is one per log, written with every batch                            |
 * | 02                | base of the log                                                                           |
 * | 03                | identity                                                                                  |
 * | 10 index (8)      | entry: term (8), kind (1), batch seq (8), checksum of the record before (4), data          |
 *
 * R1 Every value is sealed (record/seal.ts). R2 Every entry names the checksum of the record before it, and the head that of the
 * last: what the head says binds the whole log, so that a batch lost in the middle shows even when no index is missing.
 */
import { CorruptError } from '@pinset/interface'
import type { Entry, EntryKind, HardState, Index, LogBase, Term } from '@pinset/raft'

import { EMPTY, readUint32, readUint64, unshared, writeUint32, writeUint64 } from '../record/bytes.ts'
import { FieldChecks } from '../record/checks.ts'
import { SEAL_BYTES, closeSeal, openSeal, seal, sealOf, tryUnseal } from '../record/seal.ts'
import { BaseRecord, HeadRecord, IdentityRecord } from '../proto/records.ts'
import type { StorageIdentity } from '../types.ts'

export const HEAD_KEY = Uint8Array.of(0x01)
export const BASE_KEY = Uint8Array.of(0x02)
export const IDENTITY_KEY = Uint8Array.of(0x03)
const ENTRY_PREFIX = 0x10

export const ENTRY_RANGE = Object.freeze({ gte: Uint8Array.of(ENTRY_PREFIX), lt: Uint8Array.of(ENTRY_PREFIX + 1) })

export function entryKey(index: Index): Uint8Array {
  const key = new Uint8Array(9)
  key[0] = ENTRY_PREFIX
  writeUint64(key, 1, index)
  return key
}

export function indexOfEntryKey(key: Uint8Array): Index | null {
  if (key.length !== 9) return null
  const index = readUint64(key, 1)
  return Number.isSafeInteger(index) && index > 0 ? index : null
}

// ---- entries ----

const KIND_NUMBERS: Readonly<Record<EntryKind, number>> = { noop: 1, operations: 2, membership: 3 }
const KINDS: readonly (EntryKind | undefined)[] = [undefined, 'noop', 'operations', 'membership']

/** Bytes before the data. */
const HEADER_BYTES = SEAL_BYTES + 8 + 1 + 8 + 4

export interface EntryRecord {
  readonly entry: Entry
  /** Number of the batch that wrote it. */
  readonly seq: number
  readonly previousChecksum: number
  readonly checksum: number
}

export function encodeEntry(
  entry: Entry,
  seq: number,
  previousChecksum: number,
): { readonly key: Uint8Array; readonly value: Uint8Array; readonly checksum: number } {
  const value = openSeal(HEADER_BYTES - SEAL_BYTES + entry.data.length)
  writeUint64(value, 4, entry.term)
  value[12] = KIND_NUMBERS[entry.kind]
  writeUint64(value, 13, seq)
  writeUint32(value, 21, previousChecksum)
  value.set(entry.data, HEADER_BYTES)
  const key = entryKey(entry.index)
  return { key, value, checksum: closeSeal(key, value) }
}

/** The record, or what is wrong with it. */
export function decodeEntry(index: Index, value: Uint8Array): EntryRecord | string {
  if (tryUnseal(entryKey(index), value) === null || value.length < HEADER_BYTES) return 'wrong checksum'
  const term = readUint64(value, 4)
  const kind = KINDS[value[12] ?? 0]
  const seq = readUint64(value, 13)
  if (!Number.isSafeInteger(term) || term < 1) return `impossible term ${term}`
  if (!Number.isSafeInteger(seq) || seq < 1) return `impossible batch number ${seq}`
  if (kind === undefined) return `unknown kind ${value[12]}`
  const entry = { term, index, kind, data: value.slice(HEADER_BYTES) }
  return { entry, seq, previousChecksum: readUint32(value, 21), checksum: sealOf(value) }
}

// ---- head, base, identity ----

/** Everything that is one per log. Replaced as a whole, never changed. */
export interface LogHead {
  /** Number of the last batch. */
  readonly seq: number
  readonly hardState: HardState
  readonly lastIndex: Index
  /** 0 when the log is empty. */
  readonly lastChecksum: number
  readonly stateNumber: number
  readonly votingSuspended: boolean
  readonly baseChecksum: number
  readonly identityChecksum: number
  /** Request serials below this have been given out. */
  readonly serialFloor: number
}

export function encodeHead(head: LogHead): Uint8Array {
  const { hardState, ...rest } = head
  const { term, vote } = hardState
  return seal(HEAD_KEY, HeadRecord.encode({ ...rest, term, ...(vote === null ? {} : { vote }) }))
}

export function decodeHead(payload: Uint8Array, path: string): LogHead {
  const checks = new FieldChecks('the head of the log', path)
  const { term, vote, ...head } = checks.decode(() => HeadRecord.decode(payload))
  checks.integer('batch number', head.seq, 1)
  checks.integer('last index', head.lastIndex)
  checks.integer('state number', head.stateNumber, 1)
  checks.integer('serial floor', head.serialFloor, 1)
  return {
    ...head,
    hardState: { term: checks.integer('term', term), vote: vote === undefined ? null : checks.text('vote', vote) },
  }
}

export function encodeBase(base: LogBase): { readonly value: Uint8Array; readonly checksum: number } {
  const { index, term, membership, membershipIndex } = base
  const value = seal(BASE_KEY, BaseRecord.encode({ index, term, membership: unshared(membership), membershipIndex }))
  return { value, checksum: sealOf(value) }
}

/** What makes a base impossible, or null. Checked before it is written as well: what is refused at a start must not get there. */
export function impossibleBase({ index, term, membershipIndex }: LogBase): string | null {
  for (const [name, value] of Object.entries({ index, term, membershipIndex })) {
    if (!Number.isSafeInteger(value) || value < 0) return `${name} ${value}`
  }
  if (index > 0 && term === 0) return `term 0 at index ${index}`
  return membershipIndex > index ? `membershipIndex ${membershipIndex} above index ${index}` : null
}

export function decodeBase(payload: Uint8Array, path: string): LogBase {
  const what = 'the base of the log'
  const base = new FieldChecks(what, path).decode(() => BaseRecord.decode(payload))
  const impossible = impossibleBase(base)
  if (impossible !== null) throw new CorruptError(`${what} in ${path} has an impossible ${impossible}`)
  return base
}

export function encodeIdentity(identity: StorageIdentity): { readonly value: Uint8Array; readonly checksum: number } {
  const { storageId, clusterId, epoch, admission } = identity
  const record = { storageId, epoch, admission: unshared(admission), ...(clusterId === null ? {} : { clusterId }) }
  const value = seal(IDENTITY_KEY, IdentityRecord.encode(record))
  return { value, checksum: sealOf(value) }
}

export function decodeIdentity(payload: Uint8Array, path: string): StorageIdentity {
  const checks = new FieldChecks('the identity', path)
  const { storageId, clusterId, epoch, admission } = checks.decode(() => IdentityRecord.decode(payload))
  return {
    storageId: checks.text('storage id', storageId),
    clusterId: clusterId === undefined ? null : checks.text('cluster id', clusterId),
    epoch: checks.integer('epoch', epoch, clusterId === undefined ? 0 : 1),
    admission,
  }
}

export const EMPTY_BASE: LogBase = Object.freeze({ index: 0, term: 0, membership: EMPTY, membershipIndex: 0 })

/** The log as it will be once the batch that is being built has been written. */
export interface LogState {
  readonly head: LogHead
  readonly base: LogBase
  readonly identity: StorageIdentity
  readonly lastTerm: Term
}
