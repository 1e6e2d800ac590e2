/**
 * Owns the order of what happens: a binary heap of actions by virtual time in µs.
 *
 * H1 Equal times run in the order of scheduling. H2 Time never goes back.
 */

export const millisecond = 1000
export const second = 1_000_000

interface Scheduled {
  readonly at: number
  readonly order: number
  readonly run: () => void
}

const before = (a: Scheduled, b: Scheduled): boolean => a.at < b.at || (a.at === b.at && a.order < b.order)

export class EventHeap {
  readonly #heap: Scheduled[] = []
  #order = 0
  #now = 0

  get now(): number {
    return this.#now
  }

  /** Run `run` after `delay` µs. */
  schedule(delay: number, run: () => void): void {
    if (Number.isNaN(delay)) {
      throw new RangeError('a delay must be a number') // It would never be due, and nothing after it.
    }
    const heap = this.#heap
    const item: Scheduled = { at: this.#now + Math.max(0, delay), order: this.#order++, run }
    let i = heap.length
    heap.push(item)
    while (i > 0) {
      const parent = (i - 1) >> 1
      const above = heap[parent] as Scheduled
      if (!before(item, above)) {
        break
      }
      heap[i] = above
      i = parent
    }
    heap[i] = item
  }

  /** Run the next action; false when there is none. */
  runNext(): boolean {
    const heap = this.#heap
    const first = heap[0]
    if (first === undefined) {
      return false
    }
    const last = heap.pop() as Scheduled
    if (heap.length > 0) {
      this.#sink(last)
    }
    this.#now = first.at
    first.run()
    return true
  }

  #sink(item: Scheduled): void {
    const heap = this.#heap
    const length = heap.length
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= length) {
        break
      }
      if (child + 1 < length && before(heap[child + 1] as Scheduled, heap[child] as Scheduled)) {
        child++
      }
      if (!before(heap[child] as Scheduled, item)) {
        break
      }
      heap[i] = heap[child] as Scheduled
      i = child
    }
    heap[i] = item
  }
}
