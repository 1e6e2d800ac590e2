/** The simulator's command: one seed or a campaign, replayed, counted and shrunk as the request says. */
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
  /** Stops a campaign; what was found so far is printed. */
  readonly signal: AbortSignal
}

const progressEveryMs = 2000

/** @returns whether nothing has failed. @throws {UsageError} */
export async function carryOutRequest(request: Request, init: CommandInit): Promise<boolean> {
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

interface Asked {
  readonly name: WorldName
  readonly world: LoadedWorld
  readonly events: number
  readonly minutes: number | null
}

async function runOne(request: Request, { world, events }: Asked, { out, err }: CommandInit): Promise<boolean> {
  const { first: seed, without, skip, trace } = request
  const options: RunOptions = { events, without: new Set(without), skip }
  const run = await world.run(seed, { ...options, ...(trace && { print: out }) })
  const unknown = without.filter((kind) => !run.kinds.includes(kind))
  if (unknown.length > 0) {
    throw new UsageError(
      `--without ${unknown.join(',')}: the world ${run.world} has no such kind; it has ${run.kinds.toSorted().join(', ')}`,
    )
  }
  out(runText(run))
  if (run.violation === null) {
    return true
  }
  err(failureText(run, options))
  if (request.shrink) {
    await shrinkSeed(seed, world, options, { out, err })
  }
  return false
}

async function runMany(request: Request, asked: Asked, init: CommandInit): Promise<boolean> {
  const { first, last, threads, without, keepGoing } = request
  const { name, world, events, minutes } = asked
  const { out, err, progress, signal } = init
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
  out(tallyText(tally, threads, options))
  const [failure] = tally.failures
  if (failure === undefined) {
    return true
  }
  if (request.shrink) {
    await shrinkSeed(failure.seed, world, options, { out, err })
  }
  return false
}

async function shrinkSeed(
  seed: number,
  world: LoadedWorld,
  options: RunOptions,
  { out, err }: Pick<CommandInit, 'out' | 'err'>,
): Promise<void> {
  const attempt = (candidate: RunOptions) => world.run(seed, candidate)
  out(shrunkText(await shrink({ attempt, options, onStep: (text) => err(`shrinking: ${text}`) })))
}
