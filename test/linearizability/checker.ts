/**
 * Owns the search for an order of one CID's operations that explains every answer (Wing and Gong's, with Lowe's memory of dead ends).
 *
 * - LI1 An operation takes its place in the order between its call and its return; one that returned before another was invoked
 *   comes first. An unknown operation takes a place after its call, or none.
 * - LI2 A set of operations in order, together with the state after it, is entered once: whatever else leads there ends the same.
 *   Equal means bit by bit, never by hash alone.
 * - LI3 The effort is bounded by a number of steps, never by time; beyond it the verdict is `exceeded`, which is not a pass.
 * - LI4 A history that is too large to be searched is not searched, and is not a pass either.
 */
import { partitionByKey, type Operation } from './history.ts'
import { hashState, NOTHING_PINNED, sameState, step, type PinState } from './model.ts'

export interface SearchLimits {
  /** Operations of one CID. @default 2000 */
  readonly maxOperations?: number
  /** Of these, with an unknown outcome. @default 12 */
  readonly maxUnknown?: number
  /** Operations tried at a place of the order. @default 1000000 */
  readonly maxSteps?: number
}

/** As far as a search has come. */
export interface Progress {
  readonly order: readonly Operation[]
  readonly state: PinState
}

export type Verdict =
  | ({ readonly kind: 'linearizable'; readonly steps: number } & Progress)
  /** With the longest order that was found, which explains only a part. */
  | ({ readonly kind: 'not-linearizable'; readonly steps: number } & Progress)
  | { readonly kind: 'exceeded'; readonly steps: number }
  | { readonly kind: 'too-large'; readonly operations: number; readonly unknown: number }

/** One verdict for each CID of the history. */
export function checkHistory(operations: readonly Operation[], limits: SearchLimits = {}): Map<string, Verdict> {
  return new Map(Array.from(partitionByKey(operations), ([key, of]) => [key, checkKey(of, limits)]))
}

/** @param operations - of one CID, as `partitionByKey` gives them. */
export function checkKey(operations: readonly Operation[], limits: SearchLimits = {}): Verdict {
  const { maxOperations = 2000, maxUnknown = 12, maxSteps = 1_000_000 } = limits
  const unknown = operations.filter(({ fate }) => fate.kind === 'unknown').length
  if (operations.length > maxOperations || unknown > maxUnknown) {
    return { kind: 'too-large', operations: operations.length, unknown } // LI4
  }
  return new Search(operations, operations.length - unknown, maxSteps).run()
}

/** Of the list of events: before the first and after the last. */
const HEAD = 0

class Search {
  readonly #operations: readonly Operation[]
  readonly #maxSteps: number
  readonly #events: EventList
  readonly #done: OperationSet
  readonly #seen = new Map<number, { readonly done: Uint32Array; readonly state: PinState }[]>()
  /** Operations in order, each with the state before it. */
  readonly #order: { readonly operation: number; readonly before: PinState }[] = []
  #state = NOTHING_PINNED
  /** Answered operations without a place. */
  #left: number
  #longest: Progress
  #fewestLeft: number
  #steps = 0

  constructor(operations: readonly Operation[], answered: number, maxSteps: number) {
    this.#operations = operations
    this.#maxSteps = maxSteps
    this.#events = new EventList(operations)
    this.#done = new OperationSet(operations.length)
    this.#left = answered
    this.#fewestLeft = answered
    this.#longest = { order: [], state: this.#state }
  }

