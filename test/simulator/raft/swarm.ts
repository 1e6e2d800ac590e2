/**
 * Owns what a seed means: every size, rate and setting of a run, "none" included, so that some faults meet others and
 * some do not. All times in µs of virtual time.
 */
import type { RaftInit } from '@pinset/raft'

import { millisecond, second } from '../event-heap.ts'
import type { Sharing } from './frozen.ts'
import type { NetworkOptions } from '../network.ts'
import type { Random } from '../random.ts'

export { millisecond, second } from '../event-heap.ts'

export const tickInterval = 50 * millisecond

export interface DiskOptions {
  readonly latencyMin: number
  readonly latencyMean: number
  readonly stall: number
  readonly stallMean: number
}

/** Mean time between faults of a kind, 0 for never, and how long they last. */
export interface FaultOptions {
  readonly crash: number
  readonly crashAll: number
  readonly downMean: number
  readonly pause: number
  readonly pauseMean: number
  /** All missed ticks come at once; otherwise only one of them, as the real driver does it. */
  readonly tickFlood: boolean
  readonly partition: number
  readonly partitionMean: number
  readonly clog: number
  readonly clogMean: number
  readonly reset: number
  /** Of a node that is in no membership. */
  readonly wipe: number
  /** Of the next write: the process dies just before it, in it, or just after it. */
  readonly crashAtWrite: number
  /** Of the next write. */
  readonly writeFailure: number
  readonly diskFull: number
  /** How long there is no space. */
  readonly fullMean: number
  /** Together with a crash: the end of the log is found damaged, and is cut off; half of the time term and vote go with it. */
  readonly damage: number
  readonly slow: number
  readonly slowMean: number
  /** What everything then costs. */
  readonly slowStepMean: number
  readonly clockJump: number
  /** Messages that no correct node would send now. */
  readonly nonsense: number
}

export interface MachineOptions {
  readonly applyMean: number
  readonly loadMean: number
  readonly flushMean: number
  /** After a flush. */
  readonly compact: number
  readonly compactToTip: number
  readonly snapshotMean: number
  readonly snapshotFailure: number
}

/** Mean times between operations of a kind, 0 for never. */
export interface WorkloadOptions {
  readonly propose: number
  readonly read: number
  readonly burst: number
  readonly maxBytes: number
  readonly transfer: number
  readonly membership: number
  readonly campaign: number
}

export interface Swarm {
  /** Voters of the first membership. */
  readonly voters: number
  /** Nodes that are in no membership at the start. */
  readonly spares: number
  readonly sharing: Sharing
  /** Chance that an input is stepped without taking what is ready at once. */
  readonly deferReady: number
  /** Tick interval of each node as a factor. */
  readonly clockFactors: readonly number[]
  readonly raft: Omit<RaftInit, 'id' | 'random' | 'decodeMembership'>
  readonly network: NetworkOptions
  readonly disk: DiskOptions
  readonly faults: FaultOptions
  readonly machine: MachineOptions
  readonly workload: WorkloadOptions
}

