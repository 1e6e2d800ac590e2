/** The simulator's command: one seed or a campaign, replayed, counted and shrunk as the request says. */
import { setImmediate } from 'node:timers/promises'

import { runCampaign } from './campaign.ts'
import { UsageError, type Request } from './command-line.ts'
import { progressText, runText, shrunkText, tallyText } from './report.ts'
import { failureText, type RunOptions, type WorldName } from './run.ts'
import { shrink } from './shrink.ts'
import { loadWorld, type LoadedWorld } from './worlds.ts'

export interface CommandInit {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  /** Says now and then how far it has come. */
  readonly progress: ((text: string) => void) | null
  /** Stops a campaign or a reduction; what was found so far is printed. */
  readonly signal: AbortSignal
}

const progressEveryMs = 2000

/** @returns whether nothing has failed. @throws {UsageError} */
export async function carryOutRequest(request: Request, init: CommandInit): Promise<boolean> {
  await checkKinds(request)
  let isWhole = true
  for (const name of request.worlds) {
    if (!init.signal.aborted && (isWhole || request.keepGoing)) {
      const world = await loadWorld(name)
      const events = request.events ?? world.defaultEvents
      // The worlds share the time.
      const minutes = request.minutes === null ? null : request.minutes / request.worlds.length
      const asked = { name, world, events, minutes }
      const passed = request.single ? await runOne(request, asked, init) : await runMany(request, asked, init)
      isWhole &&= passed
    }
  }
  return isWhole
}

/** @throws {UsageError} none of the worlds has such a kind. */
async function checkKinds({ worlds, without, first }: Request): Promise<void> {
  if (without.length === 0) {
    return
  }
  const found = new Map<WorldName, readonly string[]>()
  for (const name of worlds) {
    const world = await loadWorld(name)
    const run = await world.run(first, { events: 0 }).catch(() => null)
    if (run === null) {
      return // What was asked for will fail by the same error, and say it.
    }
    found.set(name, run.kinds)
  }
  const unknown = without.filter((kind) => ![...found.values()].some((kinds) => kinds.includes(kind)))
  if (unknown.length > 0) {
    const what = [...found].map(([name, kinds]) => `the world ${name} has ${kinds.toSorted().join(', ')}`)
    throw new UsageError(`--without ${unknown.join(',')}: there is no such kind; ${what.join('; ')}`)
  }
}

interface Asked {
  readonly name: WorldName
  readonly world: LoadedWorld
  readonly events: number
  readonly minutes: number | null
}

async function runOne(request: Request, { world, events }: Asked, init: CommandInit): Promise<boolean> {
  const { out, err } = init
  const { first: seed, without, skip, trace } = request
  const options: RunOptions = { events, without: new Set(without), skip }
  const run = await world.run(seed, { ...options, ...(trace && { print: out }) })
  out(runText(run))
  if (run.violation === null) {
    if (request.shrink) {
      out('it does not fail: there is nothing to shrink')
    }
    return true
  }
  err(failureText(run, options))
  if (request.shrink) {
    await shrinkSeed(seed, world, options, init)
  }
  return false
}

async function runMany(request: Request, asked: Asked, init: CommandInit): Promise<boolean> {
  const { first, last, threads, without, keepGoing } = request
  const { name, world, events, minutes } = asked
  const { out, progress, signal } = init
  const time = new AbortController()
  const timer = minutes === null ? null : setTimeout(() => time.abort(), minutes * 60_000)
  let saidAt = performance.now()
  const tally = await runCampaign({
    world: name,
    first,
    last,
    events,
    threads,
    without,
    keepGoing,
    signal: AbortSignal.any([signal, time.signal]),
    onRun: (sum) => {
      if (progress !== null && performance.now() - saidAt > progressEveryMs) {
        saidAt = performance.now()
        progress(progressText(sum))
      }
    },
  })
  if (timer !== null) {
    clearTimeout(timer)
  }
  progress?.('')
  const options: RunOptions = { events, without: new Set(without) }
  // In short runs, and without what was left out, much is missing on purpose.
  const isUsual = without.length === 0 && events >= world.defaultEvents
  out(tallyText(tally, threads, options, isUsual ? world.required : []))
  const [failure] = tally.failures
  if (failure === undefined) {
    return true
  }
  if (request.shrink && !signal.aborted) {
    await shrinkSeed(failure.seed, world, options, init)
  }
  return false
}

async function shrinkSeed(
  seed: number,
  world: LoadedWorld,
  options: RunOptions,
  { out, err, signal }: CommandInit,
): Promise<void> {
  const attempt = async (candidate: RunOptions) => {
    await setImmediate() // A run leaves no time for signals.
    return await world.run(seed, candidate)
  }
  out(shrunkText(await shrink({ attempt, options, signal, onStep: (text) => err(`shrinking: ${text}`) })))
}
