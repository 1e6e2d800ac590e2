/**
 * Owns what the invariants cost: one call in some hundreds is timed, so that the measuring costs nothing itself.
 *
 * Real time; nothing in a run depends on it.
 */

/** Prime, so that no rhythm of the calls hides a check from it. */
const sampleEvery = 257

/** No check takes as long: the thread was interrupted, and the sample says nothing. */
const interruptedMs = 2

export interface CheckCost {
  readonly name: string
  readonly samples: number
  /** Of all calls, by the samples. */
  readonly milliseconds: number
}

export class CheckCosts {
  readonly #costs = new Map<string, { samples: number; milliseconds: number }>()
  #calls = 0

  /** @returns what to give to `end`. */
  begin(): number {
    return ++this.#calls % sampleEvery === 0 ? performance.now() : 0
  }

  end(name: string, began: number): void {
    if (began !== 0) {
      const taken = performance.now() - began
      if (taken < interruptedMs) {
        this.#add(name, 1, taken)
      }
    }
  }

  add(costs: readonly CheckCost[]): void {
    for (const { name, samples, milliseconds } of costs) {
      this.#add(name, samples, milliseconds / sampleEvery)
    }
  }

  /** The dearest first. */
  list(): CheckCost[] {
    return [...this.#costs]
      .map(([name, { samples, milliseconds }]) => ({ name, samples, milliseconds: milliseconds * sampleEvery }))
      .sort((a, b) => b.milliseconds - a.milliseconds)
  }

  #add(name: string, samples: number, milliseconds: number): void {
    const cost = this.#costs.get(name) ?? { samples: 0, milliseconds: 0 }
    cost.samples += samples
    cost.milliseconds += milliseconds
    this.#costs.set(name, cost)
  }
}
