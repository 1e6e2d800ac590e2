/**
 * Run the deterministic simulator: many seeds, one seed, or for some minutes; a failure prints how to see it again.
 *
 * Start with `node -C pinset-source scripts/simulate.ts`, so that the packages' sources run without a build.
 */
import { parseArgs } from 'node:util'

import { Coverage } from '../test/simulator/coverage.ts'
import { simulate } from '../test/simulator/raft/simulate.ts'
import { failureText, type Run } from '../test/simulator/run.ts'

const usage = `simulate [--seeds A..B | --seed N] [--events M] [--minutes M] [--trace] [--keep-going]

  --seeds A..B    run these seeds (default 1..100)
  --seed N        run one seed
  --events M      events under faults in each run (default 5000)
  --minutes M     run seeds upwards from the first until the time is up
  --trace         print everything that happens
  --keep-going    go on after a failure
`

const { values } = parseArgs({
  options: {
    seeds: { type: 'string' },
    seed: { type: 'string' },
    events: { type: 'string', default: '5000' },
    minutes: { type: 'string' },
    trace: { type: 'boolean', default: false },
    'keep-going': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

function integer(name: string, text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 0) {
    console.error(`--${name} is a whole number, not "${text}"\n\n${usage}`)
    process.exit(1)
  }
  return value
}

function seedRange(): [number, number] {
  if (values.seed !== undefined) {
    const seed = integer('seed', values.seed)
    return [seed, seed]
  }
  const [low = '1', high = low] = (values.seeds ?? '1..100').split('..')
  return [integer('seeds', low), integer('seeds', high)]
}

if (values.help) {
  console.log(usage)
  process.exit(0)
}

const events = integer('events', values.events)
const [first, lastGiven] = seedRange()
const until = values.minutes === undefined ? Infinity : performance.now() + Number(values.minutes) * 60_000
const last = values.minutes === undefined ? lastGiven : Number.MAX_SAFE_INTEGER

const coverage = new Coverage()
const failures: Run[] = []
const began = performance.now()
let seeds = 0
let counted = 0
let ticks = 0
let happenings = 0
let virtualSeconds = 0

for (let seed = first; seed <= last && performance.now() < until; seed++) {
  const run = simulate(seed, { events, ...(values.trace && { print: (line: string) => console.log(line) }) })
  seeds++
  counted += run.events
  ticks += run.ticks
  happenings += run.happenings
  virtualSeconds += run.virtualSeconds
  coverage.add(run.coverage)
  if (run.violation !== null) {
    failures.push(run)
    console.error(failureText(run, { events }))
    if (!values['keep-going']) {
      break
    }
  }
}

const seconds = (performance.now() - began) / 1000
console.log(coverage.lines().join('\n'))
console.log(
  `${seeds} seeds, ${counted} events (${ticks} ticks), ${happenings} with healing, in ${seconds.toFixed(1)} s: ` +
    `${Math.round(happenings / seconds)} events/s, ${Math.round(virtualSeconds)} virtual seconds, ${failures.length} failed`,
)
process.exitCode = failures.length === 0 ? 0 : 1
