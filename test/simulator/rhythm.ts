/**
 * Owns when faults strike and operations are asked for: each kind in a rhythm of its own, until the cluster is healed.
 *
 * Y1 When an occurrence is due, and what it draws, depend on the seed and its kind alone: neither on what happens in the
 * run nor on other occurrences. Y2 Every due occurrence has an ordinal, the same in every run of the seed, also when it or others are left out.
 */
import { Ordinals } from './ordinals.ts'
import { Random } from './random.ts'

export interface RhythmHost {
  readonly now: number
  /** After so many µs. */
  schedule(delay: number, run: () => void): void
  /** A fault has struck, or an operation was asked for. */
  occurred(occurrence: Occurrence): void
}

export type Sort = 'fault' | 'operation'

export interface Occurrence {
  readonly ordinal: number
  readonly sort: Sort
  /** One word: `without` leaves out all of a kind. */
  readonly kind: string
  /** Virtual, in µs. */
  readonly time: number
  /** What has happened, and to whom. */
  readonly text: string
}

/** Do it, drawing from `random` alone. @returns what was done and to whom; null when there was nothing to do. */
export type Strike = (random: Random) => string | null

export interface RhythmOptions {
  readonly seed: number
  readonly skip?: Ordinals
  readonly without?: ReadonlySet<string>
}

export class Rhythms {
  readonly occurrences: Occurrence[] = []
  /** All kinds, those that never occur included. */
  readonly kinds: string[] = []
  readonly #host: RhythmHost
  readonly #seed: number
  readonly #skip: Ordinals
  readonly #without: ReadonlySet<string>
  #next = 0
  #stopped = false

  constructor(host: RhythmHost, { seed, skip = Ordinals.none, without = new Set() }: RhythmOptions) {
    this.#host = host
    this.#seed = seed
    this.#skip = skip
    this.#without = without
  }

  /** From now on do this with this mean time in µs between two; 0 is never. */
  repeat(sort: Sort, kind: string, mean: number, strike: Strike): void {
    this.kinds.push(kind)
    if (mean > 0) {
      this.#schedule(new Random(this.#seed, streamOf(kind)), sort, kind, mean, strike)
    }
  }

  /** The cluster is healed: nothing more occurs. */
  stop(): void {
    this.#stopped = true
  }

  #schedule(times: Random, sort: Sort, kind: string, mean: number, strike: Strike): void {
    this.#host.schedule(times.exponential(mean) + 1, () => {
      if (!this.#stopped) {
        this.#occur(times.fork(), sort, kind, strike)
        this.#schedule(times, sort, kind, mean, strike)
      }
    })
  }

  #occur(random: Random, sort: Sort, kind: string, strike: Strike): void {
    const ordinal = this.#next++
    if (this.#without.has(kind) || this.#skip.has(ordinal)) {
      return
    }
    let text: string | null = 'which ended the run'
    try {
      text = strike(random)
    } finally {
      if (text !== null) {
        const occurrence = { ordinal, sort, kind, time: this.#host.now, text }
        this.occurrences.push(occurrence)
        this.#host.occurred(occurrence)
      }
    }
  }
}

/** Streams are chosen by name, so that a new kind does not shift the others. */
function streamOf(kind: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < kind.length; i++) {
    hash = Math.imul(hash ^ kind.charCodeAt(i), 0x01000193)
  }
  return hash >>> 0
}
