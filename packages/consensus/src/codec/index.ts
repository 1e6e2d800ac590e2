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
  type MembershipCause,
  type MembershipEntry,
  type MembershipOperation,
  membershipOf,
  toRaftMembership,
} from './membership-codec.ts'
export {
  cutBatch,
  decodeBatch,
  decodeOperation,
  encodeBatch,
  encodeOperation,
  type Envelope,
  type Operation,
  pinOperation,
  type RequestId,
  unpinOperation,
} from './operation-codec.ts'
export type { OperationOutcome } from './outcome-codec.ts'
export * from './pin-codec.ts'