export function swarmFrom(random: Random): Swarm {
  /** A value, or the absence of it. */
  const maybe = (chance: number, value: () => number): number => (random.chance(chance) ? value() : 0)
  const within = (low: number, high: number): number => low + random.float() * (high - low)
  const voters = random.pick([1, 2, 3, 3, 3, 3, 4, 5, 5, 5, 6, 7])
  const spares = random.pick([0, 1, 1, 2, 2])
  const skewed = random.chance(0.4)
  return {
    voters,
    spares,
    sharing: random.pick(['shared', 'shared', 'frozen', 'copied'] as const),
    deferReady: maybe(0.5, () => within(0.05, 0.7)),
    clockFactors: Array.from({ length: voters + spares }, () =>
      skewed ? random.pick([0.5, 0.8, 1, 1, 1.25, 2, 8]) : 1,
    ),
    raft: raftSettings(random),
    network: {
      delayMin: random.pick([0, 100, millisecond, 5 * millisecond]),
      delayMean: random.pick([0, 500, 2 * millisecond, 10 * millisecond, 60 * millisecond]),
      loss: maybe(0.5, () => within(0.005, 0.3)),
      lossReported: random.pick([0, 0, 0.5, 1]),
      duplicate: maybe(0.4, () => within(0.005, 0.3)),
      reorder: maybe(0.4, () => within(0.01, 0.5)),
    },
    disk: {
      latencyMin: random.pick([0, 100, millisecond]),
      latencyMean: random.pick([0, 200, 2 * millisecond, 20 * millisecond, 100 * millisecond]),
      stall: maybe(0.3, () => within(0.001, 0.03)),
      stallMean: within(0.1, 2) * second,
    },
    faults: {
      crash: maybe(0.75, () => within(0.2, 8) * second),
      crashAll: maybe(0.25, () => within(2, 15) * second),
      downMean: random.pick([0.02, 0.3, 1, 4]) * second,
      pause: maybe(0.4, () => within(0.5, 10) * second),
      pauseMean: within(0.1, 3) * second,
      tickFlood: random.chance(0.3),
      partition: maybe(0.65, () => within(0.5, 8) * second),
      partitionMean: within(0.2, 4) * second,
      clog: maybe(0.35, () => within(0.3, 5) * second),
      clogMean: within(0.05, 2) * second,
      reset: maybe(0.35, () => within(0.2, 5) * second),
      wipe: maybe(0.4, () => within(0.1, 2) * second),
      crashAtWrite: maybe(0.35, () => within(0.2, 6) * second),
      writeFailure: maybe(0.2, () => within(1, 15) * second),
      diskFull: maybe(0.15, () => within(1, 15) * second),
      fullMean: within(0.1, 4) * second,
      damage: maybe(0.3, () => within(1, 15) * second),
      slow: maybe(0.25, () => within(0.5, 8) * second),
      slowMean: within(0.1, 4) * second,
      slowStepMean: random.pick([1, 10, 60]) * millisecond,
      clockJump: maybe(0.3, () => within(0.3, 6) * second),
      nonsense: maybe(0.35, () => within(0.02, 1) * second),
    },
    machine: {
      applyMean: random.pick([0, 0, millisecond, 20 * millisecond]),
      loadMean: random.pick([0, millisecond, 20 * millisecond]),
      flushMean: random.pick([20 * millisecond, 200 * millisecond, second]),
      compact: maybe(0.7, () => within(0.05, 1)),
      compactToTip: random.pick([0, 0.5, 1]),
      snapshotMean: random.pick([5 * millisecond, 50 * millisecond, 500 * millisecond, 2 * second]),
      snapshotFailure: maybe(0.4, () => within(0.05, 0.5)),
    },
    workload: {
      propose: random.pick([5, 10, 30, 60, 100, 200]) * millisecond,
      read: random.pick([0, 10, 30, 100, 500]) * millisecond,
      burst: random.pick([1, 1, 2, 8]),
      maxBytes: random.pick([8, 16, 64, 1024]),
      transfer: maybe(0.4, () => within(0.3, 6) * second),
      membership: maybe(0.7, () => within(0.1, 4) * second),
      campaign: maybe(0.3, () => within(0.3, 6) * second),
    },
  }
}

