/** Time that stands still until it is told to move. */
import type { Clock } from '../../src/ports.ts'

export class VirtualClock implements Clock {
  #nowMs = 0
  #order = 0
  readonly #timers = new Map<number, { readonly dueMs: number; readonly callback: () => void }>()

  nowMs(): number {
    return this.#nowMs
  }

  wallMs(): number {
    return 1_800_000_000_000 + this.#nowMs
  }

  setTimer(delayMs: number, callback: () => void): () => void {
    const id = this.#order++
    this.#timers.set(id, { dueMs: this.#nowMs + Math.max(0, delayMs), callback })
    return () => {
      this.#timers.delete(id)
    }
  }

  get timerCount(): number {
    return this.#timers.size
  }

  /** Let `ms` pass; timers fire in order of their time, each at its time. */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms
    for (;;) {
      const next = [...this.#timers]
        .filter(([, timer]) => timer.dueMs <= endMs)
        .sort((a, b) => a[1].dueMs - b[1].dueMs || a[0] - b[0])[0]
      if (next === undefined) {
        break
      }
      this.#timers.delete(next[0])
      this.#nowMs = Math.max(this.#nowMs, next[1].dueMs)
      next[1].callback()
    }
    this.#nowMs = endMs
  }

  /** The process was paused: time passes, nothing fires. */
  stall(ms: number): void {
    this.#nowMs += ms
  }
}
