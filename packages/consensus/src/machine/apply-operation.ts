/**
 * One operation: was it answered before, may it take effect, and what does it change.
 *
 * - AO1 Looked at in this order: member, request id, idempotency key, `ifModifiedIndex`, the operation itself.
 * - AO2 What was not decided (not a member, forgotten, too many open) leaves no trace but the low-water mark.
 * - AO3 A request id answers for one request: with another fingerprint it is refused, whatever the answer was.
 * - AO4 A pin with the content that is there changes nothing, and keeps its index and its time.
 */
import type { CID } from 'multiformats/cid'
import type { Membership, Pin } from '@pinset/interface'

import { bytesEqual } from '../codec/checks.ts'
import type { Operation } from '../codec/operation-codec.ts'
import type { OperationOutcome } from '../codec/outcome-codec.ts'
import { encodePinContent, encodePinRequest } from '../codec/pin-codec.ts'
import type { AppliedOperation } from './applied-operation.ts'
import type { IdempotencyTable } from './idempotency-table.ts'
import type { Admittance, OriginTable } from './origin-table.ts'
import { refusalNumber, REFUSALS, refused } from './refusals.ts'
import { type RowOverlay, rowId } from './row-overlay.ts'
import {
  type AnsweredRequest,
  decodePinRow,
  encodePinRow,
  KEPT_FINGERPRINT_BYTES,
  pinOfRow,
  type PinRow,
  pinRowKey,
} from './rows.ts'

/** What one call of `applyEntries` carries from operation to operation. */
export interface MachineRun {
  readonly rows: RowOverlay
  readonly origins: OriginTable
  readonly idempotency: IdempotencyTable
  members: Membership
  committedTimeMs: number
  pinCount: number
  /** By row id: the pin as it is now, or null when it was removed. */
  readonly changes: Map<string, { readonly cid: CID; readonly pin: Pin | null }>
}

/** @param index - of the entry that holds the operation. */
export function applyOperation(run: MachineRun, index: number, operation: Operation): AppliedOperation {
  const { requestId, idempotencyKey, fingerprint, timeMs } = operation.envelope
  const idempotency = idempotencyKey === null ? null : { key: idempotencyKey, fingerprint }
  run.committedTimeMs = Math.max(run.committedTimeMs, timeMs)
  // AO1, AO2
  const isMember = run.members.members.some(
    (member) => member.peerId === requestId.peerId && member.storageId === requestId.storageId,
  )
  if (!isMember) return decided(operation, index, refused(REFUSALS.notMember))
  const admittance = run.origins.admit(requestId)
  if (admittance.kind === 'forgotten') return decided(operation, index, refused(REFUSALS.serialForgotten))
  if (admittance.kind === 'full') return decided(operation, index, refused(REFUSALS.tooManyOpen))
  if (admittance.kind === 'answered') return repeatRequest(run, index, operation, admittance)

  const use = idempotency === null ? null : run.idempotency.lookUp(idempotency, run.committedTimeMs)
  switch (use?.kind) {
    case 'used':
      return answer(run, { operation, outcome: use.row.outcome, revision: use.row.revision, repeated: true })
    case 'used-otherwise':
      return answer(run, decided(operation, index, refused(REFUSALS.keyOfAnotherRequest)))
    case 'expired':
      return answer(run, decided(operation, index, { kind: 'expired' }))
    case 'ahead':
      return answer(run, decided(operation, index, refused(REFUSALS.keyAhead)))
    case 'new':
    case undefined:
  }
  const outcome = changePinset(run, index, operation)
  if (idempotency !== null) run.idempotency.add(idempotency, index, outcome, run.committedTimeMs)
  return answer(run, decided(operation, index, outcome))
}

