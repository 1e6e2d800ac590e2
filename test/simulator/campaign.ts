/**
 * Owns a campaign: many seeds of one world over worker threads, until the seeds or the time are used up, somebody stops it,
 * or a seed fails.
 *
 * C1 Seeds are handed out upwards. C2 What a seed comes to does not depend on the thread. C3 A thread that dies fails the seed
 * it was at, and is replaced.
 */
import { Worker } from 'node:worker_threads'

import type { Task } from './campaign-thread.ts'
import { summaryOfError, Tally, type RunSummary } from './tally.ts'
import type { WorldName } from './run.ts'

export interface CampaignInit {
  readonly world: WorldName
  readonly first: number
  /** Infinity for upwards without end. */
  readonly last: number
  readonly events: number
  readonly threads: number
  readonly without?: readonly string[]
  readonly skip?: string
  /** Go on after a failure. */
  readonly keepGoing?: boolean
  /** Stops it; what has come until then counts. */
  readonly signal?: AbortSignal
  readonly onRun?: (tally: Tally) => void
  /** What a thread runs: takes a `Task`, answers with a `RunSummary`. @default campaign-thread.ts */
  readonly thread?: URL
}

/** A second one waits at each thread, so that none is idle while its answer travels. */
const tasksPerThread = 2

/** Type stripping, and the packages' sources without a build. */
const execArgv = ['-C', 'pinset-source', '--disable-warning=ExperimentalWarning']

export async function runCampaign(init: CampaignInit): Promise<Tally> {
  const campaign = new Campaign(init)
  return await campaign.run()
}

class Campaign {
  readonly #init: CampaignInit
  readonly #tally: Tally
  readonly #began = performance.now()
  readonly #threads = new Map<Worker, number[]>()
  readonly #ended: Promise<void>
  #end: () => void = () => undefined
  readonly #again: number[] = []
  #next: number
  #closed = false

  constructor(init: CampaignInit) {
    this.#init = init
    this.#tally = new Tally(init.world)
    this.#next = init.first
    this.#ended = new Promise((resolve) => {
      this.#end = resolve
    })
  }

  async run(): Promise<Tally> {
    const { first, last, threads, signal } = this.#init
    const stop = (): void => this.#close()
    signal?.addEventListener('abort', stop, { once: true })
    try {
      for (let i = 0; i < Math.min(threads, last - first + 1); i++) {
        this.#startThread()
      }
      if (this.#threads.size === 0 || signal?.aborted === true) {
        this.#close()
      }
      await this.#ended
      await Promise.all([...this.#threads.keys()].map((thread) => thread.terminate()))
    } finally {
      signal?.removeEventListener('abort', stop)
    }
    this.#tally.seconds = (performance.now() - this.#began) / 1000
    return this.#tally
  }

  #startThread(): void {
    const thread = new Worker(this.#init.thread ?? new URL('./campaign-thread.ts', import.meta.url), { execArgv })
    const tasks: number[] = []
    this.#threads.set(thread, tasks)
    thread.on('message', (summary: RunSummary) => {
      tasks.shift()
      this.#take(summary)
      this.#feed(thread, tasks)
    })
    thread.on('error', (error) => {
      this.#threads.delete(thread)
      const [current, ...waiting] = tasks
      this.#again.push(...waiting) // It had not begun.
      if (current !== undefined) {
        this.#take(summaryOfError(this.#init.world, current, error)) // C3
      }
      if (!this.#closed) {
        this.#startThread()
      }
    })
    this.#feed(thread, tasks)
  }

  #feed(thread: Worker, tasks: number[]): void {
    const { world, last, events, without = [], skip = '' } = this.#init
    while (!this.#closed && tasks.length < tasksPerThread && (this.#again.length > 0 || this.#next <= last)) {
      const seed = this.#again.shift() ?? this.#next++
      tasks.push(seed)
      const task: Task = { world, seed, events, without, skip }
      thread.postMessage(task, [])
    }
    if (this.#next > last && [...this.#threads.values()].every((waiting) => waiting.length === 0)) {
      this.#close()
    }
  }

  #take(summary: RunSummary): void {
    if (this.#closed) {
      return
    }
    const { keepGoing = false, onRun } = this.#init
    this.#tally.add(summary)
    this.#tally.seconds = (performance.now() - this.#began) / 1000
    onRun?.(this.#tally)
    if (summary.failure !== null && !keepGoing) {
      this.#close()
    }
  }

  #close(): void {
    this.#closed = true
    this.#end()
  }
}
