/**
 * The newest entries of the log in memory.
 *
 * C1 Contiguous: [start, end); empty when start = end.
 * C2 Slices are new arrays: what left is never touched again (P45).
 */
import { invariant } from './invariant.ts'
import { entryBytes } from './settings.ts'
import type { Entry, Index } from './types.ts'

/** Slots given up at the front before the array is moved. */
const MOVE_SLOTS = 1024

export class EntryCache {
  #slots: (Entry | undefined)[] = []
  #head = 0
  #start: Index
  #bytes = 0

  constructor(start: Index) {
    this.#start = start
  }

  get start(): Index {
    return this.#start
  }

  get end(): Index {
    return this.#start + this.#slots.length - this.#head
  }

  get bytes(): number {
    return this.#bytes
  }

  get(index: Index): Entry {
    invariant(index >= this.#start && index < this.end, () => `C entry ${index} is cached`)
    return this.#slots[this.#head + index - this.#start] as Entry
  }

  append(entry: Entry): void {
    invariant(entry.index === this.end, () => `C1 entry ${entry.index} follows ${this.end - 1}`)
    this.#slots.push(entry)
    this.#bytes += entryBytes(entry)
  }

  truncate(from: Index): void {
    if (from <= this.#start) {
      this.reset(from)
      return
    }
    while (this.end > from) this.#bytes -= entryBytes(this.#slots.pop() as Entry)
  }

  /** Give up the oldest up to `limit` while there are more than `maxBytes`. */
  evict(limit: Index, maxBytes: number): void {
    while (this.#bytes > maxBytes && this.#start <= limit && this.#start < this.end) this.#dropFirst()
  }

  /** Give up everything up to `index`. */
  dropTo(index: Index): void {
    if (index + 1 >= this.end) {
      this.reset(Math.max(this.end, index + 1))
      return
    }
    while (this.#start <= index) this.#dropFirst()
  }

  reset(start: Index): void {
    this.#slots = []
    this.#head = 0
    this.#start = start
    this.#bytes = 0
  }

  #dropFirst(): void {
    const entry = this.#slots[this.#head] as Entry
    this.#slots[this.#head] = undefined
    this.#head += 1
    this.#start += 1
    this.#bytes -= entryBytes(entry)
    if (this.#head >= MOVE_SLOTS && this.#head * 2 >= this.#slots.length) {
      this.#slots = this.#slots.slice(this.#head)
      this.#head = 0
    }
  }
}
