/** The door of the simulator of the full stack: one seed, one run. */
import { Violation } from '../invariants/violation.ts'
import type { Run } from '../run.ts'
import { Clients, type ClientsInit } from './clients.ts'
import { startFaults } from './faults.ts'
import { startListings } from './listings.ts'
import { healAndServe } from './liveness.ts'
import { noiseKinds, noiseOf } from './noise.ts'
import { Operator } from './operator.ts'
import { Calls, startWorkload } from './workload.ts'
import { World, type WorldInit } from './world.ts'

export interface SimulateOptions extends Omit<WorldInit, 'seed'> {
  readonly clients?: ClientsInit
}

export const defaultEvents = 2000

/** A run that is too quiet to come to its number of events ends after so many times as many ticks. */
const ticksPerEvent = 20

export async function simulatePeers(seed: number, options: SimulateOptions = {}): Promise<Run> {
  const { events = defaultEvents } = options
  const world = new World({ ...options, seed })
  const calls = new Calls(world)
  const clients = new Clients(world, options.clients)
  let violation: Violation | null = null
  let counted = { events: 0, ticks: 0 }
  try {
    await world.begin()
    startFaults(world, new Operator(world, calls))
    startWorkload(world, calls)
    startListings(world, calls)
    clients.start()
    await world.until(() => world.events >= events || world.happenings >= events * ticksPerEvent)
    world.sweep()
    counted = { events: world.events, ticks: world.ticks }
    await healAndServe(world, calls)
    await clients.finish()
  } catch (error) {
    if (!(error instanceof Violation)) {
      throw error
    }
    violation = error
    counted = { events: Math.min(world.events, events), ticks: world.ticks }
    world.trace.line(world.now, 'end', `event ${world.events}: ${error.message}`)
    for (const peer of world.peers) {
      world.trace.line(world.now, peer.name, peer.describe())
    }
  }
  world.end()
  return {
    world: 'peers',
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
