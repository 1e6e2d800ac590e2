/**
 * Operations and the batches of them that stand in entries of the kind `operations`.
 *
 * - OC1 Every decoded operation was checked whole; nothing in it is trusted because a member sent it.
 * - OC2 An unknown number or version is an `UpgradeRequiredError`, before its body is looked at; it is never skipped.
 * - OC3 An operation is at most 32 KiB, a batch at most 256 KiB and 1 000 operations.
 */
import { type Pin, PIN_LIMITS } from '@pinset/interface'
import type { CID } from 'multiformats/cid'

import * as wire from '../proto/log.ts'
import {
  checkBytes,
  checkCid,
  checkCount,
  checkInteger,
  checkPeerId,
  checkPresent,
  checkStorageId,
  checkText,
  corrupt,
  decodeWire,
  wireBytes,
} from './checks.ts'
import { UpgradeRequiredError } from './errors.ts'
import { checkIdempotencyKey } from './idempotency-key.ts'
import { LOG_LIMITS, OPERATION_VERSION } from './limits.ts'
import { decodePinContent, encodePinContent } from './pin-codec.ts'

/** Stable numbers: never changed, never reused. */
export const OPERATION_NUMBERS = Object.freeze({ pin: 1, unpin: 2 })

/** Names one request for ever. */
export interface RequestId {
  /** The origin: the peer that took the request from its client. */
  readonly peerId: string
  readonly storageId: string
  /** Counts the requests of this origin and database; ≥ 1, never used twice. */
  readonly serial: number
  /** Every serial up to here was answered or given up by the origin; < `serial`. */
  readonly lowWater: number
}

export interface Envelope {
  /** Who asked, for the audit trail; empty when unknown. */
  readonly actor: string
  readonly requestId: RequestId
  /** A UUIDv7, 16 bytes, or null. */
  readonly idempotencyKey: Uint8Array | null
  /** SHA-256 of the request as its client made it: the same id, or the same key, with another one is another request. */
  readonly fingerprint: Uint8Array
  /** The leader's clock when it proposed, Unix milliseconds. */
  readonly timeMs: number
  /** Take effect only if the pin was written last at this index; 0: only if it is absent; null: always. */
  readonly ifModifiedIndex: number | null
}

export type Operation =
  | {
      readonly kind: 'pin'
      readonly version: number
      readonly envelope: Envelope
      readonly pin: Pin
      /** The encoded content of `pin`, as the row stores and compares it. */
      readonly content: Uint8Array
    }
  | { readonly kind: 'unpin'; readonly version: number; readonly envelope: Envelope; readonly cid: CID }

/** The version from which on an operation is known, with all that this code writes into it. */
export const NEEDED_VERSIONS: Readonly<Record<Operation['kind'], number>> = Object.freeze({ pin: 1, unpin: 1 })

/** @param version - at least that of `NEEDED_VERSIONS`, at most what every member can apply. */
export function pinOperation(envelope: Envelope, pin: Pin, version: number): Operation {
  return { kind: 'pin', version, envelope, pin, content: encodePinContent(pin) }
}

/** @param version - at least that of `NEEDED_VERSIONS`, at most what every member can apply. */
export function unpinOperation(envelope: Envelope, cid: CID, version: number): Operation {
  return { kind: 'unpin', version, envelope, cid }
}

/** @throws {CorruptError} larger than 32 KiB: refuse the request. */
export function encodeOperation(operation: Operation): Uint8Array {
  const bytes = wire.Operation.encode({
    number: OPERATION_NUMBERS[operation.kind],
    version: operation.version,
    envelope: encodeEnvelope(operation.envelope),
    body: encodeBody(operation),
  })
  checkBytes('operation', bytes, 1, LOG_LIMITS.maxOperationBytes)
  return bytes
}

/** @throws {UpgradeRequiredError} OC2. @throws {CorruptError} naming the field that is wrong. */
export function decodeOperation(bytes: Uint8Array): Operation {
  checkBytes('operation', bytes, 1, LOG_LIMITS.maxOperationBytes)
  const decoded = decodeWire('operation', (from) => wire.Operation.decode(from), bytes)
  const { number, version } = decoded
  checkInteger('operation.number', number, 1)
  checkInteger('operation.version', version, 1)
  // OC2
  if (version > OPERATION_VERSION || (number !== OPERATION_NUMBERS.pin && number !== OPERATION_NUMBERS.unpin)) {
    throw new UpgradeRequiredError(
      `operation ${number} of version ${version} is unknown here (known up to version ${OPERATION_VERSION}); upgrade this peer, nothing after it is applied`,
    )
  }
  const envelope = decodeEnvelope(decoded.envelope)
  if (number === OPERATION_NUMBERS.unpin) {
    const body = decodeWire('unpin', (from) => wire.UnpinBody.decode(from), decoded.body)
    return { kind: 'unpin', version, envelope, cid: checkCid('unpin.cid', body.cid, PIN_LIMITS.maxCidBytes) }
  }
  const body = decodeWire('pin', (from) => wire.PinBody.decode(from), decoded.body)
  const timestampMs = checkInteger('pin.timestampMs', body.timestampMs, 0)
  return {
    kind: 'pin',
    version,
    envelope,
    pin: { ...decodePinContent(body.content), timestampMs },
    content: body.content,
  }
}

