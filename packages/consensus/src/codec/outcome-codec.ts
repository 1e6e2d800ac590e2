/** Outcomes of operations as bytes: in idempotency rows and in answers to forwarded proposals. */
import type { Pin, PinOutcome, UnpinOutcome } from '@pinset/interface'

import type * as wire from '../proto/rows.ts'
import { checkInteger, checkPresent, checkText, corrupt, wireBytes } from './checks.ts'
import { decodePinContent, encodePinContent } from './pin-codec.ts'

export type OperationOutcome = PinOutcome | UnpinOutcome

/** Stable numbers of the kinds, on the wire and in rows. */
const OUTCOME_NUMBERS = Object.freeze({
  pinned: 1,
  refused: 2,
  conflict: 3,
  expired: 4,
  unpinned: 5,
  'not-pinned': 6,
})

const MAX_REASON_BYTES = 1024

export function outcomeToWire(outcome: OperationOutcome): wire.Outcome {
  const kind = OUTCOME_NUMBERS[outcome.kind]
  const none = { kind, content: new Uint8Array(0), timestampMs: 0, modifiedIndex: 0, changed: false, reason: '' }
  switch (outcome.kind) {
    case 'pinned':
      return { ...none, ...pinToWire(outcome.pin), modifiedIndex: outcome.modifiedIndex, changed: outcome.changed }
    case 'unpinned':
      return { ...none, ...pinToWire(outcome.pin) }
    case 'refused':
      return { ...none, reason: outcome.reason }
    case 'conflict':
      return { ...none, modifiedIndex: outcome.modifiedIndex }
    case 'expired':
    case 'not-pinned':
      return none
  }
}

/** @throws {CorruptError} naming the field that is wrong. */
export function outcomeFromWire(field: string, decoded: wire.Outcome | undefined): OperationOutcome {
  const outcome = checkPresent(field, decoded)
  switch (outcome.kind) {
    case OUTCOME_NUMBERS.pinned: {
      const modifiedIndex = checkInteger(`${field}.modifiedIndex`, outcome.modifiedIndex, 1)
      return { kind: 'pinned', pin: pinFromWire(field, outcome), modifiedIndex, changed: outcome.changed }
    }
    case OUTCOME_NUMBERS.unpinned:
      return { kind: 'unpinned', pin: pinFromWire(field, outcome) }
    case OUTCOME_NUMBERS.refused:
      return { kind: 'refused', reason: checkText(`${field}.reason`, outcome.reason, 0, MAX_REASON_BYTES) }
    case OUTCOME_NUMBERS.conflict:
      return { kind: 'conflict', modifiedIndex: checkInteger(`${field}.modifiedIndex`, outcome.modifiedIndex, 0) }
    case OUTCOME_NUMBERS.expired:
      return { kind: 'expired' }
    case OUTCOME_NUMBERS['not-pinned']:
      return { kind: 'not-pinned' }
    default:
      throw corrupt(`${field}.kind`, `${outcome.kind} is not an outcome`)
  }
}

function pinToWire(pin: Pin): Pick<wire.Outcome, 'content' | 'timestampMs'> {
  return { content: wireBytes(encodePinContent(pin)), timestampMs: pin.timestampMs }
}

function pinFromWire(field: string, outcome: wire.Outcome): Pin {
  const timestampMs = checkInteger(`${field}.timestampMs`, outcome.timestampMs, 0)
  return { ...decodePinContent(outcome.content), timestampMs }
}
