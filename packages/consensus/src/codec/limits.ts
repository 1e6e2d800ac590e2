/** Limits of what stands in the log, each with its unit and its reason. */

/** Highest operation version that this code reads and applies; goes into the own member record. */
export const OPERATION_VERSION = 1

export const LOG_LIMITS = Object.freeze({
  /** One operation, so that one pin can never fill a frame or a row. */
  maxOperationBytes: 32 * 1024,
  /** One `operations` entry, a quarter of a frame: heartbeats and other entries fit beside it. */
  maxBatchBytes: 256 * 1024,
  maxBatchOperations: 1000,
  /** Members of a cluster, learners included; the whole membership travels in each membership entry and admission. */
  maxMembers: 64,
  maxAddressesPerMember: 16,
  maxAddressBytes: 512,
  maxMemberNameBytes: 255,
  /** Who asked, for the audit trail. */
  maxActorBytes: 255,
  maxPeerIdBytes: 128,
  maxStorageIdBytes: 64,
  /** Requests of one origin that may be without an answer: the origin's row stays under 64 KiB, its removal bounded. */
  maxOpenRequests: 2048,
  /** How far a serial may be ahead of the low-water mark that comes with it. */
  maxSerialWindow: 65_536,
})

/** Idempotency keys; times are committed time. */
export const IDEMPOTENCY_LIMITS = Object.freeze({
  /** How long a key answers for its first use. */
  keptMs: 15 * 60_000,
  /** How far the client's clock in a key may be ahead. A row is kept for both, so that no key outlives its row. */
  maxAheadMs: 5 * 60_000,
  /** Rows in the table; the leader refuses further keys instead of evicting. About 300 MB at most with ordinary pins. */
  maxKeys: 1_000_000,
  /** Expired rows that one entry deletes, besides two per operation in it. */
  expiredPerEntry: 64,
})
