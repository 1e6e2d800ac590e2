/**
 * What never goes back: a node's term, commit and applied index while it runs; its durable term, the vote in it and its
 * durable state over restarts too; its commit and applied index not below what was durable at its start.
 */
import type { HardState, Index, NodeId, Term } from '@pinset/raft'

import { Violation } from './violation.ts'

const rule = 'monotonic'

interface Seen {
  term: Term
  commitIndex: Index
  appliedIndex: Index
  durable: HardState
  /** Of the state that it has started with. */
  startedAt: Index
}

export class Monotonic {
  readonly #seen = new Map<NodeId, Seen>()
  readonly #votes = new Map<string, NodeId>()

  started(node: NodeId, durable: HardState, appliedIndex: Index): void {
    const seen = this.#seen.get(node)
    if (seen !== undefined) {
      this.persisted(node, durable)
      if (appliedIndex < seen.startedAt) {
        throw new Violation(
          rule,
          `the disk of ${node} falls from a state at ${seen.startedAt} to one at ${appliedIndex}`,
        )
      }
    }
    this.#seen.set(node, {
      term: durable.term,
      commitIndex: appliedIndex,
      appliedIndex,
      durable,
      startedAt: appliedIndex,
    })
  }

  /** The disk was lost, and with it what the node was bound by; its votes stay on record. */
  wiped(node: NodeId): void {
    this.#seen.delete(node)
  }

  observed(node: NodeId, term: Term, commitIndex: Index): void {
    const seen = this.#seen.get(node) as Seen
    if (term < seen.term) {
      throw new Violation(rule, `${node} falls from term ${seen.term} to ${term}`)
    }
    if (commitIndex < seen.commitIndex) {
      throw new Violation(rule, `${node} falls from commit ${seen.commitIndex} to ${commitIndex}`)
    }
    seen.term = term
    seen.commitIndex = commitIndex
  }

  applied(node: NodeId, index: Index): void {
    const seen = this.#seen.get(node) as Seen
    if (index < seen.appliedIndex) {
      throw new Violation(rule, `${node} falls from applied ${seen.appliedIndex} to ${index}`)
    }
    seen.appliedIndex = index
  }

  persisted(node: NodeId, next: HardState): void {
    const seen = this.#seen.get(node) as Seen
    const { term, vote } = seen.durable
    if (next.term < term) {
      throw new Violation(rule, `the disk of ${node} falls from term ${term} to ${next.term}`)
    }
    if (next.term === term && vote !== null && next.vote !== vote) {
      throw new Violation(rule, `the disk of ${node} changes its vote in term ${term} from ${vote} to ${next.vote}`)
    }
    seen.durable = next
  }

  /** A vote has left the node. */
  voted(node: NodeId, term: Term, candidate: NodeId): void {
    const key = `${node} ${term}`
    const known = this.#votes.get(key)
    if (known !== undefined && known !== candidate) {
      throw new Violation(rule, `${node} votes for ${known} and for ${candidate} in term ${term}`)
    }
    this.#votes.set(key, candidate)
  }
}
