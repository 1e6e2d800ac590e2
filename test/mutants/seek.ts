/**
 * A process of its own that runs one simulator, seed after seed, until one finds a violation. Started in a working copy.
 *
 * `test/mutants/seek.ts <raft|peers> <first seed> <last seed> <events>`: a line of JSON per seed that begins, and one about the end.
 */
import { loadWorld, worldNames } from '../simulator/worlds.ts'

/** Seeds that are run twice: the same seed must give the same run. */
const REPEATED_SEEDS = 2

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

/** Names of the error and of all that caused it, so that a typing error in a mutant does not pass for a violation. */
function namesOf(error: unknown): readonly string[] {
  return error instanceof Error ? [error.name, ...namesOf(error.cause)] : []
}

async function seek(name: string, first: number, last: number, events: number): Promise<void> {
  const found = worldNames.find((each) => each === name)
  if (found === undefined) throw new Error(`no simulator is called "${name}"`)
  const world = await loadWorld(found)
  for (let seed = first; seed <= last; seed++) {
    say({ seed })
    const run = await world.run(seed, { events })
    if (run.violation !== null) {
      say({
        end: 'violation',
        seed,
        rule: run.violation.rule,
        what: run.violation.message,
        names: namesOf(run.violation),
      })
      return
    }
    if (seed <= REPEATED_SEEDS && (await world.run(seed, { events })).traceHash !== run.traceHash) {
      say({ end: 'violation', seed, rule: 'determinism', what: 'the same seed gave another run', names: [] })
      return
    }
  }
  say({ end: 'nothing' })
}

const [name = '', first = '', last = '', events = ''] = process.argv.slice(2)
try {
  await seek(name, Number(first), Number(last), Number(events))
} catch (error) {
  const what = error instanceof Error ? error.message : String(error)
  say({ end: 'threw', what, names: namesOf(error) })
}
