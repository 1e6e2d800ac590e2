/**
 * Who waits for an index to be applied here.
 *
 * AW1 A waiter is told after the state at its index can be read, in the order of indices.
 * AW2 The number of waiters is bounded.
 */
import { OverloadedError, StoppedError } from '@pinset/interface'

import { waitFor, type WaitOptions } from './waiting.ts'

interface Waiter {
  readonly index: number
  readonly order: number
  gone: boolean
  readonly done: () => void
  readonly fail: (error: Error) => void
}

export class AppliedWaiters {
  readonly #maxWaiters: number
  /** A binary heap by (index, order); cancelled ones leave when they come to the top, or by a sweep. */
  #heap: Waiter[] = []
  #goneCount = 0
  #order = 0
  #appliedIndex: number
  #closed: Error | null = null

  constructor(appliedIndex: number, maxWaiters = 65_536) {
    this.#appliedIndex = appliedIndex
    this.#maxWaiters = maxWaiters
  }

  get appliedIndex(): number {
    return this.#appliedIndex
  }

  /** Resolves true once `index` is applied, false at the deadline. @throws {OverloadedError} {StoppedError} and the signal's reason */
  async wait(index: number, options: WaitOptions): Promise<boolean> {
    if (index <= this.#appliedIndex) {
      return true
    }
    if (this.#closed !== null) {
      throw this.#closed
    }
    if (this.#heap.length - this.#goneCount >= this.#maxWaiters) {
      throw new OverloadedError(`${this.#maxWaiters} calls wait for their revision already; try again later`) // AW2
    }
    const waited = await waitFor<null>(options, (settle) => {
      const waiter: Waiter = {
        index,
        order: this.#order++,
        gone: false,
        done: () => settle.done(null),
        fail: settle.fail,
      }
      this.#push(waiter)
      return () => this.#forget(waiter)
    })
    return waited.kind === 'done'
  }

  applied(index: number): void {
    this.#appliedIndex = Math.max(this.#appliedIndex, index)
    for (
      let top = this.#heap[0];
      top !== undefined && (top.gone || top.index <= this.#appliedIndex);
      top = this.#heap[0]
    ) {
      this.#pop()
      if (top.gone) {
        this.#goneCount -= 1
      } else {
        top.gone = true
        top.done() // AW1
      }
    }
  }

  /** Nothing more will be applied: tell everyone. */
  close(cause: Error = new StoppedError('this peer has stopped')): void {
    if (this.#closed !== null) {
      return
    }
    this.#closed = cause
    const waiters = this.#heap
    this.#heap = []
    this.#goneCount = 0
    for (const waiter of waiters) {
      if (!waiter.gone) {
        waiter.gone = true
        waiter.fail(cause)
      }
    }
  }

  #forget(waiter: Waiter): void {
    if (waiter.gone) {
      return
    }
    waiter.gone = true
    this.#goneCount += 1
    if (this.#goneCount > 64 && this.#goneCount * 2 > this.#heap.length) {
      this.#heap = this.#heap.filter((each) => !each.gone).sort((a, b) => (before(a, b) ? -1 : 1))
      this.#goneCount = 0
    }
  }

  #push(waiter: Waiter): void {
    const heap = this.#heap
    let at = heap.length
    heap.push(waiter)
    while (at > 0) {
      const parentAt = (at - 1) >> 1
      const parent = heap[parentAt]
      if (parent === undefined || !before(waiter, parent)) {
        break
      }
      heap[at] = parent
      at = parentAt
    }
    heap[at] = waiter
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) {
      return
    }
    let at = 0
    for (;;) {
      let childAt = 2 * at + 1
      let child = heap[childAt]
      const right = heap[childAt + 1]
      if (child !== undefined && right !== undefined && before(right, child)) {
        childAt += 1
        child = right
      }
      if (child === undefined || !before(child, last)) {
        break
      }
      heap[at] = child
      at = childAt
    }
    heap[at] = last
  }
}

function before(a: Waiter, b: Waiter): boolean {
  return a.index < b.index || (a.index === b.index && a.order < b.order)
}