/** What makes a run noisy all the time, and how to take it out. */
const noises: Readonly<Record<string, { in(swarm: Swarm): boolean; out(swarm: Swarm): Swarm }>> = {
  loss: {
    in: ({ network }) => network.loss > 0,
    out: (swarm) => ({ ...swarm, network: { ...swarm.network, loss: 0 } }),
  },
  duplication: {
    in: ({ network }) => network.duplicate > 0,
    out: (swarm) => ({ ...swarm, network: { ...swarm.network, duplicate: 0 } }),
  },
  reordering: {
    in: ({ network }) => network.reorder > 0,
    out: (swarm) => ({ ...swarm, network: { ...swarm.network, reorder: 0 } }),
  },
  latency: {
    in: ({ network }) => network.delayMean > millisecond,
    out: (swarm) => ({ ...swarm, network: { ...swarm.network, delayMin: 100, delayMean: millisecond } }),
  },
  'disk-latency': {
    in: ({ disk }) => disk.latencyMean > millisecond || disk.stall > 0,
    out: (swarm) => ({ ...swarm, disk: { ...swarm.disk, latencyMin: 100, latencyMean: millisecond, stall: 0 } }),
  },
  'machine-latency': {
    in: ({ machine }) => machine.applyMean > 0 || machine.loadMean > 0,
    out: (swarm) => ({ ...swarm, machine: { ...swarm.machine, applyMean: 0, loadMean: 0 } }),
  },
  'snapshot-failure': {
    in: ({ machine }) => machine.snapshotFailure > 0,
    out: (swarm) => ({ ...swarm, machine: { ...swarm.machine, snapshotFailure: 0 } }),
  },
  compaction: {
    in: ({ machine }) => machine.compact > 0,
    out: (swarm) => ({ ...swarm, machine: { ...swarm.machine, compact: 0 } }),
  },
  clocks: {
    in: ({ clockFactors }) => clockFactors.some((factor) => factor !== 1),
    out: (swarm) => ({ ...swarm, clockFactors: swarm.clockFactors.map(() => 1) }),
  },
  deferral: {
    in: ({ deferReady }) => deferReady > 0,
    out: (swarm) => ({ ...swarm, deferReady: 0 }),
  },
}

export const noiseKinds: readonly string[] = Object.keys(noises)

/** Kinds of noise that this swarm has. */
export function noiseOf(swarm: Swarm): string[] {
  return noiseKinds.filter((kind) => noises[kind]?.in(swarm))
}

export function quieten(swarm: Swarm, without: ReadonlySet<string>): Swarm {
  return [...without].reduce((rest, kind) => noises[kind]?.out(rest) ?? rest, swarm)
}

const noFaults = {
  crash: 0,
  crashAll: 0,
  pause: 0,
  partition: 0,
  clog: 0,
  reset: 0,
  wipe: 0,
  crashAtWrite: 0,
  writeFailure: 0,
  diskFull: 0,
  damage: 0,
  slow: 0,
  clockJump: 0,
  nonsense: 0,
}

/** The same cluster without faults and with nobody asking for anything. */
export function calm(swarm: Swarm): Swarm {
  const { faults, workload } = swarm
  return {
    ...swarm,
    clockFactors: swarm.clockFactors.map(() => 1),
    network: { delayMin: 100, delayMean: millisecond, loss: 0, lossReported: 0, duplicate: 0, reorder: 0 },
    disk: { latencyMin: 100, latencyMean: millisecond, stall: 0, stallMean: 0 },
    faults: { ...faults, ...noFaults },
    workload: { ...workload, propose: 0, read: 0, transfer: 0, membership: 0, campaign: 0 },
  }
}

function raftSettings(random: Random): Swarm['raft'] {
  const electionTicks = random.pick([4, 6, 10, 20])
  // An entry counts its data and some 32 bytes.
  const maxBytesPerMessage = random.pick([1, 100, 1000, 262_144])
  return {
    electionTicks,
    heartbeatTicks: electionTicks < 10 ? 1 : random.pick([1, 2]),
    maxEntriesPerMessage: random.pick([1, 2, 8, 1024]),
    maxBytesPerMessage,
    maxInflightMessages: random.pick([1, 2, 8, 64]),
    maxInflightBytes: Math.max(maxBytesPerMessage, random.pick([64, 2000, 4_194_304])),
    maxUncommittedBytes: random.pick([200, 4000, 16_777_216]),
    maxApplyingBytes: random.pick([1, 200, 2000, 8_388_608]),
    maxCachedBytes: random.pick([1, 200, 2000, 16_777_216]),
    maxPendingReads: random.pick([1, 8, 65_536]),
  }
}
