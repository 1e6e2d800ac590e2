/** The door of the simulator: one seed, one run. */
import type { CreateCore } from './core.ts'
import type { Coverage } from '../coverage.ts'
import { startFaults } from './faults.ts'
import { healAndServe } from './liveness.ts'
import { Violation } from '../invariants/violation.ts'
import { productionCore } from './production-core.ts'
import type { Swarm } from './swarm.ts'
import { startWorkload } from './workload.ts'
import { World } from './world.ts'

export interface SimulateOptions {
  /** Events under faults, before the cluster is healed. @default 5000 */
  readonly events?: number
  readonly createCore?: CreateCore
  readonly print?: (line: string) => void
  readonly adjust?: (swarm: Swarm) => Swarm
}

export interface Run {
  readonly seed: number
  /** Counted events under faults. */
  readonly events: number
  readonly ticks: number
  /** All inputs and faults, healing included. */
  readonly happenings: number
  readonly virtualSeconds: number
  readonly traceHash: string
  readonly coverage: Coverage
  readonly violation: Violation | null
}

export function simulate(seed: number, options: SimulateOptions = {}): Run {
  const { events = 5000, createCore = productionCore, print, adjust } = options
  const world = new World({
    seed,
    createCore,
    ...(print !== undefined && { print }),
    ...(adjust !== undefined && { adjust }),
  })
  let violation: Violation | null = null
  let counted = { events: 0, ticks: 0 }
  try {
    startFaults(world)
    startWorkload(world)
    while (world.events < events) {
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
    seed,
    ...counted,
    happenings: world.happenings,
    virtualSeconds: world.now / 1e6,
    traceHash: world.trace.hash,
    coverage: world.coverage,
    violation,
  }
}

/** What to print about a failed run: what is broken, and how to see it again. */
export function failureText(run: Run, events: number): string {
  return `seed ${run.seed}, after ${run.happenings} inputs and faults: ${run.violation?.message}\nreplay: npm run simulate -- --seed ${run.seed} --events ${events} --trace`
}
