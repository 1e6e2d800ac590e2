/** Owns the arguments of the simulator's command: what they mean, and what is said of those that mean nothing. */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'

import { Ordinals } from './ordinals.ts'
import type { WorldName } from './run.ts'
import { worldNames } from './worlds.ts'

export const usage = `simulate [--world raft|peers|both] [--seeds A..B | --seed N] [--minutes M] …

  --world W       raft (the Raft core alone), peers (the full stack), or both (default), one after the other
  --seeds A..B    run these seeds (default 1..100)
  --seed N        run one seed, the same again each time
  --minutes M     run seeds upwards from the first until M minutes have passed, shared by the worlds
  --events N      events under faults in each run (default: 5000 in raft, 2000 in peers)
  --threads T     how many seeds run at once (default: one for each core)
  --keep-going    go on after a failure
  --without K,…   leave out whole kinds of fault, operation and noise
  --skip O,…      leave out these faults and operations by their numbers, such as 3-9,12,40-
  --trace         of one seed: print everything that happens
  --shrink        reduce the failing seed, or the first that fails, to a short list of faults and operations
  --help          print this

Exit code: 0 when nothing has failed, 1 when something has, 2 when the arguments make no sense, 130 when ctrl-C ended it.
Until ctrl-C counts: what a campaign has found is printed, and a reduction ends with what it has.
`

/** Node's timers take 24 days at most. */
const maxMinutes = 20_000

/** Each is a thread with a heap of its own. */
const maxThreads = 256

export interface Request {
  readonly worlds: readonly WorldName[]
  readonly first: number
  /** Infinity when the time says when to stop. */
  readonly last: number
  /** One seed by itself, in this thread. */
  readonly single: boolean
  readonly minutes: number | null
  /** Null for what is usual in each world. */
  readonly events: number | null
  readonly threads: number
  readonly keepGoing: boolean
  readonly without: readonly string[]
  readonly skip: Ordinals
  readonly trace: boolean
  readonly shrink: boolean
}

/** The arguments make no sense; the message says why, and what would. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Null when help is asked for. @throws {UsageError} */
export function parseCommandLine(args: readonly string[]): Request | null {
  const values = parse(args)
  if (values.help === true) {
    return null
  }
  const single = values.seed !== undefined
  if (single && (values.seeds !== undefined || values.minutes !== undefined)) {
    throw new UsageError('--seed runs one seed: leave out --seeds and --minutes, or give --seeds A..B instead')
  }
  if (values.trace === true && !single) {
    throw new UsageError('--trace prints one run: say which with --seed N')
  }
  if (values.skip !== undefined && !single) {
    throw new UsageError('--skip names faults and operations of one run: say which with --seed N')
  }
  const [first, last] = single ? [integer('seed', values.seed), integer('seed', values.seed)] : range(values.seeds)
  const minutes = values.minutes === undefined ? null : minutesOf(values.minutes)
  return {
    worlds: worldsNamed(values.world ?? 'both'),
    first,
    last: minutes === null ? last : values.seeds === undefined ? Infinity : last,
    single,
    minutes,
    events: values.events === undefined ? null : integer('events', values.events),
    threads: values.threads === undefined ? availableParallelism() : threadsOf(values.threads),
    keepGoing: values['keep-going'] === true,
    without: values.without === undefined ? [] : values.without.split(',').map((kind) => kind.trim()),
    skip: ordinals(values.skip),
    trace: values.trace === true,
    shrink: values.shrink === true,
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        world: { type: 'string' },
        seeds: { type: 'string' },
        seed: { type: 'string' },
        events: { type: 'string' },
        minutes: { type: 'string' },
        threads: { type: 'string' },
        without: { type: 'string' },
        skip: { type: 'string' },
        'keep-going': { type: 'boolean' },
        trace: { type: 'boolean' },
        shrink: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }).values
  } catch (error) {
    // Node goes on with advice in further lines.
    const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
    throw new UsageError(`${reason.replace(/\.$/, '')}; --help lists what there is`)
  }
}

function worldsNamed(name: string): readonly WorldName[] {
  const worlds = name === 'both' ? worldNames : worldNames.filter((world) => world === name)
  if (worlds.length === 0) {
    throw new UsageError(`--world is ${worldNames.join(', ')} or both, not "${name}"`)
  }
  return worlds
}

function integer(name: string, text: string | undefined): number {
  const value = Number(text)
  if (text === undefined || text.trim() === '' || !Number.isSafeInteger(value) || value < 0) {
    throw new UsageError(`--${name} is a whole number, such as --${name} 42, not "${text}"`)
  }
  return value
}

function minutesOf(text: string): number {
  const value = Number(text)
  if (!(value > 0 && value <= maxMinutes)) {
    throw new UsageError(`--minutes is a number above 0 and up to ${maxMinutes}, such as --minutes 2.5, not "${text}"`)
  }
  return value
}

function threadsOf(text: string): number {
  const value = integer('threads', text)
  if (value < 1 || value > maxThreads) {
    throw new UsageError(`--threads is a whole number from 1 to ${maxThreads}, not "${text}"`)
  }
  return value
}

function range(text = '1..100'): [number, number] {
  const found = /^(\d+)\.\.(\d+)$/.exec(text)
  const [first, last] = [Number(found?.[1]), Number(found?.[2])]
  if (found === null || first > last || !Number.isSafeInteger(last)) {
    throw new UsageError(`--seeds is a range upwards, such as --seeds 1..100, not "${text}"; for one seed: --seed 7`)
  }
  return [first, last]
}

function ordinals(text: string | undefined): Ordinals {
  const parsed = text === undefined ? Ordinals.none : Ordinals.tryParse(text)
  if (parsed === null) {
    throw new UsageError(`--skip is numbers and ranges, such as --skip 3-9,12,40-, not "${text}"`)
  }
  return parsed
}
