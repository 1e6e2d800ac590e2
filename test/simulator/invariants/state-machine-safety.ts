/** State-machine safety (Raft §5.4.3): at one index, every node has the same state; entries are applied in order, each once. */
import type { Index, NodeId } from '@pinset/raft'

import { Violation } from './violation.ts'

const rule = 'state-machine safety'

export type Head = number | string

const text = (head: Head): string => (typeof head === 'number' ? head.toString(16) : head)

export class StateMachineSafety {
  readonly #heads: Head[] = [0]

  /** @param before - index of the state that the entry was applied to. */
  applied(node: NodeId, before: Index, index: Index, head: Head): void {
    if (index !== before + 1) {
      throw new Violation(rule, `${node} applies ${index} to a state at ${before}`)
    }
    this.holds(node, index, head)
  }

  /** A state at an index, however it came to be: applied, restored from a snapshot, found at start. */
  holds(node: NodeId, index: Index, head: Head): void {
    const known = this.#heads[index]
    if (known === undefined) {
      if (index !== this.#heads.length) {
        throw new Violation(rule, `${node} has a state at ${index}, nobody has applied ${this.#heads.length}`)
      }
      this.#heads.push(head)
    } else if (known !== head) {
      throw new Violation(rule, `${node} has head ${text(head)} at ${index}, others have ${text(known)}`)
    }
  }
}
