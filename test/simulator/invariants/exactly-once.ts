/** A proposal takes effect once: every node that applies it does so at one and the same place, however often it was asked for. */
import type { Index, NodeId } from '@pinset/raft'

import type { Proposal } from './proposal-fate.ts'
import { Violation } from './violation.ts'

export class ExactlyOnce {
  readonly #places = new Map<Proposal, Index>()

  applied(node: NodeId, proposal: Proposal, index: Index): void {
    const known = this.#places.get(proposal)
    if (known === undefined) {
      this.#places.set(proposal, index)
    } else if (known !== index) {
      throw new Violation(
        'exactly once',
        `${node} applies proposal ${proposal} at ${index}, it was applied at ${known}`,
      )
    }
  }

  isApplied(proposal: Proposal): boolean {
    return this.#places.has(proposal)
  }
}