/** Bytes that an encoded operation adds to a batch. */
function batchedBytes(operation: Uint8Array): number {
  return operation.length + 4
}

/** The data of one `operations` entry, from encoded operations. @throws {CorruptError} over the limits of OC3. */
export function encodeBatch(operations: readonly Uint8Array[]): Uint8Array {
  if (operations.length === 0) throw corrupt('batch', 'holds no operation')
  checkCount('batch', operations.length, LOG_LIMITS.maxBatchOperations)
  const bytes = wire.OperationBatch.encode({ operations: operations.map(wireBytes) })
  checkBytes('batch', bytes, 1, LOG_LIMITS.maxBatchBytes)
  return bytes
}

/** @throws {UpgradeRequiredError} OC2. @throws {CorruptError} naming the field that is wrong. */
export function decodeBatch(data: Uint8Array): readonly Operation[] {
  checkBytes('batch', data, 1, LOG_LIMITS.maxBatchBytes)
  const { operations } = decodeWire('batch', (from) => wire.OperationBatch.decode(from), data)
  if (operations.length === 0) throw corrupt('batch', 'holds no operation')
  checkCount('batch', operations.length, LOG_LIMITS.maxBatchOperations)
  return operations.map(decodeOperation)
}

/** How many of the encoded operations, from the first, fit one batch; ≥ 1 unless there are none. */
export function cutBatch(operations: readonly Uint8Array[]): number {
  let bytes = 0
  for (const [count, operation] of operations.entries()) {
    bytes += batchedBytes(operation)
    if (count === LOG_LIMITS.maxBatchOperations || bytes > LOG_LIMITS.maxBatchBytes) return count
  }
  return operations.length
}

export function encodeRequestId(id: RequestId): wire.RequestId {
  return { peerId: id.peerId, storageId: id.storageId, serial: id.serial, lowWater: id.lowWater }
}

export function decodeRequestId(field: string, id: wire.RequestId | undefined): RequestId {
  const { peerId, storageId, serial, lowWater } = checkPresent(field, id)
  checkInteger(`${field}.lowWater`, lowWater, 0)
  checkInteger(
    `${field}.serial`,
    serial,
    lowWater + 1,
    Math.min(lowWater + LOG_LIMITS.maxSerialWindow, Number.MAX_SAFE_INTEGER),
  )
  return {
    peerId: checkPeerId(`${field}.peerId`, peerId),
    storageId: checkStorageId(`${field}.storageId`, storageId),
    serial,
    lowWater,
  }
}

function encodeBody(operation: Operation): Uint8Array<ArrayBuffer> {
  if (operation.kind === 'unpin') return wire.UnpinBody.encode({ cid: wireBytes(operation.cid.bytes) })
  return wire.PinBody.encode({ content: wireBytes(operation.content), timestampMs: operation.pin.timestampMs })
}

function encodeEnvelope(envelope: Envelope): wire.Envelope {
  const { actor, requestId, idempotencyKey, fingerprint, timeMs, ifModifiedIndex } = envelope
  return {
    actor,
    requestId: encodeRequestId(requestId),
    ...(idempotencyKey === null ? {} : { idempotency: { key: wireBytes(idempotencyKey) } }),
    fingerprint: wireBytes(fingerprint),
    timeMs,
    ...(ifModifiedIndex === null ? {} : { ifModifiedIndex }),
  }
}

function decodeEnvelope(decoded: wire.Envelope | undefined): Envelope {
  const { actor, requestId, idempotency, fingerprint, timeMs, ifModifiedIndex } = checkPresent('envelope', decoded)
  return {
    actor: checkText('envelope.actor', actor, 0, LOG_LIMITS.maxActorBytes),
    requestId: decodeRequestId('envelope.requestId', requestId),
    idempotencyKey: idempotency === undefined ? null : checkIdempotencyKey('envelope.idempotency.key', idempotency.key),
    fingerprint: checkBytes('envelope.fingerprint', fingerprint, 32, 32),
    timeMs: checkInteger('envelope.timeMs', timeMs, 0),
    ifModifiedIndex:
      ifModifiedIndex === undefined ? null : checkInteger('envelope.ifModifiedIndex', ifModifiedIndex, 0),
  }
}
