/**
 * Ticks from a monotonic clock.
 *
 * TI1 After a stall at most one tick is delivered: a long pause must not start an election by itself.
 */
import type { Clock } from '../ports.ts'

export class Ticker {
  readonly #clock: Clock
  readonly #tickMs: number
  readonly #onTick: () => void
  #dueMs = 0
  #cancel: (() => void) | null = null
  #stallCount = 0

  constructor(clock: Clock, tickMs: number, onTick: () => void) {
    this.#clock = clock
    this.#tickMs = tickMs
    this.#onTick = onTick
  }

  /** How often a tick came more than one tick late. */
  get stallCount(): number {
    return this.#stallCount
  }

  start(): void {
    if (this.#cancel === null) {
      this.#dueMs = this.#clock.nowMs() + this.#tickMs
      this.#arm()
    }
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = null
  }

  #arm(): void {
    this.#cancel = this.#clock.setTimer(Math.max(0, this.#dueMs - this.#clock.nowMs()), () => this.#fire())
  }

  #fire(): void {
    const now = this.#clock.nowMs()
    if (now < this.#dueMs) {
      this.#arm() // A timer may fire a fraction early.
      return
    }
    if (now - this.#dueMs > this.#tickMs) {
      this.#stallCount += 1
      this.#dueMs = now + this.#tickMs // TI1 the missed ones are gone
    } else {
      this.#dueMs += this.#tickMs
    }
    this.#arm()
    this.#onTick()
  }
}