  run(): Verdict {
    let event = this.#events.after(HEAD)
    while (this.#left > 0) {
      const operation = this.#events.called(event)
      if (operation === null) {
        const undone = this.#undo() // LI1: this return would have to come before its operation.
        if (undone === null) {
          return { kind: 'not-linearizable', steps: this.#steps, ...this.#longest }
        }
        event = this.#events.after(undone)
        continue
      }
      if (this.#steps === this.#maxSteps) {
        return { kind: 'exceeded', steps: this.#steps } // LI3
      }
      this.#steps += 1
      event = this.#try(operation) ? this.#events.after(HEAD) : this.#events.after(event)
    }
    return { kind: 'linearizable', steps: this.#steps, ...this.#progress() }
  }

  #try(operation: number): boolean {
    const { call, fate } = this.#operations[operation] as Operation
    const isAnswered = fate.kind === 'answered'
    const state = step(this.#state, call, isAnswered ? fate.answer : null)
    if (state === null) {
      return false
    }
    this.#done.toggle(operation)
    if (!this.#isNew(state)) {
      this.#done.toggle(operation)
      return false
    }
    this.#order.push({ operation, before: this.#state })
    this.#state = state
    this.#events.lift(operation)
    this.#left -= isAnswered ? 1 : 0
    return true
  }

  /** @returns the call that was taken back; null when there is none. */
  #undo(): number | null {
    if (this.#left < this.#fewestLeft) {
      this.#fewestLeft = this.#left
      this.#longest = this.#progress()
    }
    const last = this.#order.pop()
    if (last === undefined) {
      return null
    }
    this.#state = last.before
    this.#done.toggle(last.operation)
    this.#left += this.#operations[last.operation]?.fate.kind === 'answered' ? 1 : 0
    return this.#events.unlift(last.operation)
  }

  /** LI2 */
  #isNew(state: PinState): boolean {
    const hash = this.#done.hash ^ hashState(state)
    const bucket = this.#seen.get(hash)
    if (bucket?.some((one) => sameState(one.state, state) && this.#done.equals(one.done)) === true) {
      return false
    }
    const entry = { done: this.#done.copy(), state }
    if (bucket === undefined) {
      this.#seen.set(hash, [entry])
    } else {
      bucket.push(entry)
    }
    return true
  }

  #progress(): Progress {
    return { order: this.#order.map(({ operation }) => this.#operations[operation] as Operation), state: this.#state }
  }
}

/** Calls and returns in the order of time, as a doubly linked list. Event 2n+1 is the call of operation n, 2n+2 its return. */
class EventList {
  readonly #next: Int32Array
  readonly #previous: Int32Array
  readonly #hasReturn: readonly boolean[]

  constructor(operations: readonly Operation[]) {
    this.#next = new Int32Array(2 * operations.length + 1)
    this.#previous = new Int32Array(2 * operations.length + 1)
    this.#hasReturn = operations.map(({ fate }) => fate.kind === 'answered')
    const events = operations.flatMap(({ invokedAt, fate }, n) => [
      { at: invokedAt, event: 2 * n + 1 },
      ...(fate.kind === 'answered' ? [{ at: fate.returnedAt, event: 2 * n + 2 }] : []),
    ])
    // At the same moment nothing has returned yet.
    events.sort((one, other) => one.at - other.at || (other.event % 2) - (one.event % 2) || one.event - other.event)
    let last = HEAD
    for (const { event } of events) {
      this.#link(last, event)
      last = event
    }
    this.#link(last, HEAD)
  }

  after(event: number): number {
    return this.#next[event] as number
  }

  /** The operation whose call this is; null for a return. */
  called(event: number): number | null {
    return event % 2 === 1 ? (event - 1) / 2 : null
  }

  lift(operation: number): void {
    this.#cut(2 * operation + 1)
    if (this.#hasReturn[operation] === true) {
      this.#cut(2 * operation + 2)
    }
  }

  /** Undo the last `lift` that is not undone. @returns the event of the call. */
  unlift(operation: number): number {
    if (this.#hasReturn[operation] === true) {
      this.#putBack(2 * operation + 2)
    }
    this.#putBack(2 * operation + 1)
    return 2 * operation + 1
  }

  #link(one: number, other: number): void {
    this.#next[one] = other
    this.#previous[other] = one
  }

  #cut(event: number): void {
    this.#link(this.#previous[event] as number, this.#next[event] as number)
  }

  #putBack(event: number): void {
    this.#next[this.#previous[event] as number] = event
    this.#previous[this.#next[event] as number] = event
  }
}

/** A set of operations, with a hash that follows each change. */
class OperationSet {
  readonly #words: Uint32Array
  #hash = 0

  constructor(size: number) {
    this.#words = new Uint32Array(Math.ceil(size / 32))
  }

  get hash(): number {
    return this.#hash
  }

  toggle(operation: number): void {
    const word = operation >>> 5
    this.#words[word] = (this.#words[word] as number) ^ (1 << (operation & 31))
    this.#hash ^= codeOf(operation)
  }

  equals(words: Uint32Array): boolean {
    return this.#words.every((word, n) => word === words[n])
  }

  copy(): Uint32Array {
    return this.#words.slice()
  }
}

/** 32 bits without a pattern, the same in every run; the hash of a set is the exclusive or of its members'. */
function codeOf(operation: number): number {
  let z = Math.imul(operation + 1, 0x9e3779b9)
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b)
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35)
  return z ^ (z >>> 16)
}
