/** What is said of runs: the end of a campaign, its progress, a failure with its replay, a shrunk run. */
import type { Coverage } from './coverage.ts'
import { replayCommand, type Run, type RunOptions } from './run.ts'
import type { Shrunk } from './shrink.ts'
import type { Failure, Tally } from './tally.ts'

const thousands = new Intl.NumberFormat('en', { useGrouping: true })
const number = (value: number): string => thousands.format(Math.round(value)).replaceAll(',', ' ')

/** By what the names of counters begin with; the first that fits. */
const groups: readonly (readonly [title: string, names: RegExp])[] = [
  [
    'faults',
    /^(fault:|nonsense:|partition |crash|pause|clock jumps|damage:|damage took|write failed|sync failed|read failed|no room|several disks|disk-full|persist lost)/,
  ],
  ['noise', /^noise:/],
  ['messages', /^(message |raft stream )/],
  ['roles and places', /^(role:|place:|halted|suspension |transfer in vain|transferred)/],
  ['starts', /^(restart|stopped|start failed|damage found|peer with a new disk|first start)/],
  ['log and snapshots', /^(snapshot |compacted|truncated|state restored|entries loaded)/],
  ['operations', /^(operation:|remove-peer, leader)/],
  ['answers of Raft', /^(accepted|membership accepted|dropped |read served|read index )/],
  ['answers to contending clients', /^client/],
  ['answers', /^[a-z-]+: /],
  ['other', /./],
]

/** What happened, how often, and in which part of the seeds unless it was one run. */
export function coverageLines(coverage: Coverage, seeds: number | null): string[] {
  const happened = coverage.entries().filter(([, times]) => times > 0)
  const entries = happened.toSorted(([a], [b]) => (a < b ? -1 : 1))
  const nameWidth = Math.max(0, ...entries.map(([what]) => what.length))
  const line = (what: string, times: number): string => {
    const share = seeds === null ? '' : `  ${((coverage.seeds(what) / seeds) * 100).toFixed(1).padStart(5)} % of seeds`
    return `  ${what.padEnd(nameWidth)} ${number(times).padStart(12)}${share}`
  }
  return groups.flatMap(([title], place) => {
    const found = entries.filter(([what]) => groups.findIndex(([, names]) => names.test(what)) === place)
    return found.length === 0 ? [] : [title, ...found.map(([what, times]) => line(what, times))]
  })
}

/** Seeds from which on it says something that a thing has happened in less than one of a hundred. */
const manySeeds = 100

/** Everything that a campaign has counted. @param required - what must happen in one seed of a hundred at least. */
export function tallyText(
  tally: Tally,
  threads: number,
  options: RunOptions,
  required: readonly string[] = [],
): string {
  const { world, seeds, events, ticks, happenings, seconds, virtualSeconds, coverage, checkCosts, failures } = tally
  const [slowest, ...others] = checkCosts.list()
  const cost = (milliseconds: number): string =>
    `${(milliseconds / 10 / Math.max(seconds * threads, 0.001)).toFixed(1)} % of the time`
  return [
    `== ${world}`,
    ...coverageLines(coverage, seeds),
    ...(seeds < manySeeds ? [] : rareLines(coverage, seeds, required)),
    '',
    `${number(seeds)} ${seeds === 1 ? 'seed' : 'seeds'}, ${number(events)} events (${number(ticks)} ticks), ${number(happenings)} inputs and faults with healing and all ticks, ${number(virtualSeconds)} s of virtual time`,
    `${seconds.toFixed(1)} s on ${threads} thread${threads === 1 ? '' : 's'}: ${number(events / seconds)} events/s, ${number(happenings / seconds)} inputs and faults/s`,
    ...(slowest === undefined
      ? []
      : [
          `slowest invariant: ${slowest.name}: ${cost(slowest.milliseconds)}`,
          `next: ${others
            .slice(0, 4)
            .map(({ name, milliseconds }) => `${name}: ${cost(milliseconds)}`)
            .join('; ')}`,
        ]),
    `${failures.length} failed`,
    ...failures.map((failure) => failureLines(failure, options)),
  ].join('\n')
}

function rareLines(coverage: Coverage, seeds: number, required: readonly string[]): string[] {
  const rare = required.filter((what) => coverage.seeds(what) * 100 < seeds)
  return rare.length === 0 ? [] : ['too rare: in less than 1 % of seeds', ...rare.map((what) => `  ${what}`)]
}

function failureLines({ world, seed, happenings, message }: Failure, options: RunOptions): string {
  return [
    `${world}, seed ${seed}, after ${happenings} inputs and faults: ${message}`,
    `  replay: ${replayCommand(world, seed, options)} --trace`,
    `  shrink: ${replayCommand(world, seed, options)} --shrink`,
  ].join('\n')
}

/** One line, while it runs. */
export function progressText({ world, seeds, lastSeed, events, seconds, failures }: Tally): string {
  return `${world}: ${number(seeds)} seeds (to ${lastSeed}), ${number(events)} events, ${number(events / seconds)} events/s, ${failures.length} failed, ${seconds.toFixed(0)} s`
}

/** Of one run by itself. */
export function runText(run: Run): string {
  const { world, seed, events, ticks, happenings, virtualSeconds, coverage, traceHash } = run
  return [
    ...coverageLines(coverage, null),
    '',
    `${world}, seed ${seed}: ${number(events)} events (${number(ticks)} ticks), ${number(happenings)} inputs and faults with healing and all ticks, ${virtualSeconds.toFixed(1)} s of virtual time, trace ${traceHash}`,
  ].join('\n')
}

/** What is left, in order: when, what, to whom; and how to see it. */
export function shrunkText({ options, run, runs, isCutShort }: Shrunk): string {
  const { occurrences, noise, world, seed, violation } = run
  return [
    `shrunk to ${occurrences.length} faults and operations in ${runs} runs${isCutShort ? ', and then it had to end' : ''}:`,
    ...occurrences.map(
      ({ ordinal, sort, kind, time, text }) =>
        `${(time / 1000).toFixed(3).padStart(12)} ms  #${ordinal} ${sort} ${kind}: ${text}`,
    ),
    `with the noise of its seed: ${noise.length === 0 ? 'none' : noise.join(', ')}`,
    `${violation?.message}`,
    `replay: ${replayCommand(world, seed, options)} --trace`,
  ].join('\n')
}
