/**
 * The terms of a whole log in a few numbers: where each term begins.
 *
 * X1 Terms ascend with the index.
 * X2 The first run begins at the log's base.
 */
import { invariant } from './invariant.ts'
import type { EntryId, Index, Term } from './types.ts'

export class TermIndex {
  readonly #starts: Index[]
  readonly #terms: Term[]

  constructor(base: EntryId, runs: readonly EntryId[] = []) {
    this.#starts = [base.index]
    this.#terms = [base.term]
    for (const run of runs) this.append(run.index, run.term)
  }

  get lastTerm(): Term {
    return this.#terms[this.#terms.length - 1] as Term
  }

  /** Where the newest term begins; the base's index when it has no entry of another term. */
  get lastStart(): Index {
    return this.#starts[this.#starts.length - 1] as Index
  }

  append(index: Index, term: Term): void {
    const last = this.lastTerm
    if (term === last) return
    invariant(term > last, () => `X1 terms ascend: ${term} after ${last} at ${index}`)
    this.#starts.push(index)
    this.#terms.push(term)
  }

  /** Forget `from` and all above; `from` is above the base. */
  truncate(from: Index): void {
    while (this.#starts.length > 1 && this.lastStart >= from) {
      this.#starts.pop()
      this.#terms.pop()
    }
  }

  /** `index` becomes the base. */
  compact(index: Index): void {
    const run = this.#runAt(index)
    this.#starts.splice(0, run)
    this.#terms.splice(0, run)
    this.#starts[0] = index
  }

  /** The term at an index that the caller knows to be in the log, base included. */
  termAt(index: Index): Term {
    return this.#terms[this.#runAt(index)] as Term
  }

  /** The newest index ≤ `index` whose term is ≤ `term`; just below the base, with term 0, when all that is known is above. */
  lastAtMost(index: Index, term: Term): EntryId {
    let run = this.#runAt(index)
    let at = index
    while ((this.#terms[run] as Term) > term) {
      at = (this.#starts[run] as Index) - 1
      if (run === 0) return { index: Math.max(0, at), term: 0 }
      run -= 1
    }
    return { index: at, term: this.#terms[run] as Term }
  }

  runs(): readonly EntryId[] {
    return this.#starts.map((index, run) => ({ index, term: this.#terms[run] as Term }))
  }

  #runAt(index: Index): number {
    invariant(
      index >= (this.#starts[0] as Index),
      () => `X2 the term at ${index} is known; the base is ${this.#starts[0]}`,
    )
    let low = 0
    let high = this.#starts.length - 1
    if (index >= (this.#starts[high] as Index)) return high
    // Invariant: starts[low] <= index < starts[high].
    while (high - low > 1) {
      const middle = (low + high) >>> 1
      if ((this.#starts[middle] as Index) <= index) low = middle
      else high = middle
    }
    return low
  }
}
