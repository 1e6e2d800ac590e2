/** Runs a range of seeds for the test files that share the work, so that every core has some. */
import { Coverage } from '../coverage.ts'
import { failureText } from '../run.ts'
import { simulatePeers } from './simulate.ts'

/** Most runs are short, which is many swarms for the time; some are long. */
function eventsOf(seed: number): number {
  return seed % 20 === 0 ? 10_000 : 2000 + (seed % 3) * 1000
}

/** Runs that never come to their number of events, because nobody is elected for long: of a hundred. */
const mostQuiet = 3

/** @returns what happened. @throws {Error} at the first violation, with the command that replays it. */
export async function runSeeds(first: number, last: number): Promise<Coverage> {
  const coverage = new Coverage()
  const quiet: number[] = []
  for (let seed = first; seed <= last; seed++) {
    const events = eventsOf(seed)
    const run = await simulatePeers(seed, { events })
    if (run.violation !== null) {
      throw new Error(failureText(run, { events }), { cause: run.violation })
    }
    if (run.ticks * 2 > run.events) {
      throw new Error(`${run.ticks} of the ${run.events} events of seed ${seed} are ticks`)
    }
    if (run.events < events) {
      quiet.push(seed)
    }
    coverage.add(run.coverage)
  }
  if (quiet.length * 100 > mostQuiet * (last - first + 1)) {
    throw new Error(`too quiet: seeds ${quiet.join(', ')}`)
  }
  return coverage
}
