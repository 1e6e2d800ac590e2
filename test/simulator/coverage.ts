/** Counts what happened, by name: how often, and in how many seeds. */
export class Coverage {
  readonly #counts = new Map<string, number>()
  readonly #seeds = new Map<string, number>()

  static of(entries: Iterable<readonly [string, number]>): Coverage {
    const coverage = new Coverage()
    for (const [what, times] of entries) {
      coverage.count(what, times)
    }
    return coverage
  }

  count(what: string, times = 1): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + times)
  }

  get(what: string): number {
    return this.#counts.get(what) ?? 0
  }

  /** In how many of the added runs it happened. */
  seeds(what: string): number {
    return this.#seeds.get(what) ?? 0
  }

  add(run: Coverage): void {
    for (const [what, times] of run.#counts) {
      if (times > 0) {
        this.count(what, times)
        this.#seeds.set(what, this.seeds(what) + 1)
      }
    }
  }

  entries(): [string, number][] {
    return [...this.#counts]
  }
}
