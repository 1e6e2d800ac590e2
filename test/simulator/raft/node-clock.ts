/**
 * Owns the ticks of one node: at its own pace, which the seed chooses, until the cluster is healed; jumps forwards and backwards.
 *
 * K1 Only the newest chain of ticks goes on. K2 Of the ticks that a process misses while it cannot run, one comes, as the
 * real driver does it; all of them only where the seed says so.
 */
import type { SimulatedNode } from './node.ts'
import { tickInterval } from './swarm.ts'
import type { World } from './world.ts'

export class NodeClock {
  readonly #world: World
  readonly #node: SimulatedNode
  #chain = 0
  /** Ticks that are due and have not been taken in. */
  #due = 0
  /** It has jumped back, and shows again what it has shown. */
  #standsStillUntil = 0

  constructor(world: World, node: SimulatedNode) {
    this.#world = world
    this.#node = node
  }

  /** Tick from now on. */
  begin(): void {
    const chain = ++this.#chain
    this.#due = 0
    this.#standsStillUntil = 0
    this.#world.schedule(this.#node.random.int(tickInterval), () => this.#schedule(chain))
  }

  /** So many ticks at once. */
  jump(ticks: number): void {
    for (let i = 0; i < ticks; i++) {
      this.#tick()
    }
  }

  /** No tick for so long. */
  standStill(duration: number): void {
    this.#standsStillUntil = this.#world.now + duration
  }

  #schedule(chain: number): void {
    const world = this.#world
    const node = this.#node
    const interval = tickInterval * (world.healed ? 1 : (world.swarm.clockFactors[node.ordinal] as number))
    world.schedule(interval, () => {
      if (this.#chain !== chain || !node.running) {
        return
      }
      if ((world.swarm.faults.tickFlood || this.#due === 0) && world.now >= this.#standsStillUntil) {
        this.#tick()
      }
      this.#schedule(chain)
    })
  }

  #tick(): void {
    const node = this.#node
    const chain = this.#chain
    this.#due++
    node.when(
      node.run,
      () => {
        if (this.#chain === chain) {
          this.#due--
        }
        node.input({ kind: 'tick' })
      },
      'clock',
    )
  }
}
