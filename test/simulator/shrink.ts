/**
 * Owns the reduction of a failing run to a short list of faults and operations that still fails by the same rule.
 *
 * X1 A candidate counts only if it fails by the same rule. X2 Bounded in runs and in time; what has been reached by then is the result.
 * X3 The result is a run of its seed: the options say all.
 */
import { Ordinals } from './ordinals.ts'
import type { Occurrence, Sort } from './rhythm.ts'
import type { Run, RunOptions } from './run.ts'

export interface ShrinkInit {
  /** Run the failing seed with these options. @throws when the world itself fails; such a candidate does not count. */
  readonly attempt: (options: RunOptions) => Promise<Run>
  /** Those with which it failed. */
  readonly options: RunOptions
  readonly maxRuns?: number
  readonly maxMs?: number
  /** Ends it like a bound. */
  readonly signal?: AbortSignal
  readonly onStep?: (text: string) => void
}

export interface Shrunk {
  readonly options: RunOptions
  /** The run with these options. */
  readonly run: Run
  readonly runs: number
  /** A bound or the signal ended it: more could perhaps be left out. */
  readonly isCutShort: boolean
}

/** @throws {Error} when the run does not fail. */
export async function shrink(init: ShrinkInit): Promise<Shrunk> {
  const run = await init.attempt(init.options)
  if (run.violation === null) {
    throw new Error(`seed ${run.seed} does not fail: there is nothing to shrink`)
  }
  const shrinking = new Shrinking(init, run, run.violation.rule)
  await shrinking.cutEvents()
  await shrinking.leaveOutKinds()
  await shrinking.keepOnlyWhatOccurs()
  await shrinking.reduce('fault')
  await shrinking.reduce('operation')
  await shrinking.leaveOutKinds()
  await shrinking.cutEvents()
  return shrinking.result
}

class Shrinking {
  readonly #init: ShrinkInit
  readonly #rule: string
  readonly #deadline: number
  readonly #maxRuns: number
  #options: RunOptions
  #run: Run
  #runs = 1
  #isCutShort = false

  constructor(init: ShrinkInit, run: Run, rule: string) {
    this.#init = init
    this.#rule = rule
    this.#run = run
    this.#options = init.options
    this.#maxRuns = init.maxRuns ?? 3000
    this.#deadline = performance.now() + (init.maxMs ?? 300_000)
  }

  get result(): Shrunk {
    return { options: this.#options, run: this.#run, runs: this.#runs, isCutShort: this.#isCutShort }
  }

  /** End soon after it fails; when it fails after the healing, heal as early as possible. */
  async cutEvents(): Promise<void> {
    await this.#try({ ...this.#options, events: this.#run.events })
    for (let low = 0, high = this.#run.events; high - low > 1;) {
      const middle = Math.floor((low + high) / 2)
      if (await this.#try({ ...this.#options, events: middle })) {
        high = Math.min(middle, this.#run.events)
      } else {
        low = middle
      }
    }
  }

  /** All noise at once if possible, else each kind of it; then whole kinds of faults and operations. */
  async leaveOutKinds(): Promise<void> {
    const without = (...kinds: string[]): RunOptions => ({
      ...this.#options,
      without: new Set([...(this.#options.without ?? []), ...kinds]),
    })
    const { noise } = this.#run
    if (noise.length > 0 && !(await this.#try(without(...noise)))) {
      for (const kind of noise) {
        await this.#try(without(kind))
      }
    }
    for (const sort of ['fault', 'operation'] as const) {
      const found = this.#run.occurrences.filter((occurrence) => occurrence.sort === sort)
      for (const kind of new Set(found.map((occurrence) => occurrence.kind))) {
        await this.#try(without(kind))
      }
    }
  }

  /** From here on what is not on the list does not happen, also in candidates that take longer. */
  async keepOnlyWhatOccurs(): Promise<void> {
    await this.#keep(this.#run.occurrences)
  }

  /** Delta debugging: leave out halves, then quarters, and so on, until no single one can be left out. */
  async reduce(sort: Sort): Promise<void> {
    let parts = 2
    for (;;) {
      const found = this.#run.occurrences.filter((occurrence) => occurrence.sort === sort)
      if (found.length === 0 || this.#exhausted) {
        return
      }
      parts = Math.min(parts, found.length)
      this.#init.onStep?.(`${found.length} ${sort}s, ${this.#runs} runs`)
      if (await this.#leaveOutOneOf(split(found, parts))) {
        parts = Math.max(parts - 1, 2)
      } else if (parts === found.length) {
        return
      } else {
        parts *= 2
      }
    }
  }

  async #leaveOutOneOf(chunks: readonly (readonly Occurrence[])[]): Promise<boolean> {
    for (const chunk of chunks) {
      if (await this.#keep(this.#run.occurrences.filter((occurrence) => !chunk.includes(occurrence)))) {
        return true
      }
    }
    return false
  }

  async #keep(occurrences: readonly Occurrence[]): Promise<boolean> {
    return await this.#try({ ...this.#options, skip: Ordinals.allBut(occurrences.map(({ ordinal }) => ordinal)) })
  }

  get #exhausted(): boolean {
    const isStopped = this.#init.signal?.aborted ?? false
    return isStopped || this.#runs >= this.#maxRuns || performance.now() > this.#deadline
  }

  /** X1 Take these options if it still fails by the same rule. */
  async #try(options: RunOptions): Promise<boolean> {
    if (this.#exhausted) {
      this.#isCutShort = true // X2
      return false
    }
    this.#runs++
    const run = await this.#init.attempt(options).catch(() => null)
    if (run?.violation?.rule !== this.#rule) {
      return false
    }
    this.#options = options
    this.#run = run
    return true
  }
}

function split(items: readonly Occurrence[], parts: number): Occurrence[][] {
  const chunks: Occurrence[][] = []
  for (let i = 0; i < parts; i++) {
    chunks.push(items.slice(Math.floor((i * items.length) / parts), Math.floor(((i + 1) * items.length) / parts)))
  }
  return chunks
}
