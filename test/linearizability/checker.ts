/**
 * Owns the search for an order of one CID's operations that explains every answer (Wing and Gong's, with Lowe's memory of dead ends).
 *
 * - LI1 An operation takes its place in the order between its call and its return; one that returned before another was invoked
 *   comes first. An unknown operation takes a place after its call, or none.
 * - LI2 A set of operations in order, together with the state after it, is entered once: whatever else leads there ends the same.
 *   Equal means bit by bit, never by hash alone. Nor is it entered with more unknown operations than before: those that are not
 *   used up yet need not be used.
 * - LI3 The effort is bounded by a number of steps, never by time; beyond it the verdict is `exceeded`, which is not a pass.
 * - LI4 A history that is too large to be searched is not searched, and is not a pass either.
 * - LI5 Answers that tell their revision are in its order: what would leave an earlier one behind is not tried.
 */
import { isAnswered, partitionByKey, type Answered, type Operation } from './history.ts'
import { hashState, NOTHING_PINNED, placeOf, sameState, step, type PinState } from './model.ts'

export interface SearchLimits {
  /** Operations of one CID. @default 2000 */
  readonly maxOperations?: number
  /** Of these, with an unknown outcome; 30 at most. @default 12 */
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
  const answered = operations.filter(isAnswered)
  const unknown = operations.filter(({ fate }) => fate.kind === 'unknown')
  if (operations.length > maxOperations || unknown.length > Math.min(maxUnknown, 30)) {
    return { kind: 'too-large', operations: operations.length, unknown: unknown.length } // LI4
  }
  return new Search(answered, unknown, maxSteps).run()
}

/** A place in the order, and what was before it. */
type Placed = { readonly before: PinState } & (
  | { readonly kind: 'answered'; readonly operation: number }
  | { readonly kind: 'unknown'; readonly operation: number }
)

class Search {
  readonly #answered: readonly Answered[]
  readonly #unknown: readonly Operation[]
  readonly #maxSteps: number
  readonly #events: EventList
  readonly #done: OperationSet
  readonly #places: Places
  /** Unknown operations in the order, as bits. */
  #used = 0
  readonly #seen = new Map<number, { readonly done: Uint32Array; readonly state: PinState; used: number[] }[]>()
  readonly #order: Placed[] = []
  #state = NOTHING_PINNED
  #longest: Progress = { order: [], state: NOTHING_PINNED }
  #mostDone = 0
  #steps = 0

  constructor(answered: readonly Answered[], unknown: readonly Operation[], maxSteps: number) {
    this.#answered = answered
    this.#unknown = unknown
    this.#maxSteps = maxSteps
    this.#events = new EventList(answered)
    this.#done = new OperationSet(answered.length)
    this.#places = new Places(answered)
  }

