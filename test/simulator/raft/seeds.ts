/** Runs a range of seeds for the test files that share the work, so that every core has some. */
import { Coverage } from '../coverage.ts'
import { failureText } from '../run.ts'
import { simulate } from './simulate.ts'

/** Most runs are short, which is many swarms for the time; some are long. */
function eventsOf(seed: number): number {
  return seed % 20 === 0 ? 20_000 : 2000 + (seed % 3) * 2000
}

/** @returns what happened. @throws {Error} at the first violation, with the command that replays it. */
export function runSeeds(first: number, last: number): Coverage {
  const coverage = new Coverage()
  for (let seed = first; seed <= last; seed++) {
    const events = eventsOf(seed)
    const run = simulate(seed, { events })
    if (run.violation !== null) {
      throw new Error(failureText(run, { events }), { cause: run.violation })
    }
    if (run.events < events || run.ticks * 2 > run.events) {
      throw new Error(`seed ${seed} has come to ${run.events} events of ${events}, ${run.ticks} of them ticks`)
    }
    coverage.add(run.coverage)
  }
  return coverage
}
