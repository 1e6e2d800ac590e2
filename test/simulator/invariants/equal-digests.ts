/** At one index every state has the same digest of its rows. */
import type { Index, NodeId } from '@pinset/raft'

import { Violation } from './violation.ts'

export class EqualDigests {
  readonly #known = new Map<Index, { readonly digest: string; readonly node: NodeId }>()

  holds(node: NodeId, index: Index, digest: string): void {
    const known = this.#known.get(index)
    if (known === undefined) {
      this.#known.set(index, { digest, node })
    } else if (known.digest !== digest) {
      throw new Violation(
        'equal digests',
        `${node} has digest ${digest} at ${index}, ${known.node} has ${known.digest}`,
      )
    }
  }
}
