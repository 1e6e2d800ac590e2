/**
 * A node that has lost part of its log votes again only when no committed entry rests on what it has lost (P18).
 *
 * L1 What was committed when the log was damaged, and was held by it, is there again.
 * L2 What was committed since may be missing only where the others hold it without this node. Its word that it holds such an entry may
 *    never have arrived, so that the leader that brought it up to date could not know of the entry's commit, nor counts this node for it.
 */
import type { Index, NodeId, Term } from '@pinset/raft'

import type { LogView } from '../simulated-log.ts'
import { Violation } from './violation.ts'

export interface RecoveredLogInit {
  /** Up to where everything is committed. */
  readonly frontier: () => Index
  /** Whether those that hold this committed entry suffice without anybody else. */
  readonly isHeld: (index: Index, term: Term) => boolean
}

interface Lost {
  readonly term: Term
  readonly wasCommitted: boolean
}

export class RecoveredLog {
  readonly #frontier: RecoveredLogInit['frontier']
  readonly #isHeld: RecoveredLogInit['isHeld']
  /** By node: the entries that were lost and not found again. */
  readonly #lost = new Map<NodeId, Map<Index, Lost>>()

  constructor({ frontier, isHeld }: RecoveredLogInit) {
    this.#frontier = frontier
    this.#isHeld = isHeld
  }

  /** @param kept - last index that is left. */
  damaged(node: NodeId, before: LogView, kept: Index): void {
    const lost = this.#lost.get(node) ?? new Map<Index, Lost>()
    this.#lost.set(node, lost)
    const frontier = this.#frontier()
    for (let index = kept + 1; index <= before.lastIndex; index++) {
      lost.set(index, { term: before.termAt(index) as Term, wasCommitted: index <= frontier })
    }
  }

  /** It has lost everything, or says itself that it holds nothing of the cluster. */
  wiped(node: NodeId): void {
    this.#lost.delete(node)
  }

  /** It counts itself as brought up to date; what it holds is seen as that of a voter. */
  recovered(node: NodeId, durable: LogView, frontier: Index, committedTermAt: (index: Index) => Term): void {
    for (const [index, { term, wasCommitted }] of this.#lost.get(node) ?? []) {
      const isMissing = index > durable.base.index && durable.termAt(index) !== term
      if (index > frontier || committedTermAt(index) !== term || !isMissing) {
        continue
      }
      if (wasCommitted || !this.#isHeld(index, term)) {
        throw new Violation(
          'recovered log',
          `${node} votes again without ${term}/${index}, which ${wasCommitted ? 'was committed' : 'is committed on its word'} and which it had acknowledged before its log was damaged`,
        )
      }
    }
    this.#lost.delete(node)
  }
}
