/** Owns the sum of many runs of one world, in a form that travels between threads. */
import type { CheckCost } from './check-costs.ts'
import { CheckCosts } from './check-costs.ts'
import { Coverage } from './coverage.ts'
import type { Run, WorldName } from './run.ts'

/** What is left of a run when it is over. */
export interface RunSummary {
  readonly seed: number
  readonly events: number
  readonly ticks: number
  readonly happenings: number
  readonly virtualSeconds: number
  readonly counts: readonly (readonly [string, number])[]
  readonly checkCosts: readonly CheckCost[]
  readonly failure: Failure | null
}

export interface Failure {
  readonly world: WorldName
  readonly seed: number
  readonly happenings: number
  /** What is broken, with the rule that says so; for an error that is no violation, with its stack. */
  readonly message: string
}

export function summaryOf(run: Run): RunSummary {
  const { world, seed, events, ticks, happenings, virtualSeconds, coverage, checkCosts, violation } = run
  const failure = violation === null ? null : { world, seed, happenings, message: violation.message }
  return { seed, events, ticks, happenings, virtualSeconds, counts: coverage.entries(), checkCosts, failure }
}

/** Of a run that ended in an error that is no violation. */
export function summaryOfError(world: WorldName, seed: number, error: unknown): RunSummary {
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
  const failure = { world, seed, happenings: 0, message }
  return { seed, events: 0, ticks: 0, happenings: 0, virtualSeconds: 0, counts: [], checkCosts: [], failure }
}

export class Tally {
  readonly world: WorldName
  readonly coverage = new Coverage()
  readonly checkCosts = new CheckCosts()
  readonly failures: Failure[] = []
  seeds = 0
  lastSeed = 0
  events = 0
  ticks = 0
  happenings = 0
  virtualSeconds = 0
  /** Real time. */
  seconds = 0

  constructor(world: WorldName) {
    this.world = world
  }

  add(run: RunSummary): void {
    this.seeds++
    this.lastSeed = Math.max(this.lastSeed, run.seed)
    this.events += run.events
    this.ticks += run.ticks
    this.happenings += run.happenings
    this.virtualSeconds += run.virtualSeconds
    this.coverage.add(Coverage.of(run.counts))
    this.checkCosts.add(run.checkCosts)
    if (run.failure !== null) {
      this.failures.push(run.failure)
    }
  }
}
