/** What makes a run noisy all the time, how to take it out, and what is left when the cluster is healed. */
import {
  millisecond,
  quickReads,
  type ClockOptions,
  type DiskOptions,
  type SlownessOptions,
  type Swarm,
} from './swarm.ts'

export const healedDisk: DiskOptions = { latencyMin: 100, latencyMean: millisecond, stall: 0, stallMean: 0 }
export const healedClock: ClockOptions = { rate: 1, wallOffsetMs: 0 }
export const healedSlowness: SlownessOptions = { turnMean: 0, timerMean: 0 }

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
    out: (swarm) => ({ ...swarm, disk: healedDisk }),
  },
  'read-latency': {
    in: ({ reads }) => reads.slow > 0,
    out: (swarm) => ({ ...swarm, reads: quickReads }),
  },
  clocks: {
    in: ({ clocks }) => clocks.some(({ rate, wallOffsetMs }) => rate !== 1 || wallOffsetMs !== 0),
    out: (swarm) => ({ ...swarm, clocks: swarm.clocks.map(() => healedClock) }),
  },
  slowness: {
    in: ({ slowness }) => slowness.some(({ turnMean, timerMean }) => turnMean > 0 || timerMean > 0),
    out: (swarm) => ({ ...swarm, slowness: swarm.slowness.map(() => healedSlowness) }),
  },
  compaction: {
    in: ({ limits }) => (limits.compactAfterEntries ?? Infinity) < 50_000,
    out: (swarm) => ({ ...swarm, limits: { ...swarm.limits, compactAfterEntries: 50_000 } }),
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
