/** What is said of runs: the end of a campaign, its progress, a failure with its replay, a shrunk run. */
import { replayCommand, type Run, type RunOptions } from './run.ts'
import type { Shrunk } from './shrink.ts'
import type { Failure, Tally } from './tally.ts'

const thousands = new Intl.NumberFormat('en', { useGrouping: true })
const number = (value: number): string => thousands.format(Math.round(value)).replaceAll(',', ' ')

/** Everything that a campaign has counted. */
export function tallyText(tally: Tally, threads: number, options: RunOptions): string {
  const { world, seeds, events, ticks, happenings, seconds, virtualSeconds, coverage, checkCosts, failures } = tally
  const [slowest, ...others] = checkCosts.list()
  const cost = (milliseconds: number): string =>
    `${(milliseconds / 10 / Math.max(seconds * threads, 0.001)).toFixed(1)} % of the time`
  return [
    `== ${world}`,
    ...coverage.lines(),
    '',
    `${number(seeds)} seeds, ${number(events)} events (${number(ticks)} ticks), ${number(happenings)} inputs and faults with healing and all ticks, ${number(virtualSeconds)} s of virtual time`,
    `${seconds.toFixed(1)} s on ${threads} thread${threads === 1 ? '' : 's'}: ${number(events / seconds)} events/s, ${number(happenings / seconds)} inputs and faults/s`,
    ...(slowest === undefined
      ? []
      : [
          `slowest invariant: ${slowest.name}, ${cost(slowest.milliseconds)}`,
          `next: ${others
            .slice(0, 4)
            .map(({ name, milliseconds }) => `${name} ${cost(milliseconds)}`)
            .join(', ')}`,
        ]),
    `${failures.length} failed`,
    ...failures.map((failure) => failureLines(failure, options)),
  ].join('\n')
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
    ...coverage.lines(),
    '',
    `${world}, seed ${seed}: ${number(events)} events (${number(ticks)} ticks), ${number(happenings)} inputs and faults with healing and all ticks, ${virtualSeconds.toFixed(1)} s of virtual time, trace ${traceHash}`,
  ].join('\n')
}

/** What is left, in order: when, what, to whom; and how to see it. */
export function shrunkText({ options, run, runs, isCutShort }: Shrunk): string {
  const { occurrences, noise, world, seed, violation } = run
  return [
    `shrunk to ${occurrences.length} faults and operations in ${runs} runs${isCutShort ? ', and then the bound was reached' : ''}:`,
    ...occurrences.map(
      ({ ordinal, sort, kind, time, text }) =>
        `${(time / 1000).toFixed(3).padStart(12)} ms  #${ordinal} ${sort} ${kind}: ${text}`,
    ),
    `with the noise of its seed: ${noise.length === 0 ? 'none' : noise.join(', ')}`,
    `${violation?.message}`,
    `replay: ${replayCommand(world, seed, options)} --trace`,
  ].join('\n')
}
