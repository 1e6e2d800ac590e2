/** A node that has lost part of its log votes again only once it holds what it had held of what is committed (P18). */
import type { Index, NodeId, Term } from '@pinset/raft'

import type { LogView } from '../simulated-log.ts'
import { Violation } from './violation.ts'

export class RecoveredLog {
  /** By node: the terms of the entries that were lost and not found again. */
  readonly #lost = new Map<NodeId, Map<Index, Term>>()

  /** @param kept - last index that is left. */
  damaged(node: NodeId, before: LogView, kept: Index): void {
    const lost = this.#lost.get(node) ?? new Map<Index, Term>()
    this.#lost.set(node, lost)
    for (let index = kept + 1; index <= before.lastIndex; index++) {
      lost.set(index, before.termAt(index) as Term)
    }
  }

  /** It has lost everything, or says itself that it holds nothing of the cluster. */
  wiped(node: NodeId): void {
    this.#lost.delete(node)
  }

  /** It counts itself as brought up to date. */
  recovered(node: NodeId, durable: LogView, frontier: Index, committedTermAt: (index: Index) => Term): void {
    for (const [index, term] of this.#lost.get(node) ?? []) {
      const isMissing = index > durable.base.index && durable.termAt(index) !== term
      if (index <= frontier && committedTermAt(index) === term && isMissing) {
        throw new Violation(
          'recovered log',
          `${node} votes again without ${term}/${index}, which is committed and which it had acknowledged before its log was damaged`,
        )
      }
    }
    this.#lost.delete(node)
  }
}
