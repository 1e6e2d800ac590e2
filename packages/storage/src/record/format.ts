/** Owns the format record that opens every database: what made it, and in which version. */
import { CorruptError } from '@pinset/interface'

import { StorageFormatError } from '../errors.ts'
import type { BatchOperation, KeyValueReader } from '../key-value/port.ts'
import { readUint32, writeUint32 } from './bytes.ts'
import { SEAL_BYTES, closeSeal, openSeal, tryUnseal } from './seal.ts'

/** Raised by every change that an older version would misread. */
const FORMAT_VERSION = 1

const FORMAT_KEY = Uint8Array.of(0x00)

export type DatabaseKind = 'pinset-log' | 'pinset-state'

export function formatOperation(kind: DatabaseKind, version = FORMAT_VERSION): BatchOperation {
  const name = new TextEncoder().encode(kind)
  const value = openSeal(4 + name.length)
  writeUint32(value, SEAL_BYTES, version)
  value.set(name, SEAL_BYTES + 4)
  closeSeal(FORMAT_KEY, value)
  return { kind: 'put', key: FORMAT_KEY, value }
}

/**
 * Resolves when the database is of this kind and of a version that this program reads.
 *
 * @throws {StorageFormatError} foreign or newer.
 * @throws {CorruptError} the format record is damaged, or missing beside others.
 */
export async function checkFormat(reader: KeyValueReader, kind: DatabaseKind, path: string): Promise<void> {
  const value = await reader.get(FORMAT_KEY)
  if (value === undefined) {
    throw new StorageFormatError(
      `${path} is not a ${kind} database, or is damaged: its format record is missing; nothing was changed`,
      path,
    )
  }
  const payload = tryUnseal(FORMAT_KEY, value)
  if (payload === null || payload.length < 4) {
    throw new CorruptError(`format record of ${path} has a wrong checksum`)
  }
  const found = new TextDecoder().decode(payload.subarray(4))
  const version = readUint32(payload, 0)
  if (found !== kind)
    throw new StorageFormatError(`${path} holds a ${found} database where a ${kind} database belongs`, path)
  if (version > FORMAT_VERSION) {
    throw new StorageFormatError(
      `${path} has format version ${version}, this program reads up to ${FORMAT_VERSION}: upgrade it; nothing was changed`,
      path,
    )
  }
}
