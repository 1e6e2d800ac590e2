/**
 * Messages with entries on their way to one follower, limited in number and bytes.
 *
 * I1 `bytes` is the sum over the messages held; both return to 0 when all are freed (P13).
 * I2 Last indexes are strictly ascending.
 */
import { invariant } from './invariant.ts'
import type { Index } from './types.ts'

export class Inflights {
  readonly #maxMessages: number
  readonly #maxBytes: number
  // A ring: `#count` slots from `#start`; grows on demand up to the limit.
  #lastIndexes: Index[] = []
  #sizes: number[] = []
  #start = 0
  #count = 0
  #bytes = 0

  constructor(maxMessages: number, maxBytes: number) {
    this.#maxMessages = maxMessages
    this.#maxBytes = maxBytes
  }

  get count(): number {
    return this.#count
  }

  get bytes(): number {
    return this.#bytes
  }

  /** The byte limit is soft: the message that reaches it is still let out. */
  get full(): boolean {
    return this.#count >= this.#maxMessages || this.#bytes >= this.#maxBytes
  }

  /** A message whose last entry is at `lastIndex` has left. */
  add(lastIndex: Index, bytes: number): void {
    invariant(!this.full, 'I a message is sent only while there is room in flight')
    if (this.#count === this.#lastIndexes.length) this.#grow()
    const capacity = this.#lastIndexes.length
    if (this.#count > 0) {
      const newest = this.#lastIndexes[(this.#start + this.#count - 1) % capacity] as Index
      invariant(newest < lastIndex, 'I2 in-flight indexes ascend')
    }
    const slot = (this.#start + this.#count) % capacity
    this.#lastIndexes[slot] = lastIndex
    this.#sizes[slot] = bytes
    this.#count += 1
    this.#bytes += bytes
  }

  /** Everything up to `index` has arrived. */
  freeTo(index: Index): void {
    const capacity = this.#lastIndexes.length
    while (this.#count > 0 && (this.#lastIndexes[this.#start] as Index) <= index) {
      this.#bytes -= this.#sizes[this.#start] as number
      this.#start = (this.#start + 1) % capacity
      this.#count -= 1
    }
    if (this.#count === 0) this.clear()
  }

  clear(): void {
    this.#start = 0
    this.#count = 0
    this.#bytes = 0
  }

  #grow(): void {
    const capacity = Math.min(this.#maxMessages, Math.max(4, this.#lastIndexes.length * 2))
    const lastIndexes: Index[] = []
    const sizes: number[] = []
    for (let offset = 0; offset < this.#count; offset += 1) {
      const slot = (this.#start + offset) % this.#lastIndexes.length
      lastIndexes.push(this.#lastIndexes[slot] as Index)
      sizes.push(this.#sizes[slot] as number)
    }
    while (lastIndexes.length < capacity) {
      lastIndexes.push(0)
      sizes.push(0)
    }
    this.#lastIndexes = lastIndexes
    this.#sizes = sizes
    this.#start = 0
  }
}
