/**
 * Owns what a seed means: every size, rate and setting of a run, "none" included, so that some faults meet others and
 * some do not. All times in µs of virtual time, but those of production settings, which carry their unit.
 */
import type { ConsensusLimits } from '@pinset/consensus'
import type { RaftInit } from '@pinset/raft'

import { millisecond, second } from '../event-heap.ts'
import type { NetworkOptions } from '../network.ts'
import type { Random } from '../random.ts'

export { millisecond, second } from '../event-heap.ts'

export interface DiskOptions {
  readonly latencyMin: number
  readonly latencyMean: number
  readonly stall: number
  readonly stallMean: number
}

/** Reads of the disk; where none is slow they take no time. */
export interface ReadOptions {
  /** Share of the reads that are not in memory. */
  readonly slow: number
  readonly mean: number
  /** Entries of a range that come with one read, at most. */
  readonly atOnce: number
}

export interface ClockOptions {
  /** Monotonic seconds per second. */
  readonly rate: number
  /** Of the wall clock at the start. */
  readonly wallOffsetMs: number
}

export interface SlownessOptions {
  /** How late a turn of the loop comes. */
  readonly turnMean: number
  readonly timerMean: number
}

/** Mean time between faults of a kind, 0 for never, and how long they last. */
export interface FaultOptions {
  readonly crash: number
  readonly crashAll: number
  /** At a point of a write: before it, or when it is durable and nobody has heard of it. */
  readonly crashAtWrite: number
  readonly stop: number
  readonly downMean: number
  readonly pause: number
  readonly pauseMean: number
  readonly partition: number
  readonly partitionMean: number
  readonly clog: number
  readonly clogMean: number
  readonly reset: number
  readonly writeFailure: number
  readonly readFailure: number
  readonly diskFull: number
  readonly damage: number
  readonly wipe: number
  readonly clockJump: number
  readonly snapshotBreak: number
}

export interface WorkloadOptions {
  readonly operation: number
  readonly burst: number
  readonly read: number
  /** Of the whole pinset. */
  readonly list: number
  readonly cids: number
  readonly transfer: number
  readonly addPeer: number
  readonly demotePeer: number
  readonly removePeer: number
}

export type Sharing = 'shared' | 'encoded'

export interface Swarm {
  readonly voters: number
  /** Peers that are in no membership at the start. */
  readonly spares: number
  /** Whether the first entry names all voters, or the founder alone, and the others join. */
  readonly isWhole: boolean
  readonly sharing: Sharing
  readonly electionTimeoutMs: number
  readonly heartbeatMs: number
  readonly raft: Omit<RaftInit, 'id' | 'random' | 'decodeMembership' | 'electionTicks' | 'heartbeatTicks'>
  readonly limits: Partial<ConsensusLimits>
  readonly network: NetworkOptions
  readonly disk: DiskOptions
  readonly reads: ReadOptions
  readonly clocks: readonly ClockOptions[]
  readonly slowness: readonly SlownessOptions[]
  readonly faults: FaultOptions
  readonly workload: WorkloadOptions
}

export const quickReads: ReadOptions = { slow: 0, mean: 0, atOnce: Infinity }

