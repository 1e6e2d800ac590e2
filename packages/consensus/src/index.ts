/** A replicated pinset on a Raft node. */
export { UpgradeRequiredError } from './codec/errors.ts'
export { IDEMPOTENCY_LIMITS, LOG_LIMITS, OPERATION_VERSION } from './codec/limits.ts'
export {
  decodeAdmissionRecord,
  decodeMembershipEntry,
  encodeAdmissionRecord,
  encodeMembershipEntry,
  membershipOf,
  toRaftMembership,
} from './codec/membership-codec.ts'
export type { AdmissionRecord, MembershipCause, MembershipEntry } from './codec/membership-codec.ts'
export { turnScheduler } from './driver/scheduler.ts'
export type { Scheduler } from './driver/scheduler.ts'
export {
  clusterIdOf,
  decodePinRecord,
  EMPTY_STATE_META,
  extendChain,
  FIRST_HEAD,
  pinRowKey,
  StateDigest,
} from './machine/index.ts'
export { foundCluster } from './membership/index.ts'
export type { Newcomer } from './membership/index.ts'
export type { PinsetConsensusComponents } from './parts.ts'
export { createConsensus, PinsetConsensus } from './pinset-consensus.ts'
export type * from './ports.ts'
export type { JoinInit } from './proposals/joiner.ts'
export { CONSENSUS_METHODS } from './rpc-methods.ts'
export { DEFAULT_LIMITS } from './settings.ts'
export type { ConsensusLimits, PinsetConsensusInit } from './settings.ts'
