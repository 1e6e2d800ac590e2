/**
 * Checks of decoded values. Every one throws a `CorruptError` that names the field and says why; none repairs anything.
 *
 * - CK1 A number that leaves a check is a safe integer within the range named.
 * - CK2 A text that leaves a check has a byte length within the limit named.
 */
import { CorruptError, type PeerId } from '@pinset/interface'
import { CID } from 'multiformats/cid'

import { LOG_LIMITS } from './limits.ts'

const PEER_ID = /^[A-Za-z0-9_-]+$/
const encoder = new TextEncoder()

export function corrupt(field: string, why: string, cause?: unknown): CorruptError {
  return new CorruptError(`${field}: ${why}`, cause === undefined ? undefined : { cause })
}

/** Protons wants arrays that own their buffer type; bytes are bytes. */
export function wireBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes as Uint8Array<ArrayBuffer>
}

/** Decode, and say of what when the bytes are no protobuf. */
export function decodeWire<Value>(what: string, decode: (bytes: Uint8Array) => Value, bytes: Uint8Array): Value {
  try {
    return decode(bytes)
  } catch (error) {
    throw corrupt(what, 'not an encoding of this message', error)
  }
}

export function checkInteger(field: string, value: number, min: number, max: number = Number.MAX_SAFE_INTEGER): number {
  if (!Number.isSafeInteger(value) || value < min || value > max) {
    throw corrupt(field, `${value} is not an integer from ${min} to ${max}`)
  }
  return value
}

export function checkText(field: string, value: string, minBytes: number, maxBytes: number): string {
  // A UTF-16 code unit is at most three bytes: most texts need no counting.
  const bytes = value.length * 3 <= maxBytes && minBytes <= value.length ? value.length : encoder.encode(value).length
  if (bytes < minBytes || bytes > maxBytes) {
    throw corrupt(field, `${bytes} bytes, must be ${minBytes} to ${maxBytes}`)
  }
  return value
}

export function checkBytes(field: string, value: Uint8Array, minBytes: number, maxBytes: number): Uint8Array {
  if (value.length < minBytes || value.length > maxBytes) {
    throw corrupt(field, `${value.length} bytes, must be ${minBytes} to ${maxBytes}`)
  }
  return value
}

export function checkCount(field: string, count: number, max: number): void {
  if (count > max) {
    throw corrupt(field, `${count} items, at most ${max} are allowed`)
  }
}

export function checkPeerId(field: string, value: string): PeerId {
  if (value.length > LOG_LIMITS.maxPeerIdBytes || !PEER_ID.test(value)) {
    throw corrupt(field, `${JSON.stringify(value.slice(0, 64))} is not a peer id`)
  }
  return value as PeerId
}

export function checkStorageId(field: string, value: string): string {
  if (value.length > LOG_LIMITS.maxStorageIdBytes || !PEER_ID.test(value)) {
    throw corrupt(field, `${JSON.stringify(value.slice(0, 64))} is not a storage id`)
  }
  return value
}

export function checkClusterId(field: string, value: string): string {
  if (!/^[0-9a-f]{64}$/.test(value)) {
    throw corrupt(field, 'not 64 hexadecimal digits')
  }
  return value
}

export function checkCid(field: string, bytes: Uint8Array, maxBytes: number): CID {
  checkBytes(field, bytes, 1, maxBytes)
  try {
    // A copy: a CID may live long, and must not keep a whole entry in memory.
    return CID.decode(new Uint8Array(bytes))
  } catch (error) {
    throw corrupt(field, 'not a CID', error)
  }
}

export function checkPresent<Value>(field: string, value: Value | undefined): Value {
  if (value === undefined) {
    throw corrupt(field, 'missing')
  }
  return value
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

export function bytesEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let at = 0; at < a.length; at++) {
    if (a[at] !== b[at]) return false
  }
  return true
}
