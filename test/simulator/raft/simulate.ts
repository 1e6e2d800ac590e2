/** The door of the simulator of Raft alone: one seed, one run. */
import type { CreateCore } from './core.ts'
import { startFaults } from './faults.ts'
import { healAndServe } from './liveness.ts'
import { Violation } from '../invariants/violation.ts'
import { productionCore } from './production-core.ts'
import type { Run, RunOptions } from '../run.ts'
import { noiseKinds, noiseOf, type Swarm } from './swarm.ts'
import { startWorkload } from './workload.ts'
import { World } from './world.ts'

export interface SimulateOptions extends RunOptions {
  /** @default the production core */
  readonly createCore?: CreateCore
  /** Settings that the seed does not choose. */
  readonly adjust?: (swarm: Swarm) => Swarm
  /** Before anything happens. */
  readonly prepare?: (world: World) => void
}

export const defaultEvents = 5000

/** A run that is too quiet to come to its number of events ends after so many times as many ticks. */
const ticksPerEvent = 20

export function simulate(seed: number, options: SimulateOptions = {}): Run {
  const { events = defaultEvents, createCore = productionCore } = options
  const world = new World({ ...options, seed, createCore })
  let violation: Violation | null = null
  let counted = { events: 0, ticks: 0 }
  try {
    options.prepare?.(world)
    startFaults(world)
    startWorkload(world)
    while (world.events < events && world.happenings < events * ticksPerEvent) {
      world.advance()
    }
    world.sweep()
    counted = { events: world.events, ticks: world.ticks }
    healAndServe(world)
  } catch (error) {
    if (!(error instanceof Violation)) {
      throw error
    }
    violation = error
    counted = { events: Math.min(world.events, events), ticks: world.ticks }
    world.trace.line(world.now, 'end', `event ${world.events}: ${error.message}`)
    for (const node of world.nodes) {
      world.trace.line(world.now, node.id, node.describe())
    }
  }
  return {
    world: 'raft',
    seed,
    ...counted,
    happenings: world.happenings,
    virtualSeconds: world.now / 1e6,
    traceHash: world.trace.hash,
    coverage: world.coverage,
    occurrences: world.rhythms.occurrences,
    noise: noiseOf(world.swarm),
    kinds: [...world.rhythms.kinds, ...noiseKinds],
    checkCosts: world.checker.costs.list(),
    violation,
  }
}
