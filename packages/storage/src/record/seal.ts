/**
 * Owns how every value on disk carries its checksum: 4 bytes CRC-32C over key and payload, then the payload.
 *
 * SL1 A value is only ever used after its checksum was found right for the key under which it was read.
 */
import { CorruptError } from '@pinset/interface'

import { readUint32, toHex, writeUint32 } from './bytes.ts'
import { crc32c } from './crc32c.ts'

export const SEAL_BYTES = 4

/** A record with room for `payloadBytes` after the seal; fill it, then call `closeSeal`. */
export function openSeal(payloadBytes: number): Uint8Array {
  return new Uint8Array(SEAL_BYTES + payloadBytes)
}

/** Write the checksum into a filled record; returns it. */
export function closeSeal(key: Uint8Array, record: Uint8Array): number {
  const checksum = crc32c(record, crc32c(key), SEAL_BYTES)
  writeUint32(record, 0, checksum)
  return checksum
}

export function seal(key: Uint8Array, payload: Uint8Array): Uint8Array {
  const record = openSeal(payload.length)
  record.set(payload, SEAL_BYTES)
  closeSeal(key, record)
  return record
}

/** The payload, or null when the checksum is wrong (SL1). */
export function tryUnseal(key: Uint8Array, record: Uint8Array): Uint8Array | null {
  if (record.length < SEAL_BYTES) return null
  if (crc32c(record, crc32c(key), SEAL_BYTES) !== sealOf(record)) return null
  return record.subarray(SEAL_BYTES)
}

export function sealOf(record: Uint8Array): number {
  return readUint32(record, 0)
}

/** The payload of a record that must be there. @throws {CorruptError} naming path and key. */
export function mustUnseal(key: Uint8Array, record: Uint8Array | undefined, what: string, path: string): Uint8Array {
  if (record === undefined) throw new CorruptError(`${what} is missing in ${path} (key ${toHex(key)})`)
  const payload = tryUnseal(key, record)
  if (payload === null) throw new CorruptError(`${what} has a wrong checksum in ${path} (key ${toHex(key)})`)
  return payload
}
