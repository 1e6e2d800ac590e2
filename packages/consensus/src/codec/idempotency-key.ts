/** Idempotency keys: UUIDs of version 7, whose first 48 bits are the client's time in milliseconds. */
import { hash } from 'node:crypto'

import { InvalidRequestError } from '@pinset/interface'

import { corrupt } from './checks.ts'

const TEXT = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i

/** @throws {InvalidRequestError} the text is not a UUIDv7. */
export function parseIdempotencyKey(text: string): Uint8Array {
  if (!TEXT.test(text)) {
    throw new InvalidRequestError(
      `the idempotency key ${JSON.stringify(text.slice(0, 64))} is not a UUID of version 7; make one per request and repeat it on retries`,
    )
  }
  return Uint8Array.from(Buffer.from(text.replaceAll('-', ''), 'hex'))
}

/** @throws {CorruptError} the bytes are not a UUIDv7. */
export function checkIdempotencyKey(field: string, key: Uint8Array): Uint8Array {
  if (key.length !== 16 || (key[6] ?? 0) >>> 4 !== 7 || (key[8] ?? 0) >>> 6 !== 2) {
    throw corrupt(field, 'not a UUID of version 7')
  }
  return key
}

/** The client's time in the key, Unix milliseconds. */
export function idempotencyKeyTimeMs(key: Uint8Array): number {
  return (
    new DataView(key.buffer, key.byteOffset, 8).getUint32(0) * 0x1_0000 +
    new DataView(key.buffer, key.byteOffset, 8).getUint16(4)
  )
}

/**
 * What a client asked for, in 32 bytes: the same key, or the same request id, with another fingerprint is another request.
 *
 * @param request - the encoded `PinRequest`, or the CID bytes of an unpin: nothing that the leader adds.
 */
export function requestFingerprint(
  number: number,
  request: Uint8Array,
  ifModifiedIndex: number | null,
  actor: string,
): Uint8Array {
  const head = JSON.stringify([number, ifModifiedIndex, actor])
  return new Uint8Array(hash('sha256', Buffer.concat([Buffer.from(`${head.length}:${head}`), request]), 'buffer'))
}
