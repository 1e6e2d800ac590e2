/** Counts what happened, by name: how often, and in how many seeds. */
export class Coverage {
  readonly #counts = new Map<string, number>()
  readonly #seeds = new Map<string, number>()

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
      this.count(what, times)
      this.#seeds.set(what, this.seeds(what) + 1)
    }
  }

  lines(): string[] {
    return [...this.#counts]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(
        ([what, times]) =>
          `${what.padEnd(28)} ${String(times).padStart(10)}${this.#seeds.has(what) ? `  in ${this.seeds(what)} seeds` : ''}`,
      )
  }
}
