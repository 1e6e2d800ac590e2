/**
 * Owns when a process gets to do what has come for it: at once, late when it is slow, not before it goes on when it is paused.
 *
 * A1 What has come for one run of the process is never done in another. A2 Each source keeps its order.
 */
import { interleaved, type Waiting } from '../backlog.ts'
import type { SimulatedNode } from './node.ts'
import type { World } from './world.ts'

const nothing = (): void => undefined
/** A slow process falls behind by this much at most. */
const longestLag = 2_000_000

export class Attention {
  readonly #world: World
  readonly #node: SimulatedNode
  #paused = false
  #backlog: Waiting[] = []
  /** Until then everything takes time, `slowMean` on average. */
  #slowUntil = 0
  #slowMean = 0
  /** When a slow process is done with what has come so far. */
  #busyUntil = 0

  constructor(world: World, node: SimulatedNode) {
    this.#world = world
    this.#node = node
  }

  get paused(): boolean {
    return this.#paused
  }

  /** When it has done all that has come so far, in virtual time. */
  get busyUntil(): number {
    return this.#busyUntil
  }

  pause(): void {
    this.#paused = this.#node.running
  }

  resume(): void {
    if (this.#paused) {
      this.#paused = false
      const backlog = interleaved(this.#backlog, this.#node.random)
      this.#backlog = []
      for (const { run } of backlog) {
        run()
      }
    }
  }

  /** Everything takes this much longer, on average, for so long. */
  slowDown(mean: number, duration: number): void {
    this.#slowMean = mean
    this.#slowUntil = this.#world.now + duration
  }

  /** Do this if that run of the process still lives, now or later; `gone` if it does not, or dies before. */
  when(run: number, action: () => void, source = 'own', gone: () => void = nothing): void {
    const { now } = this.#world
    if (!this.#node.running || (now >= this.#slowUntil && now >= this.#busyUntil)) {
      this.#act(run, action, source, gone)
      return
    }
    const cost = now < this.#slowUntil ? this.#node.random.exponential(this.#slowMean) : 0
    this.#busyUntil = Math.min(Math.max(this.#busyUntil, now) + cost, Math.max(this.#busyUntil, now + longestLag))
    this.#world.schedule(this.#busyUntil - now, () => this.#act(run, action, source, gone))
  }

  /** The process has died. */
  died(): void {
    const backlog = this.#backlog
    this.#paused = false
    this.#backlog = []
    this.#slowUntil = 0
    this.#busyUntil = 0
    for (const { gone } of backlog) {
      gone()
    }
  }

  #act(run: number, action: () => void, source: string, gone: () => void): void {
    const node = this.#node
    if (!node.running || node.run !== run) {
      gone()
    } else if (this.#paused) {
      this.#backlog.push({ source, run: () => this.#act(run, action, source, gone), gone })
    } else {
      action()
    }
  }
}
