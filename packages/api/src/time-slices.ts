/**
 * Shares the event loop among long answers, so that what a peer owes to the cluster never waits for them.
 *
 * L1 One answer works in one turn of the event loop, for `SLICE_MS` at most and the item at hand; the others wait in line.
 */

/** A small part of the shortest election timeout, and long enough that taking turns costs little. */
const SLICE_MS = 4

export class TimeSlices {
  readonly #line: (() => void)[] = []
  readonly #nowMs: () => number
  #scheduled = false

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs
  }

  /** Wait in line. Resolves with the function that says whether the slice is over. */
  async begin(): Promise<() => boolean> {
    await new Promise<void>((resolve) => {
      this.#line.push(resolve)
      this.#schedule()
    })
    const endMs = this.#nowMs() + SLICE_MS
    return () => this.#nowMs() >= endMs
  }

  #schedule(): void {
    if (this.#scheduled || this.#line.length === 0) return
    this.#scheduled = true
    // An immediate that is set by another one runs in the next turn (L1).
    setImmediate(() => {
      this.#scheduled = false
      this.#line.shift()?.()
      this.#schedule()
    })
  }
}