  run(): Verdict {
    let event = this.#events.after(HEAD)
    let nextUnknown = 0
    while (this.#done.count < this.#answered.length) {
      if (this.#steps >= this.#maxSteps) {
        return { kind: 'exceeded', steps: this.#steps } // LI3
      }
      const operation = calledBy(event)
      if (operation !== null) {
        event = this.#tryAnswered(operation) ? this.#events.after(HEAD) : this.#events.after(event)
        continue
      }
      // LI1: before this return something must take a place; unknown operations only if no answered one can.
      if (this.#tryUnknown(nextUnknown, this.#answered[returnedBy(event)]?.fate.returnedAt ?? 0)) {
        event = this.#events.after(HEAD)
        nextUnknown = 0
        continue
      }
      const undone = this.#undo()
      if (undone === null) {
        return { kind: 'not-linearizable', steps: this.#steps, ...this.#longest }
      }
      event = undone.kind === 'answered' ? this.#events.after(callOf(undone.operation)) : this.#events.firstReturn()
      nextUnknown = undone.kind === 'answered' ? 0 : undone.operation + 1
    }
    return { kind: 'linearizable', steps: this.#steps, ...this.#progress() }
  }

  #tryAnswered(operation: number): boolean {
    this.#steps += 1
    if (!this.#places.allows(operation)) {
      return false // LI5
    }
    const { call, fate } = this.#answered[operation] as Answered
    const state = step(this.#state, call, fate.answer)
    if (state === null) {
      return false
    }
    this.#done.toggle(operation)
    if (!this.#isNew(state, this.#used)) {
      this.#done.toggle(operation)
      return false
    }
    this.#order.push({ kind: 'answered', operation, before: this.#state })
    this.#state = state
    this.#events.lift(operation)
    this.#places.take(operation)
    return true
  }

  /** The first one from `first` on that was invoked by this moment and changes something. */
  #tryUnknown(first: number, moment: number): boolean {
    for (let operation = first; operation < this.#unknown.length; operation++) {
      const { call, invokedAt } = this.#unknown[operation] as Operation
      const bit = 1 << operation
      if (invokedAt > moment || (this.#used & bit) !== 0) {
        continue
      }
      this.#steps += 1
      const state = step(this.#state, call, null)
      if (state !== null && this.#isNew(state, this.#used | bit)) {
        this.#order.push({ kind: 'unknown', operation, before: this.#state })
        this.#state = state
        this.#used |= bit
        return true
      }
    }
    return false
  }

  #undo(): Placed | null {
    if (this.#done.count >= this.#mostDone) {
      this.#mostDone = this.#done.count + 1
      this.#longest = this.#progress()
    }
    const last = this.#order.pop()
    if (last === undefined) {
      return null
    }
    this.#state = last.before
    if (last.kind === 'unknown') {
      this.#used &= ~(1 << last.operation)
    } else {
      this.#done.toggle(last.operation)
      this.#events.unlift(last.operation)
      this.#places.giveBack(last.operation)
    }
    return last
  }

  /** LI2 */
  #isNew(state: PinState, used: number): boolean {
    const hash = this.#done.hash ^ hashState(state)
    const bucket = this.#seen.get(hash)
    const found = bucket?.find((one) => sameState(one.state, state) && this.#done.equals(one.done))
    if (found !== undefined) {
      if (found.used.some((fewer) => (fewer & ~used) === 0)) {
        return false
      }
      found.used = [...found.used.filter((more) => (used & ~more) !== 0), used]
      return true
    }
    const entry = { done: this.#done.copy(), state, used: [used] }
    if (bucket === undefined) {
      this.#seen.set(hash, [entry])
    } else {
      bucket.push(entry)
    }
    return true
  }

  #progress(): Progress {
    const order = this.#order.map(
      ({ kind, operation }) => (kind === 'answered' ? this.#answered : this.#unknown)[operation] as Operation,
    )
    return { order, state: this.#state }
  }
}

const HEAD = 0

function callOf(operation: number): number {
  return 2 * operation + 1
}

function returnOf(operation: number): number {
  return 2 * operation + 2
}

/** Null for a return. */
function calledBy(event: number): number | null {
  return event % 2 === 1 ? (event - 1) / 2 : null
}

function returnedBy(event: number): number {
  return (event - 2) / 2
}

/** Calls and returns of operations without a place, in the order of time, as a doubly linked list. */
class EventList {
  readonly #next: Int32Array
  readonly #previous: Int32Array

  constructor(operations: readonly Answered[]) {
    this.#next = new Int32Array(2 * operations.length + 1)
    this.#previous = new Int32Array(2 * operations.length + 1)
    const events = operations.flatMap(({ invokedAt, fate }, n) => [
      { at: invokedAt, event: callOf(n) },
      { at: fate.returnedAt, event: returnOf(n) },
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

  firstReturn(): number {
    let event = this.after(HEAD)
    while (calledBy(event) !== null) {
      event = this.after(event)
    }
    return event
  }

  lift(operation: number): void {
    this.#cut(callOf(operation))
    this.#cut(returnOf(operation))
  }

  /** Undo the last `lift` that is not undone. */
  unlift(operation: number): void {
    this.#putBack(returnOf(operation))
    this.#putBack(callOf(operation))
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

/** LI5: which operation may be next by the places that the answers tell. */
class Places {
  readonly #placeOf: readonly (number | null)[]
  /** Operations that tell their place, in its order. */
  readonly #sorted: readonly number[]
  readonly #rank: Int32Array
  readonly #taken: Uint8Array
  /** Of the first in `#sorted` that is not taken. */
  #first = 0

  constructor(operations: readonly Answered[]) {
    const places = operations.map(({ fate }) => placeOf(fate.answer))
    const sorted = Array.from(operations.keys()).filter((operation) => places[operation] !== null)
    sorted.sort((one, other) => (places[one] ?? 0) - (places[other] ?? 0))
    this.#placeOf = places
    this.#sorted = sorted
    this.#rank = new Int32Array(operations.length)
    this.#taken = new Uint8Array(operations.length)
    for (const [rank, operation] of sorted.entries()) {
      this.#rank[operation] = rank
    }
  }

  allows(operation: number): boolean {
    const place = this.#placeOf[operation] ?? null
    const first = this.#sorted[this.#first]
    return place === null || first === undefined || place <= (this.#placeOf[first] ?? 0)
  }

  take(operation: number): void {
    this.#taken[operation] = 1
    for (;;) {
      const first = this.#sorted[this.#first]
      if (first === undefined || this.#taken[first] === 0) {
        return
      }
      this.#first += 1
    }
  }

  giveBack(operation: number): void {
    this.#taken[operation] = 0
    if (this.#placeOf[operation] !== null) {
      this.#first = Math.min(this.#first, this.#rank[operation] as number)
    }
  }
}

/** A set of operations, with a hash that follows each change. */
class OperationSet {
  readonly #words: Uint32Array
  #hash = 0
  #count = 0

  constructor(size: number) {
    this.#words = new Uint32Array(Math.ceil(size / 32))
  }

  get hash(): number {
    return this.#hash
  }

  get count(): number {
    return this.#count
  }

  toggle(operation: number): void {
    const word = operation >>> 5
    const bit = 1 << (operation & 31)
    const bits = (this.#words[word] as number) ^ bit
    this.#words[word] = bits
    this.#count += (bits & bit) === 0 ? -1 : 1
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
