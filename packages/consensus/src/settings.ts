/** Settings of a replicated pinset, each with its unit and its default. */
import type { PeerId } from '@pinset/interface'

import type { JoinInit } from './proposals/joiner.ts'

export interface PinsetConsensusInit {
  readonly peerId: PeerId
  /** For people; goes into the own member record. */
  readonly name: string
  /** Where other peers reach this one, each ending in `/p2p/<peerId>`. @default where the transport listens */
  readonly addresses?: readonly string[]
  /** Shortest election timeout; the real one is drawn up to twice as long. @default 1000 */
  readonly electionTimeoutMs?: number
  /** @default a tenth of the election timeout */
  readonly heartbeatMs?: number
  /** Uniform in [0, 1); the only source of chance. */
  readonly random: () => number
  /** How to come into a cluster, for a peer that belongs to none; null: wait to be added. @default null */
  readonly join?: JoinInit | null
  readonly limits?: Partial<ConsensusLimits>
}

export interface ConsensusLimits {
  /** How long a call looks for a leader and waits for its answer, in milliseconds. @default 15000 */
  readonly leaderWaitMs: number
  /** How long a read waits for its revision, in milliseconds. @default 30000 */
  readonly revisionWaitMs: number
  /** How long stop() waits until another peer leads, in milliseconds. @default 2000 */
  readonly handoverWaitMs: number
  /** Writes that may wait on this peer. @default 4096 */
  readonly maxPendingCalls: number
  /** Operations that may wait before the log, on the leader. @default 32768 */
  readonly maxQueuedOperations: number
  /** Calls that may wait for a revision. @default 65536 */
  readonly maxWaiters: number
  /** Views of the pinset open at the same time. @default 1024 */
  readonly maxViews: number
  /** Compact when the log holds more entries than this. @default 50000 */
  readonly compactAfterEntries: number
  /** Compact when more bytes than this were applied since. @default 67108864 */
  readonly compactAfterBytes: number
  /** Entries kept for slow followers when the log is compacted. @default 10000 */
  readonly trailingEntries: number
  /** How long a broken snapshot transfer can be resumed, in milliseconds. @default 600000 */
  readonly snapshotHoldMs: number
}

export const DEFAULT_LIMITS: ConsensusLimits = Object.freeze({
  leaderWaitMs: 15_000,
  revisionWaitMs: 30_000,
  handoverWaitMs: 2_000,
  maxPendingCalls: 4096,
  maxQueuedOperations: 32_768,
  maxWaiters: 65_536,
  maxViews: 1024,
  compactAfterEntries: 50_000,
  compactAfterBytes: 64 * 1024 * 1024,
  trailingEntries: 10_000,
  snapshotHoldMs: 600_000,
})

export interface Timing {
  readonly electionTimeoutMs: number
  readonly heartbeatMs: number
  readonly tickMs: number
  readonly electionTicks: number
  readonly heartbeatTicks: number
}

/** Two ticks to a heartbeat. @throws {RangeError} the heartbeat is more than a third of the election timeout. */
export function timingOf(init: Pick<PinsetConsensusInit, 'electionTimeoutMs' | 'heartbeatMs'>): Timing {
  const electionTimeoutMs = init.electionTimeoutMs ?? 1000
  const heartbeatMs = init.heartbeatMs ?? electionTimeoutMs / 10
  if (!(heartbeatMs > 0) || heartbeatMs * 3 > electionTimeoutMs) {
    throw new RangeError(
      `heartbeatMs (${heartbeatMs}) must be at most a third of electionTimeoutMs (${electionTimeoutMs})`,
    )
  }
  const tickMs = heartbeatMs / 2
  return {
    electionTimeoutMs,
    heartbeatMs,
    tickMs,
    electionTicks: Math.max(3, Math.round(electionTimeoutMs / tickMs)),
    heartbeatTicks: 2,
  }
}