/** @param ofReads - a chance of their own, so that all else is as if reads took no time. */
export function swarmFrom(random: Random, ofReads: Random): Swarm {
  /** A value, or the absence of it. */
  const maybe = (chance: number, value: () => number): number => (random.chance(chance) ? value() : 0)
  const within = (low: number, high: number): number => low + random.float() * (high - low)
  const voters = random.pick([1, 2, 3, 3, 3, 3, 4, 5, 5])
  const spares = random.pick([0, 1, 1, 2])
  const peers = voters + spares
  const heartbeatMs = random.pick([50, 100, 100, 200])
  const skewed = random.chance(0.4)
  const wrongDates = random.chance(0.4)
  const slow = random.chance(0.4)
  return {
    voters,
    spares,
    isWhole: random.chance(0.8),
    sharing: random.pick(['shared', 'shared', 'shared', 'encoded'] as const),
    heartbeatMs,
    electionTimeoutMs: heartbeatMs * random.pick([4, 10, 10]),
    raft: raftSettings(random),
    limits: consensusLimits(random),
    network: {
      delayMin: random.pick([0, 100, millisecond, 5 * millisecond]),
      delayMean: random.pick([0, 500, 2 * millisecond, 10 * millisecond, 40 * millisecond]),
      loss: maybe(0.5, () => within(0.005, 0.25)),
      lossReported: random.pick([0, 0, 0.5, 1]),
      duplicate: maybe(0.4, () => within(0.005, 0.3)),
      reorder: maybe(0.4, () => within(0.01, 0.5)),
    },
    disk: {
      latencyMin: random.pick([0, 100, millisecond]),
      latencyMean: random.pick([0, 200, 2 * millisecond, 20 * millisecond, 60 * millisecond]),
      stall: maybe(0.3, () => within(0.001, 0.03)),
      stallMean: within(0.1, 2) * second,
    },
    reads: readOptions(ofReads),
    clocks: Array.from({ length: peers }, () => ({
      rate: skewed ? random.pick([0.5, 0.8, 1, 1, 1.25, 2]) : 1,
      wallOffsetMs: wrongDates ? random.pick([0, 0, 1000, -60_000, 3_600_000]) : 0,
    })),
    slowness: Array.from({ length: peers }, () => ({
      turnMean: slow && random.chance(0.4) ? random.pick([millisecond, 20 * millisecond, 100 * millisecond]) : 0,
      timerMean: slow && random.chance(0.4) ? random.pick([millisecond, 20 * millisecond, 200 * millisecond]) : 0,
    })),
    faults: {
      crash: maybe(0.6, () => within(0.3, 8) * second),
      crashAll: maybe(0.2, () => within(3, 15) * second),
      crashAtWrite: maybe(0.5, () => within(1, 8) * second),
      stop: maybe(0.3, () => within(1, 10) * second),
      downMean: random.pick([0.02, 0.3, 1, 4]) * second,
      pause: maybe(0.35, () => within(0.5, 10) * second),
      pauseMean: within(0.1, 3) * second,
      partition: maybe(0.6, () => within(0.5, 8) * second),
      partitionMean: within(0.2, 4) * second,
      clog: maybe(0.35, () => within(0.3, 5) * second),
      clogMean: within(0.05, 2) * second,
      reset: maybe(0.35, () => within(0.2, 5) * second),
      writeFailure: maybe(0.35, () => within(0.5, 6) * second),
      readFailure: ofReads.chance(0.3) ? (0.3 + ofReads.float() * 5) * second : 0,
      diskFull: maybe(0.15, () => within(2, 15) * second),
      damage: maybe(0.3, () => within(0.5, 6) * second),
      wipe: maybe(0.25, () => within(1, 10) * second),
      clockJump: maybe(0.3, () => within(0.5, 10) * second),
      snapshotBreak: maybe(0.5, () => within(0.05, 1) * second),
    },
    workload: {
      // Beside the clients that wait for their answers (`client-swarm.ts`).
      operation: random.pick([60, 200, 600]) * millisecond,
      burst: random.pick([1, 2, 8, 32]),
      read: random.pick([0, 0.1, 0.3, 0.6]),
      list: ofReads.chance(0.5) ? (0.1 + ofReads.float() * 2) * second : 0,
      cids: random.pick([1, 4, 16, 64]),
      transfer: maybe(0.35, () => within(0.5, 6) * second),
      addPeer: maybe(0.6, () => within(0.5, 4) * second),
      removePeer: maybe(0.5, () => within(0.5, 6) * second),
      demotePeer: maybe(0.3, () => within(0.5, 6) * second),
    },
  }
}

/** The same cluster without faults and with nobody asking for anything. */
export function calm(swarm: Swarm): Swarm {
  const { faults, workload } = swarm
  const never = Object.fromEntries(Object.keys(faults).map((name) => [name, 0])) as unknown as FaultOptions
  return {
    ...swarm,
    clocks: swarm.clocks.map(() => ({ rate: 1, wallOffsetMs: 0 })),
    slowness: swarm.slowness.map(() => ({ turnMean: 0, timerMean: 0 })),
    network: { delayMin: 100, delayMean: millisecond, loss: 0, lossReported: 0, duplicate: 0, reorder: 0 },
    disk: { latencyMin: 100, latencyMean: millisecond, stall: 0, stallMean: 0 },
    reads: quickReads,
    faults: { ...never, downMean: faults.downMean },
    workload: { ...workload, operation: 0, list: 0, transfer: 0, addPeer: 0, demotePeer: 0, removePeer: 0 },
  }
}

function readOptions(random: Random): ReadOptions {
  return random.chance(0.5)
    ? quickReads
    : {
        slow: random.pick([0.05, 0.3, 1]),
        mean: random.pick([200, 2 * millisecond, 20 * millisecond, 100 * millisecond]),
        atOnce: random.pick([1, 4, 64, Infinity]),
      }
}

function raftSettings(random: Random): Swarm['raft'] {
  // An entry counts its data and some 32 bytes.
  const maxBytesPerMessage = random.pick([1, 1000, 10_000, 262_144])
  return {
    maxEntriesPerMessage: random.pick([1, 2, 8, 1024]),
    maxBytesPerMessage,
    maxInflightMessages: random.pick([1, 2, 8, 64]),
    maxInflightBytes: Math.max(maxBytesPerMessage, random.pick([64, 20_000, 4_194_304])),
    maxUncommittedBytes: random.pick([2000, 40_000, 16_777_216]),
    maxApplyingBytes: random.pick([1, 2000, 20_000, 8_388_608]),
    maxCachedBytes: random.pick([1, 2000, 20_000, 16_777_216]),
    maxPendingReads: random.pick([1, 8, 65_536]),
  }
}

function consensusLimits(random: Random): Partial<ConsensusLimits> {
  const compactAfterEntries = random.pick([3, 10, 30, 100, 50_000])
  return {
    leaderWaitMs: random.pick([1_000, 3_000, 6_000]),
    revisionWaitMs: random.pick([1_000, 6_000]),
    handoverWaitMs: random.pick([200, 2_000]),
    maxPendingCalls: random.pick([4, 64, 4096]),
    maxQueuedOperations: random.pick([4, 64, 32_768]),
    compactAfterEntries,
    trailingEntries: random.pick([0, 1, 10, 100]),
    snapshotHoldMs: random.pick([500, 5_000, 600_000]),
  }
}