function changePinset(run: MachineRun, index: number, operation: Operation): OperationOutcome {
  const cid = operation.kind === 'pin' ? operation.pin.cid : operation.cid
  const key = pinRowKey(cid)
  const value = run.rows.get(key)
  const current = value === undefined ? null : decodePinRow(value)
  const modifiedIndex = current?.modifiedIndex ?? 0
  const { ifModifiedIndex } = operation.envelope
  if (ifModifiedIndex !== null && ifModifiedIndex !== modifiedIndex) return { kind: 'conflict', modifiedIndex }

  if (operation.kind === 'unpin') {
    if (current === null) return { kind: 'not-pinned' }
    run.rows.delete(key)
    run.pinCount -= 1
    run.changes.set(rowId(key), { cid, pin: null })
    return { kind: 'unpinned', pin: pinOfRow(current) }
  }
  const { pin, content } = operation
  if (current !== null) {
    if (bytesEqual(current.content, content))
      return { kind: 'pinned', pin: pinOfRow(current), modifiedIndex, changed: false } // AO4
    if (pin.mode === 'direct' && pinOfRow(current).mode === 'recursive') return refused(REFUSALS.recursiveToDirect)
  } else {
    run.pinCount += 1
  }
  run.rows.put(key, encodePinRow({ content, timestampMs: pin.timestampMs, modifiedIndex: index }))
  run.changes.set(rowId(key), { cid, pin })
  return { kind: 'pinned', pin, modifiedIndex: index, changed: true }
}

function decided(operation: Operation, revision: number, outcome: OperationOutcome): AppliedOperation {
  return { operation, outcome, revision, repeated: false }
}

/** Remember the answer for repetitions of the request. */
function answer(run: MachineRun, applied: AppliedOperation): AppliedOperation {
  const { outcome, revision, operation } = applied
  const unchanged = outcome.kind === 'pinned' && !outcome.changed
  const request: AnsweredRequest = {
    kind: outcome.kind,
    revision,
    modifiedIndex: unchanged || outcome.kind === 'conflict' ? outcome.modifiedIndex : 0,
    reason: outcome.kind === 'refused' ? refusalNumber(outcome.reason) : 0,
    fingerprint: shortFingerprint(operation),
  }
  run.origins.answer(
    operation.envelope.requestId,
    request,
    outcome.kind === 'unpinned' ? removedRow(outcome.pin, revision) : null,
  )
  return applied
}

/** The first answer again, from what was kept of it. */
function repeatRequest(
  run: MachineRun,
  index: number,
  operation: Operation,
  { request, removed }: Admittance & { kind: 'answered' },
): AppliedOperation {
  // AO3
  const isSame = bytesEqual(request.fingerprint, shortFingerprint(operation))
  const outcome = isSame ? keptOutcome(run, operation, request, removed) : null
  if (outcome === null) return decided(operation, index, refused(REFUSALS.serialOfAnotherRequest))
  return { operation, outcome, revision: request.revision, repeated: true }
}

function keptOutcome(
  run: MachineRun,
  operation: Operation,
  request: AnsweredRequest,
  removed: Uint8Array | undefined,
): OperationOutcome | null {
  switch (request.kind) {
    case 'pinned': {
      if (operation.kind !== 'pin') return null
      const changed = request.modifiedIndex === 0
      const modifiedIndex = changed ? request.revision : request.modifiedIndex
      // The pin as written, unless it was changed since; then as it was asked for now.
      const value = run.rows.get(pinRowKey(operation.pin.cid))
      const row = value === undefined ? null : decodePinRow(value)
      const pin = row?.modifiedIndex === modifiedIndex ? pinOfRow(row) : operation.pin
      // Another operation of the same entry has the same index.
      return { kind: 'pinned', pin: isSameRequest(pin, operation.pin) ? pin : operation.pin, modifiedIndex, changed }
    }
    case 'unpinned':
      return operation.kind === 'unpin' && removed !== undefined
        ? { kind: 'unpinned', pin: pinOfRow(decodePinRow(removed)) }
        : null
    case 'not-pinned':
      return operation.kind === 'unpin' ? { kind: 'not-pinned' } : null
    case 'conflict':
      return { kind: 'conflict', modifiedIndex: request.modifiedIndex }
    case 'refused':
      return refused(request.reason)
    case 'expired':
      return { kind: 'expired' }
  }
}

/** Equal in all that a user chooses. */
function isSameRequest(one: Pin, other: Pin): boolean {
  return one === other || bytesEqual(encodePinRequest(one), encodePinRequest(other))
}

/** What the row of the origin has room for. */
function shortFingerprint(operation: Operation): Uint8Array {
  return operation.envelope.fingerprint.subarray(0, KEPT_FINGERPRINT_BYTES)
}

function removedRow(pin: Pin, revision: number): PinRow {
  return { content: encodePinContent(pin), timestampMs: pin.timestampMs, modifiedIndex: revision }
}
