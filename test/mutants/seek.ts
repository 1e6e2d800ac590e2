/**
 * A process of its own that runs one simulator, seed after seed, until one finds a violation. Started in a working copy.
 *
 * `test/mutants/seek.ts <raft|peers> <first seed> <last seed> <events>`: a line of JSON per seed that begins, and one about the end.
 */
import type { Violation } from '../simulator/invariants/violation.ts'

interface Found {
  readonly traceHash: string
  readonly violation: Violation | null
}

type Simulate = (seed: number, options: { readonly events: number }) => Found | Promise<Found>

/** Seeds that are run twice: the same seed must give the same run. */
const REPEATED_SEEDS = 2

const SIMULATORS: Readonly<Record<string, () => Promise<Simulate>>> = {
  raft: async () => (await import('../simulator/raft/simulate.ts')).simulate,
  peers: async () => (await import('../simulator/peers/simulate.ts')).simulatePeers,
}

async function simulatorOf(name: string): Promise<Simulate> {
  const load = SIMULATORS[name]
  if (load === undefined) throw new Error(`no simulator is called "${name}"`)
  return await load()
}

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

/** Names of the error and of all that caused it, so that a typing error in a mutant does not pass for a violation. */
function namesOf(error: unknown): readonly string[] {
  return error instanceof Error ? [error.name, ...namesOf(error.cause)] : []
}

async function seek(simulate: Simulate, first: number, last: number, events: number): Promise<void> {
  for (let seed = first; seed <= last; seed++) {
    say({ seed })
    const run = await simulate(seed, { events })
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
    if (seed <= REPEATED_SEEDS && (await simulate(seed, { events })).traceHash !== run.traceHash) {
      say({ end: 'violation', seed, rule: 'determinism', what: 'the same seed gave another run', names: [] })
      return
    }
  }
  say({ end: 'nothing' })
}

const [name = '', first = '', last = '', events = ''] = process.argv.slice(2)
try {
  await seek(await simulatorOf(name), Number(first), Number(last), Number(events))
} catch (error) {
  const what = error instanceof Error ? error.message : String(error)
  say({ end: 'threw', what, names: namesOf(error) })
}
