/**
 * What never goes back: a node's term, commit and applied index while it runs; its durable term, the vote in it and its
 * durable state over restarts too; its commit and applied index not below what was durable at its start.
 *
 * Damage may take a term and the vote in it. A lost vote binds the node no more, and is yet no other's: it is given again to another candidate
 * only when the first does not lead in that term, neither before nor after.
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
  readonly #leaders = new Map<Term, NodeId>()
  /** Votes that damage has taken, by node and term, until they are given again. */
  readonly #lost = new Set<string>()
  /** Candidates, each with the term in which a vote for it was lost and given to another. */
  readonly #deprived = new Set<string>()

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

  /** Damage has taken its newest term, or the vote in it; what it has applied is left, and its votes stay on record. */
  damaged(node: NodeId, left: HardState): void {
    const seen = this.#seen.get(node) as Seen
    for (let { term } = left; term <= seen.durable.term; term++) {
      this.#lost.add(`${node} ${term}`)
    }
    seen.durable = left
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
      if (!this.#lost.has(key) || this.#leaders.get(term) === known) {
        throw new Violation(rule, `${node} votes for ${known} and for ${candidate} in term ${term}`)
      }
      this.#deprived.add(`${known} ${term}`)
    }
    this.#votes.set(key, candidate)
    this.#lost.delete(key)
  }

  leads(node: NodeId, term: Term): void {
    if (this.#deprived.has(`${node} ${term}`)) {
      throw new Violation(
        rule,
        `${node} leads term ${term}, and a vote that it had in it was lost and given to another`,
      )
    }
    this.#leaders.set(term, node)
  }
}
