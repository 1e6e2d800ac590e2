/** A linearizable read sees whatever anybody had committed before it began (thesis §6.4), and is answered once. */
import type { Index, NodeId } from '@pinset/raft'

import { Violation } from './violation.ts'

const rule = 'fresh reads'

export class FreshReads {
  readonly #floors = new Map<number, Index>()

  began(context: number, frontier: Index): void {
    this.#floors.set(context, frontier)
  }

  served(node: NodeId, context: number, index: Index): void {
    const floor = this.#take(node, context)
    if (index < floor) {
      throw new Violation(rule, `${node} serves read ${context} at ${index}; ${floor} was committed before it began`)
    }
  }

  dropped(node: NodeId, context: number): void {
    this.#take(node, context)
  }

  #take(node: NodeId, context: number): Index {
    const floor = this.#floors.get(context)
    if (floor === undefined) {
      throw new Violation(rule, `${node} answers read ${context}, which is not waiting`)
    }
    this.#floors.delete(context)
    return floor
  }
}
