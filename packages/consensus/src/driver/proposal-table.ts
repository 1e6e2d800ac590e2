/**
 * Who waits for which entry of the log to be applied. One table for all kinds of proposals of this peer.
 *
 * PT1 An entry is known by (term, index). An applied entry of another term at the index means that the one waited for is certainly
 *    not committed; that an entry was cut off here does not, for another peer may still hold it.
 * PT2 An index passed over by a snapshot means that nobody here knows.
 * PT3 Everyone who waits is told exactly once.
 */
import type { EntryId } from '@pinset/raft'

export type EntryFate<Value> =
  | { readonly kind: 'applied'; readonly value: Value; readonly revision: number }
  | { readonly kind: 'lost'; readonly detail: string }
  | { readonly kind: 'unknown'; readonly detail: string }

interface Waiting<Value> {
  readonly term: number
  readonly settle: (fate: EntryFate<Value>) => void
}

export class ProposalTable<Value> {
  readonly #byIndex = new Map<number, readonly Waiting<Value>[]>()

  get size(): number {
    return this.#byIndex.size
  }

  add(id: EntryId, settle: (fate: EntryFate<Value>) => void): void {
    this.#byIndex.set(id.index, [...(this.#byIndex.get(id.index) ?? []), { term: id.term, settle }])
  }

  applied(entry: EntryId, value: Value): void {
    const waiting = this.#byIndex.get(entry.index)
    if (waiting === undefined) {
      return
    }
    this.#byIndex.delete(entry.index)
    for (const { term, settle } of waiting) {
      if (term === entry.term) {
        settle({ kind: 'applied', value, revision: entry.index })
      } else {
        settle({ kind: 'lost', detail: `another entry was committed at ${entry.index}, of term ${entry.term}` }) // PT1
      }
    }
  }

  /** The state jumped to this index. */
  jumped(index: number): void {
    for (const [at, waiting] of Array.from(this.#byIndex)) {
      if (at <= index) {
        this.#byIndex.delete(at)
        tellUnknown(waiting, 'the log up to there was replaced by a snapshot') // PT2
      }
    }
  }

  /** Nothing more will be learned here. */
  close(detail: string): void {
    const waiting = [...this.#byIndex.values()].flat()
    this.#byIndex.clear()
    tellUnknown(waiting, detail)
  }
}

function tellUnknown<Value>(waiting: readonly Waiting<Value>[], detail: string): void {
  for (const { settle } of waiting) {
    settle({ kind: 'unknown', detail }) // PT3
  }
}
