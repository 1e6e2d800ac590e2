/** A leader that has not heard from a quorum of its voters for long has stepped down (check-quorum; thesis §6.2). */
import type { Message, NodeId, Term } from '@pinset/raft'

import { Violation } from './violation.ts'

/** In election timeouts, of silence beyond the first. A new voter is owed one for its first answer. */
const patience = 4

export class QuorumContact {
  readonly #electionTicks: number
  readonly #heard = new Map<NodeId, number>()
  #ticks = 0
  #silentTicks = 0
  #term: Term = 0

  constructor(electionTicks: number) {
    this.#electionTicks = electionTicks
  }

  heard(message: Message): void {
    if (message.kind === 'appendEntriesResponse' || message.kind === 'heartbeatResponse') {
      this.#heard.set(message.from, this.#ticks)
    }
  }

  /** A tick has passed on a leader of this term with these voters. */
  ticked(node: NodeId, term: Term, voters: readonly NodeId[]): void {
    this.#ticks++
    if (this.#term !== term) {
      this.#term = term
      this.#silentTicks = 0
    }
    const active = voters.filter(
      (voter) => voter === node || this.#ticks - (this.#heard.get(voter) ?? -Infinity) <= this.#electionTicks,
    )
    this.#silentTicks = active.length * 2 > voters.length ? 0 : this.#silentTicks + 1
    if (this.#silentTicks > patience * this.#electionTicks) {
      throw new Violation(
        'quorum contact',
        `${node} still leads term ${term} after ${this.#silentTicks} ticks with no more than [${active.join(' ')}] of [${voters.join(' ')}]`,
      )
    }
  }
}
