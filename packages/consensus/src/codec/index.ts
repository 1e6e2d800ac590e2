export * from './entry-codec.ts'
export * from './errors.ts'
export { idempotencyKeyTimeMs, parseIdempotencyKey, requestFingerprint } from './idempotency-key.ts'
export * from './limits.ts'
export {
  type AdmissionRecord,
  decodeAdmissionRecord,
  decodeMembershipEntry,
  encodeAdmissionRecord,
  encodeMembershipEntry,
  MEMBERSHIP_OPERATION_NUMBERS,
  type MembershipCause,
  type MembershipEntry,
  type MembershipOperation,
  membershipOf,
  NO_MEMBERS,
  NONCE_BYTES,
  toRaftMembership,
} from './membership-codec.ts'
export {
  batchedBytes,
  cutBatch,
  decodeBatch,
  decodeOperation,
  encodeBatch,
  encodeOperation,
  type Envelope,
  type Operation,
  OPERATION_NUMBERS,
  pinOperation,
  type RequestId,
  unpinOperation,
} from './operation-codec.ts'
export type { OperationOutcome } from './outcome-codec.ts'
export * from './pin-codec.ts'
