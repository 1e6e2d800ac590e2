/**
 * Requests and responses between peers ↔ bytes.
 *
 * - RC1 Every request and response is decoded whole and checked, or refused.
 */
import type { Codec, MultiaddrText, PeerId, Suffrage } from '@pinset/interface'
import { PIN_LIMITS } from '@pinset/interface'

import {
  checkBytes,
  checkCid,
  checkClusterId,
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
import { checkIdempotencyKey } from './idempotency-key.ts'
import { LOG_LIMITS } from './limits.ts'
import { decodeAdmissionRecord, encodeAdmissionRecord, MEMBERSHIP_OPERATION_NUMBERS } from './membership-codec.ts'
import { cutBatch, decodeRequestId, encodeRequestId } from './operation-codec.ts'
import { outcomeFromWire, outcomeToWire } from './outcome-codec.ts'
import { decodePinRequest, encodePinRequest } from './pin-codec.ts'
import type { Checkpoint } from '../driver/checkpoints.ts'
import type { Newcomer } from '../membership/next-membership.ts'
import * as wire from '../proto/rpc.ts'
import type {
  ChangeMembershipRequest,
  CommittedMembership,
  GrantedAdmission,
  Identification,
  JoinRequest,
  MembershipEntryAt,
  ProposalAnswer,
  ProposedOperation,
} from '../rpc-messages.ts'

/** Bytes of outcomes in one answer; what is beyond travels without them, and the caller learns it by applying the log. */
const MAX_OUTCOME_BYTES = 512 * 1024
const MAX_MESSAGE_BYTES = 4096

export const nothing: Codec<null> = {
  encode: () => wire.Nothing.encode({}),
  decode: (bytes) => {
    checkBytes('request', bytes, 0, 0)
    return null
  },
}

export const identification: Codec<Identification> = {
  encode: ({ self, clusterId, epoch }) =>
    wire.IdentifyResponse.encode({ self: newcomerToWire(self), clusterId: clusterId ?? '', epoch }),
  decode: (bytes) => {
    const { self, clusterId, epoch } = decodeWire('identify', (from) => wire.IdentifyResponse.decode(from), bytes)
    return {
      self: newcomerFromWire('identify.self', self),
      clusterId: clusterId === '' ? null : checkClusterId('identify.clusterId', clusterId),
      epoch: checkInteger('identify.epoch', epoch, 0),
    }
  },
}

export const joinRequest: Codec<JoinRequest> = {
  encode: ({ newcomer, clusterId }) => wire.JoinRequest.encode({ newcomer: newcomerToWire(newcomer), clusterId }),
  decode: (bytes) => {
    const { newcomer, clusterId } = decodeWire('join', (from) => wire.JoinRequest.decode(from), bytes)
    return {
      newcomer: newcomerFromWire('join.newcomer', newcomer),
      clusterId: checkClusterId('join.clusterId', clusterId),
    }
  },
}

export const grantedAdmission: Codec<GrantedAdmission> = {
  encode: ({ record, index }) => wire.Admission.encode({ record: wireBytes(encodeAdmissionRecord(record)), index }),
  decode: (bytes) => {
    const { record, index } = decodeWire('admission', (from) => wire.Admission.decode(from), bytes)
    return { record: decodeAdmissionRecord(record), index: checkInteger('admission.index', index, 1) }
  },
}

export const committedMembership: Codec<CommittedMembership> = {
  encode: ({ clusterId, epoch, index, entry, appliedIndex }) =>
    wire.MembershipResponse.encode({ clusterId, epoch, index, entry: wireBytes(entry), appliedIndex }),
  decode: (bytes) => {
    const { clusterId, epoch, index, entry, appliedIndex } = decodeWire(
      'membership',
      (from) => wire.MembershipResponse.decode(from),
      bytes,
    )
    checkInteger('membership.index', index, 0)
    if ((index === 0) !== (entry.length === 0))
      throw corrupt('membership.entry', `${entry.length} bytes at index ${index}`)
    return {
      clusterId: checkClusterId('membership.clusterId', clusterId),
      epoch: checkInteger('membership.epoch', epoch, 1),
      index,
      entry,
      // Older peers do not tell it: up to the entry itself, history is known in any case.
      appliedIndex: appliedIndex === 0 ? index : checkInteger('membership.appliedIndex', appliedIndex, index),
    }
  },
}

export const proposedOperations: Codec<readonly ProposedOperation[]> = {
  encode: (operations) => {
    checkCount('propose.operations', operations.length, LOG_LIMITS.maxBatchOperations)
    const bytes = wire.ProposeRequest.encode({
      operations: operations.map((operation) => wireBytes(encodeProposedOperation(operation))),
    })
    return checkBytes('propose.operations', bytes, 0, LOG_LIMITS.maxBatchBytes)
  },
  decode: (bytes) => {
    const { operations } = decodeWire('propose', (from) => wire.ProposeRequest.decode(from), bytes)
    checkCount('propose.operations', operations.length, LOG_LIMITS.maxBatchOperations)
    return operations.map(decodeProposedOperation)
  },
}

export const proposalAnswers: Codec<readonly ProposalAnswer[]> = {
  encode: (answers) => {
    let room = MAX_OUTCOME_BYTES
    const wired = answers.map((answer) => {
      const item = answerToWire(answer)
      if (item.outcome !== undefined) room -= item.outcome.content.length + item.outcome.reason.length * 3 + 32
      if (room >= 0) return item
      const { outcome: _, ...rest } = item
      return rest
    })
    return wire.ProposeResponse.encode({ answers: wired })
  },
  decode: (bytes) => {
    const { answers } = decodeWire('propose', (from) => wire.ProposeResponse.decode(from), bytes)
    checkCount('propose.answers', answers.length, LOG_LIMITS.maxBatchOperations)
    return answers.map(answerFromWire)
  },
}

export const readIndexResponse: Codec<number> = {
  encode: (index) => wire.ReadIndexResponse.encode({ index }),
  decode: (bytes) =>
    checkInteger(
      'readIndex.index',
      decodeWire('readIndex', (from) => wire.ReadIndexResponse.decode(from), bytes).index,
      0,
    ),
}

const MAX_CHECKPOINTS = 64

export const checkpointsResponse: Codec<readonly Checkpoint[]> = {
  encode: (checkpoints) =>
    wire.CheckpointsResponse.encode({
      checkpoints: checkpoints.map(({ index, head, digest }) => ({
        index,
        head: wireBytes(head),
        digest: wireBytes(digest),
      })),
    }),
  decode: (bytes) => {
    const decoded = decodeWire('checkpoints', (from) => wire.CheckpointsResponse.decode(from), bytes)
    checkCount('checkpoints', decoded.checkpoints.length, MAX_CHECKPOINTS)
    return decoded.checkpoints.map(({ index, head, digest }) => ({
      index: checkInteger('checkpoints.index', index, 0),
      head: checkBytes('checkpoints.head', head, 32, 32),
      digest: checkBytes('checkpoints.digest', digest, 32, 32),
    }))
  },
}

export const changeMembershipRequest: Codec<ChangeMembershipRequest> = {
  encode: ({ change, requestId, actor }) =>
    wire.ChangeMembershipRequest.encode({
      op: MEMBERSHIP_OPERATION_NUMBERS[change.op],
      requestId: encodeRequestId(requestId),
      actor,
      ...('newcomer' in change ? { newcomer: newcomerToWire(change.newcomer) } : { subject: change.peerId }),
      ...('wanted' in change ? { wanted: change.wanted === 'voter' ? 1 : 2 } : {}),
    }),
  decode: (bytes) => {
    const decoded = decodeWire('changeMembership', (from) => wire.ChangeMembershipRequest.decode(from), bytes)
    return {
      change: changeFromWire(decoded),
      requestId: decodeRequestId('changeMembership.requestId', decoded.requestId),
      actor: checkText('changeMembership.actor', decoded.actor, 0, LOG_LIMITS.maxActorBytes),
    }
  },
}

export const changeMembershipResponse: Codec<MembershipEntryAt> = {
  encode: ({ index, entry }) => wire.ChangeMembershipResponse.encode({ index, entry: wireBytes(entry) }),
  decode: (bytes) => {
    const { index, entry } = decodeWire('changeMembership', (from) => wire.ChangeMembershipResponse.decode(from), bytes)
    return { index: checkInteger('changeMembership.index', index, 1), entry }
  },
}

export const transferRequest: Codec<PeerId | null> = {
  encode: (to) => wire.TransferRequest.encode({ to: to ?? '' }),
  decode: (bytes) => {
    const { to } = decodeWire('transfer', (from) => wire.TransferRequest.decode(from), bytes)
    return to === '' ? null : checkPeerId('transfer.to', to)
  },
}

export const transferResponse: Codec<PeerId> = {
  encode: (leader) => wire.TransferResponse.encode({ leader }),
  decode: (bytes) =>
    checkPeerId('transfer.leader', decodeWire('transfer', (from) => wire.TransferResponse.decode(from), bytes).leader),
}

/** How many of these, from the first, fit one `propose` call; ≥ 1 unless there are none. */
export function cutProposals(encoded: readonly Uint8Array[]): number {
  return cutBatch(encoded)
}

function newcomerToWire({ peerId, storageId, name, addresses, supportedVersion }: Newcomer): wire.Newcomer {
  return { peerId, storageId, name, addresses: [...addresses], supportedVersion }
}

function newcomerFromWire(field: string, decoded: wire.Newcomer | undefined): Newcomer {
  const { peerId, storageId, name, addresses, supportedVersion } = checkPresent(field, decoded)
  checkCount(`${field}.addresses`, addresses.length, LOG_LIMITS.maxAddressesPerMember)
  return {
    peerId: checkPeerId(`${field}.peerId`, peerId),
    storageId: checkStorageId(`${field}.storageId`, storageId),
    name: checkText(`${field}.name`, name, 0, LOG_LIMITS.maxMemberNameBytes),
    addresses: addresses.map((address): MultiaddrText =>
      checkText(`${field}.addresses`, address, 1, LOG_LIMITS.maxAddressBytes),
    ),
    supportedVersion: checkInteger(`${field}.supportedVersion`, supportedVersion, 1),
  }
}

/** As it travels in a `propose` call. @throws {CorruptError} larger than an operation may be. */
export function encodeProposedOperation({
  requestId,
  actor,
  idempotencyKey,
  ifModifiedIndex,
  request,
}: ProposedOperation): Uint8Array {
  const bytes = wire.ProposedOperation.encode({
    requestId: encodeRequestId(requestId),
    actor,
    ...(idempotencyKey === null ? {} : { idempotencyKey: wireBytes(idempotencyKey) }),
    ...(ifModifiedIndex === null ? {} : { ifModifiedIndex }),
    ...(request.kind === 'pin'
      ? { pin: wireBytes(encodePinRequest(request.pin)) }
      : { unpin: wireBytes(request.cid.bytes) }),
  })
  return checkBytes('propose.operation', bytes, 1, LOG_LIMITS.maxOperationBytes)
}

function decodeProposedOperation(bytes: Uint8Array): ProposedOperation {
  checkBytes('propose.operation', bytes, 1, LOG_LIMITS.maxOperationBytes)
  const { requestId, actor, idempotencyKey, ifModifiedIndex, pin, unpin } = decodeWire(
    'propose.operation',
    (from) => wire.ProposedOperation.decode(from),
    bytes,
  )
  return {
    requestId: decodeRequestId('propose.requestId', requestId),
    actor: checkText('propose.actor', actor, 0, LOG_LIMITS.maxActorBytes),
    idempotencyKey: idempotencyKey === undefined ? null : checkIdempotencyKey('propose.idempotencyKey', idempotencyKey),
    ifModifiedIndex: ifModifiedIndex === undefined ? null : checkInteger('propose.ifModifiedIndex', ifModifiedIndex, 0),
    request: requestFromWire(pin, unpin),
  }
}

function requestFromWire(pin: Uint8Array | undefined, unpin: Uint8Array | undefined): ProposedOperation['request'] {
  if (pin !== undefined && unpin === undefined) return { kind: 'pin', pin: decodePinRequest(pin) }
  if (unpin !== undefined && pin === undefined)
    return { kind: 'unpin', cid: checkCid('propose.unpin', unpin, PIN_LIMITS.maxCidBytes) }
  throw corrupt('propose.operation', 'neither a pin nor an unpin, or both')
}

function answerToWire(answer: ProposalAnswer): wire.ProposeAnswer {
  const none = { revision: 0, code: '', message: '' }
  switch (answer.kind) {
    case 'committed':
      return {
        ...none,
        kind: 1,
        revision: answer.revision,
        ...(answer.outcome === null ? {} : { outcome: outcomeToWire(answer.outcome) }),
      }
    case 'rejected':
      return { ...none, kind: 2, code: answer.code, message: answer.message.slice(0, MAX_MESSAGE_BYTES / 3) }
    case 'unknown':
      return { ...none, kind: 3, message: answer.message.slice(0, MAX_MESSAGE_BYTES / 3) }
  }
}

function answerFromWire({ kind, revision, outcome, code, message }: wire.ProposeAnswer): ProposalAnswer {
  checkText('propose.answer.message', message, 0, MAX_MESSAGE_BYTES)
  switch (kind) {
    case 1:
      return {
        kind: 'committed',
        revision: checkInteger('propose.answer.revision', revision, 1),
        outcome: outcome === undefined ? null : outcomeFromWire('propose.answer.outcome', outcome),
      }
    case 2:
      return { kind: 'rejected', code: checkText('propose.answer.code', code, 1, 64), message }
    case 3:
      return { kind: 'unknown', message }
    default:
      throw corrupt('propose.answer.kind', `${kind} is not an answer`)
  }
}

function changeFromWire({
  op,
  newcomer,
  subject,
  wanted,
}: wire.ChangeMembershipRequest): ChangeMembershipRequest['change'] {
  switch (op) {
    case MEMBERSHIP_OPERATION_NUMBERS['add-peer']:
      return {
        op: 'add-peer',
        newcomer: newcomerFromWire('changeMembership.newcomer', newcomer),
        wanted: wantedFromWire(wanted),
      }
    case MEMBERSHIP_OPERATION_NUMBERS['update-peer']:
      return { op: 'update-peer', newcomer: newcomerFromWire('changeMembership.newcomer', newcomer) }
    case MEMBERSHIP_OPERATION_NUMBERS['rm-peer']:
      return { op: 'rm-peer', peerId: checkPeerId('changeMembership.subject', subject) }
    case MEMBERSHIP_OPERATION_NUMBERS['demote-peer']:
      return { op: 'demote-peer', peerId: checkPeerId('changeMembership.subject', subject) }
    default:
      throw corrupt('changeMembership.op', `${op} is not a change that can be asked for`)
  }
}

function wantedFromWire(wanted: number): Suffrage {
  if (wanted !== 1 && wanted !== 2)
    throw corrupt('changeMembership.wanted', `${wanted} is neither voter (1) nor learner (2)`)
  return wanted === 1 ? 'voter' : 'learner'
}
