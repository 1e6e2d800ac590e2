/**
 * A node that has heard its leader within an election timeout, or leads, is not moved to another term by who asks for a vote,
 * unless leadership is handed over (thesis §4.2.3): whoever was removed, or hears nobody, cannot disturb a working leader.
 */
import type { NodeId, RequestVote, Role, Term } from '@pinset/raft'

import { Violation } from './violation.ts'

/** What is known of the node at a moment. */
export interface Allegiance {
  readonly role: Role
  readonly term: Term
  readonly leader: NodeId | null
}

export class LeaderLoyalty {
  readonly #electionTicks: number
  /** Since the leader was heard. */
  #quietTicks = Infinity

  constructor(electionTicks: number) {
    this.#electionTicks = electionTicks
  }

  ticked(): void {
    this.#quietTicks++
  }

  /** The leader that the node follows has spoken to it. */
  heardLeader(): void {
    this.#quietTicks = 0
  }

  /** The node has been asked for its vote. */
  asked(node: NodeId, request: RequestVote, before: Allegiance, after: Allegiance): void {
    if (request.kind === 'requestVote' && !request.transfer && after.term !== before.term && this.#isHeld(before)) {
      throw new Violation(
        'leader loyalty',
        `${node} leaves term ${before.term}, whose leader it has just heard, because ${request.from} asks for its vote in ${request.term}`,
      )
    }
  }

  #isHeld({ role, leader }: Allegiance): boolean {
    return role === 'leader' || (role === 'follower' && leader !== null && this.#quietTicks < this.#electionTicks)
  }
}
