/**
 * Serials of the requests that this process makes: with the peer id and the storage id they name a request for good.
 *
 * S1 No serial is used twice by one storage, not even over restarts with a clock that jumps back: a process starts above its wall
 *    clock (4 096 serials per millisecond), above everything that its applied state remembers by 2^32, and at a random place in a
 *    window of 2^32, so that two starts from the same remembered state do not meet.
 * S2 `lowWater` is the highest serial below which everything was answered; the replicated state forgets up to there.
 */
import { invariant } from '@pinset/raft'

import { LOG_LIMITS } from '../codec/limits.ts'

/** 2020-01-01, so that 2^53 serials last until 2089. */
const EPOCH_MS = 1_577_836_800_000
const SERIALS_PER_MS = 4096
const MARGIN = 2 ** 32

export interface RequestIdsInit {
  readonly wallMs: number
  /** The highest serial of this storage in the applied state; 0 when there is none. */
  readonly highestKnownSerial: number
  readonly random: () => number
}

export class RequestIds {
  /** In the order of their making, which is ascending. */
  readonly #open = new Set<number>()
  #next: number

  constructor(init: RequestIdsInit) {
    const byClock = Math.max(0, Math.floor(init.wallMs) - EPOCH_MS) * SERIALS_PER_MS
    this.#next = Math.max(byClock, init.highestKnownSerial + MARGIN) + Math.floor(init.random() * MARGIN) + 1 // S1
    invariant(Number.isSafeInteger(this.#next + MARGIN), () => `S1 serials are safe integers: ${this.#next}`)
  }

  get openCount(): number {
    return this.#open.size
  }

  /** Every serial up to this one was answered, or never used. */
  get lowWater(): number {
    const oldest = this.#open.values().next()
    return (oldest.done === true ? this.#next : oldest.value) - 1 // S2
  }

  /** The replicated state remembers no more answers above the mark than this: no more serials until the oldest call ends. */
  get windowFull(): boolean {
    return this.#next - this.lowWater > LOG_LIMITS.maxOpenRequests
  }

  next(): number {
    const serial = this.#next
    this.#next += 1
    this.#open.add(serial)
    return serial
  }

  /** The applied state was read and remembers this serial of the own storage; before the first `next`. S1 */
  startAbove(highestKnownSerial: number): void {
    invariant(this.#open.size === 0, 'S1 what the state remembers is known before the first serial')
    this.#next = Math.max(this.#next, highestKnownSerial + MARGIN)
  }

  /** The replicated state has forgotten serials that this process has not used yet: leave them far behind. */
  jump(): void {
    this.#next += MARGIN
  }

  /** The caller was told what became of it, or that this is unknown; it is never sent again. */
  answered(serial: number): void {
    this.#open.delete(serial)
  }
}
