/**
 * Memberships: the entries that hold one, and the record of the cluster that admitted this peer.
 *
 * - ME1 A membership is whole in its entry: nothing else is needed to know who takes part.
 * - ME2 Members are ordered by peer id (code units), each at most once, at most 64, at least one of them a voter.
 * - ME3 Who takes part can be read from an entry of any version; applying it needs a version that is known.
 */
import type { Member, Membership, PeerId, Suffrage } from '@pinset/interface'
import type { RaftMembership } from '@pinset/raft'

import * as wire from '../proto/log.ts'
import {
  checkBytes,
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
import { UpgradeRequiredError } from './errors.ts'
import { LOG_LIMITS, OPERATION_VERSION } from './limits.ts'
import { decodeRequestId, encodeRequestId, type RequestId } from './operation-codec.ts'

/** Stable numbers: never changed, never reused. */
export const MEMBERSHIP_OPERATION_NUMBERS = Object.freeze({
  'add-peer': 3,
  'rm-peer': 4,
  'promote-peer': 5,
  'demote-peer': 6,
  'update-peer': 7,
})
export type MembershipOperation = keyof typeof MEMBERSHIP_OPERATION_NUMBERS

export interface MembershipCause {
  readonly op: MembershipOperation
  readonly subject: PeerId
  readonly requestId: RequestId
  readonly actor: string
  /** The leader's clock when it proposed, Unix milliseconds. */
  readonly timeMs: number
}

export interface MembershipEntry {
  readonly version: number
  readonly next: Membership
  readonly cause: MembershipCause
  /** 32 random bytes in the entry that founds a cluster; empty in all others. */
  readonly nonce: Uint8Array
}

/** What a peer keeps of the cluster that admitted it, until its own log holds a membership. */
export interface AdmissionRecord {
  /** Hex. */
  readonly clusterId: string
  readonly epoch: number
  readonly members: readonly Member[]
}

export const NO_MEMBERS: Membership = Object.freeze({ members: Object.freeze([]) })
export const NONCE_BYTES = 32

const SUFFRAGES: readonly Suffrage[] = ['voter', 'learner']

export function encodeMembershipEntry(entry: MembershipEntry): Uint8Array {
  const { op, subject, requestId, actor, timeMs } = entry.cause
  return wire.MembershipEntry.encode({
    version: entry.version,
    next: entry.next.members.map(memberToWire),
    cause: { op: MEMBERSHIP_OPERATION_NUMBERS[op], subject, requestId: encodeRequestId(requestId), actor, timeMs },
    nonce: wireBytes(entry.nonce),
  })
}

/** @throws {UpgradeRequiredError} an unknown version or cause. @throws {CorruptError} naming the field that is wrong. */
export function decodeMembershipEntry(data: Uint8Array): MembershipEntry {
  const decoded = decodeWireEntry(data)
  const cause = checkPresent('membership.cause', decoded.cause)
  const op = (Object.keys(MEMBERSHIP_OPERATION_NUMBERS) as MembershipOperation[]).find(
    (name) => MEMBERSHIP_OPERATION_NUMBERS[name] === cause.op,
  )
  checkInteger('membership.version', decoded.version, 1)
  checkInteger('membership.cause.op', cause.op, 1)
  if (op === undefined || decoded.version > OPERATION_VERSION) {
    throw new UpgradeRequiredError(
      `membership operation ${cause.op} of version ${decoded.version} is unknown here (known up to version ${OPERATION_VERSION}); upgrade this peer, nothing after it is applied`,
    )
  }
  if (decoded.nonce.length !== 0) checkBytes('membership.nonce', decoded.nonce, NONCE_BYTES, NONCE_BYTES)
  return {
    version: decoded.version,
    next: { members: checkMembers('membership', decoded.next) },
    cause: {
      op,
      subject: checkPeerId('membership.cause.subject', cause.subject),
      requestId: decodeRequestId('membership.cause.requestId', cause.requestId),
      actor: checkText('membership.cause.actor', cause.actor, 0, LOG_LIMITS.maxActorBytes),
      timeMs: checkInteger('membership.cause.timeMs', cause.timeMs, 0),
    },
    nonce: decoded.nonce,
  }
}

/** Who takes part by this entry; ME3. @throws {CorruptError} naming the field that is wrong. */
export function membershipOf(data: Uint8Array): Membership {
  return { members: checkMembers('membership', decodeWireEntry(data).next) }
}

/** What the Raft core needs to know of a membership entry; ME3. @throws {CorruptError} naming the field that is wrong. */
export function toRaftMembership(data: Uint8Array): RaftMembership {
  const { members } = membershipOf(data)
  return {
    voters: members.filter((member) => member.suffrage === 'voter').map((member) => member.peerId),
    learners: members.filter((member) => member.suffrage === 'learner').map((member) => member.peerId),
  }
}

export function encodeAdmissionRecord(record: AdmissionRecord): Uint8Array {
  return wire.AdmissionRecord.encode({
    clusterId: record.clusterId,
    epoch: record.epoch,
    members: record.members.map(memberToWire),
  })
}

/** @throws {CorruptError} naming the field that is wrong. */
export function decodeAdmissionRecord(bytes: Uint8Array): AdmissionRecord {
  const decoded = decodeWire('admission', (from) => wire.AdmissionRecord.decode(from), bytes)
  return {
    clusterId: checkClusterId('admission.clusterId', decoded.clusterId),
    epoch: checkInteger('admission.epoch', decoded.epoch, 1),
    members: checkMembers('admission', decoded.members),
  }
}

function memberToWire(member: Member): wire.Member {
  return {
    peerId: member.peerId,
    storageId: member.storageId,
    name: member.name,
    addresses: [...member.addresses],
    suffrage: SUFFRAGES.indexOf(member.suffrage) + 1,
    wanted: SUFFRAGES.indexOf(member.wanted) + 1,
    supportedVersion: member.supportedVersion,
  }
}

/** @throws {CorruptError} naming the field that is wrong. */
function memberFromWire(field: string, decoded: wire.Member): Member {
  checkCount(`${field}.addresses`, decoded.addresses.length, LOG_LIMITS.maxAddressesPerMember)
  return {
    peerId: checkPeerId(`${field}.peerId`, decoded.peerId),
    storageId: checkStorageId(`${field}.storageId`, decoded.storageId),
    name: checkText(`${field}.name`, decoded.name, 0, LOG_LIMITS.maxMemberNameBytes),
    addresses: decoded.addresses.map((address) =>
      checkText(`${field}.addresses`, address, 1, LOG_LIMITS.maxAddressBytes),
    ),
    suffrage: checkSuffrage(`${field}.suffrage`, decoded.suffrage),
    wanted: checkSuffrage(`${field}.wanted`, decoded.wanted),
    supportedVersion: checkInteger(`${field}.supportedVersion`, decoded.supportedVersion, 1),
  }
}

/** ME2. @throws {CorruptError} naming the field that is wrong. */
function checkMembers(field: string, decoded: readonly wire.Member[]): readonly Member[] {
  checkCount(`${field}.members`, decoded.length, LOG_LIMITS.maxMembers)
  const members = decoded.map((member, at) => memberFromWire(`${field}.members[${at}]`, member))
  for (const [at, member] of members.entries()) {
    const before = members[at - 1]
    if (before !== undefined && before.peerId >= member.peerId) {
      throw corrupt(`${field}.members[${at}]`, `${member.peerId} is out of order or twice`)
    }
  }
  if (!members.some((member) => member.suffrage === 'voter')) throw corrupt(`${field}.members`, 'no voter among them')
  return members
}

function decodeWireEntry(data: Uint8Array): wire.MembershipEntry {
  return decodeWire('membership entry', (from) => wire.MembershipEntry.decode(from), data)
}

function checkSuffrage(field: string, number: number): Suffrage {
  const suffrage = SUFFRAGES[number - 1]
  if (suffrage === undefined) throw corrupt(field, `${number} is neither voter (1) nor learner (2)`)
  return suffrage
}
