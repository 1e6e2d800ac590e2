/** Outcomes, rows and meta data of the pinset machine as text. */
import type { Row, StateMeta } from '@pinset/interface'

import type { Operation, OperationOutcome } from '../../../packages/consensus/src/codec/index.ts'
import type { AppliedEntry, AppliedOperation } from '../../../packages/consensus/src/machine/index.ts'
import {
  decodeExpiryQueue,
  decodeExpiryRow,
  decodeIdempotencyRow,
  decodeOriginRow,
  decodePinRecord,
  EXPIRY_QUEUE_KEY,
} from '../../../packages/consensus/src/machine/rows.ts'
import { membershipOf } from '../../../packages/consensus/src/codec/index.ts'
import { describeTime, nameOfCid, nameOfKey, short } from './names.ts'
import { CID } from 'multiformats/cid'

export function describeOutcome(outcome: OperationOutcome): string {
  switch (outcome.kind) {
    case 'pinned':
      return `pinned${outcome.changed ? '' : ' already'}, modified at ${outcome.modifiedIndex}, name=${JSON.stringify(outcome.pin.name)}`
    case 'unpinned':
      return `unpinned, was name=${JSON.stringify(outcome.pin.name)}`
    case 'conflict':
      return `conflict, modified at ${outcome.modifiedIndex}`
    case 'refused':
      return `refused: ${outcome.reason}`
    case 'not-pinned':
    case 'expired':
      return outcome.kind
  }
}

function describeOperation({ kind, envelope, ...rest }: Operation & { readonly pin?: { readonly cid: CID } }): string {
  const { peerId, storageId, serial } = envelope.requestId
  const cid = rest.pin?.cid ?? (rest as { readonly cid: CID }).cid
  return `${kind} ${nameOfCid(cid)} by ${peerId}${storageId === 's1' ? '' : `@${storageId}`}/${serial}`
}

function describeApplied({ operation, outcome, revision, repeated }: AppliedOperation): string {
  return `${describeOperation(operation)}: ${describeOutcome(outcome)}${repeated ? ` (decided before, at ${revision})` : ''}`
}

/** One line per operation; one for an entry of another kind. */
export function describeEntry({ term, index, operations, membership }: AppliedEntry): readonly string[] {
  if (operations.length > 0) return operations.map((each) => `${term}/${index} ${describeApplied(each)}`)
  if (membership === null) return [`${term}/${index} noop`]
  return [`${term}/${index} members ${describeMembers(membership.next.members)}`]
}

function describeMembers(members: readonly { peerId: string; storageId: string; suffrage: string }[]): string {
  return members
    .map(({ peerId, storageId, suffrage }) => `${peerId}@${storageId}${suffrage === 'learner' ? ':learner' : ''}`)
    .join(' ')
}

export function describeMeta(meta: StateMeta): string {
  const members = meta.membership.length === 0 ? '' : describeMembers(membershipOf(meta.membership).members)
  return (
    `applied=${meta.appliedTerm}/${meta.appliedIndex} head=${short(meta.head)} digest=${short(meta.digest)} ` +
    `pins=${meta.pinCount} time=${describeTime(meta.committedTimeMs)} version=${meta.operationVersion} ` +
    `membership@${meta.membershipIndex}=(${members})`
  )
}

export function describeRow({ table, key, value }: Row): string {
  switch (table) {
    case 'pin': {
      const { pin, modifiedIndex } = decodePinRecord(value)
      return `pin ${nameOfCid(CID.decode(key))} name=${JSON.stringify(pin.name)} modified=${modifiedIndex}`
    }
    case 'origin': {
      const { lowWater, open } = decodeOriginRow(value)
      const answers = [...open].map(([serial, { kind, revision }]) => `${serial}:${kind}@${revision}`)
      return `origin ${textOf(key).replace('\0', '@')} low=${lowWater} open=(${answers.join(' ')})`
    }
    case 'request': {
      const serial = Number(Buffer.from(key.subarray(-8)).readBigUInt64BE())
      const { pin } = decodePinRecord(value)
      return `request ${textOf(key.subarray(0, -9)).replace('\0', '@')}/${serial} removed ${nameOfCid(pin.cid)} name=${JSON.stringify(pin.name)}`
    }
    case 'idempotency': {
      const { revision, outcome, dueMs } = decodeIdempotencyRow(value)
      return `idempotency ${nameOfKey(key)} ${outcome.kind}@${revision} due=${describeTime(dueMs)}`
    }
    case 'expiry':
      return describeExpiry(key, value)
  }
}

function describeExpiry(key: Uint8Array, value: Uint8Array): string {
  if (key.length === EXPIRY_QUEUE_KEY.key.length) {
    const { head, tail, headDueMs } = decodeExpiryQueue(value)
    return `expiry queue [${head}, ${tail})${head === tail ? '' : ` due=${describeTime(headDueMs)}`}`
  }
  const row = decodeExpiryRow(value)
  return `expiry ${Number(Buffer.from(key.subarray(1)).readBigUInt64BE())} ${nameOfKey(row.key)} due=${describeTime(row.dueMs)}`
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}
