/**
 * Owns what the checks keep of one node from input to input: whom it has heard, what its driver has been told, which proposals are unanswered.
 *
 * W1 Nothing of an earlier run is kept in a later one. W2 It looks, and changes nothing on the node.
 */
import type { Input, Message, Ready, RequestVote, SoftState } from '@pinset/raft'

import type { Core, CoreStatus } from './core.ts'
import { type Allegiance, LeaderLoyalty } from '../invariants/leader-loyalty.ts'
import { checkFollowed, type Followed } from '../invariants/membership-of-log.ts'
import { QuorumContact } from '../invariants/quorum-contact.ts'
import { Violation } from '../invariants/violation.ts'
import { membershipOf } from './membership-data.ts'
import type { SimulatedNode } from './node.ts'
import { placeTransition } from '../transitions.ts'
import type { World } from './world.ts'

export class Witness {
  readonly #world: World
  readonly #node: SimulatedNode
  #contact: QuorumContact
  #loyalty: LeaderLoyalty
  #unanswered: number[] = []
  /** As last told. */
  #soft: SoftState = { role: 'follower', term: 0, leader: null }
  /** As last told. */
  #followed: Followed = { index: 0, membership: { voters: [], learners: [] } }

  constructor(world: World, node: SimulatedNode) {
    this.#world = world
    this.#node = node
    this.#contact = new QuorumContact(world.swarm.raft.electionTicks as number)
    this.#loyalty = new LeaderLoyalty(world.swarm.raft.electionTicks as number)
  }

  /** A run has begun (W1). */
  started(status: CoreStatus): void {
    const { electionTicks } = this.#world.swarm.raft
    const { log } = this.#node
    this.#contact = new QuorumContact(electionTicks as number)
    this.#loyalty = new LeaderLoyalty(electionTicks as number)
    this.#unanswered = []
    this.#soft = status
    const { index, data } = log.membershipAt(log.lastIndex)
    this.#followed = { index, membership: membershipOf(data) }
  }

  /** The core has taken this in. */
  stepped(input: Input, core: Core): void {
    const { id, role, term, log } = this.#node
    if (input.kind === 'propose') {
      this.#unanswered.push(input.context)
    } else if (input.kind === 'tick') {
      this.#loyalty.ticked()
      if (role === 'leader') {
        this.#contact.ticked(id, term, membershipOf(log.membershipAt(log.lastIndex).data).voters)
      }
    } else if (input.kind === 'persistFailed' && core.status().role !== 'halted') {
      throw new Violation('halted silence', `${id} goes on after a failed write`)
    }
  }

  /** The core has taken in this request. */
  asked(request: RequestVote, before: Allegiance, after: Allegiance): void {
    this.#loyalty.asked(this.#node.id, request, before, after)
  }

  /** The core has taken in this message. @param isFollowed - its sender is the leader that the node followed. */
  heard(message: Message, isFollowed: boolean): void {
    const { checker, nonsense } = this.#world
    switch (message.kind) {
      case 'appendEntries':
      case 'heartbeat':
      case 'installSnapshot':
        // What was stepped and not carried out may have changed whom it follows; what makes no sense is not listened to.
        if (isFollowed && message.term === this.#node.term && !nonsense.isForged(message)) {
          this.#loyalty.heardLeader()
        }
        break
      case 'appendEntriesResponse':
      case 'heartbeatResponse':
        this.#contact.heard(message)
        checker.confirmed.heard(message)
        break
      case 'preVote':
      case 'requestVote':
      case 'preVoteResponse':
      case 'requestVoteResponse':
      case 'timeoutNow':
    }
  }

  /** The driver has been given this. */
  given({ soft }: Ready): void {
    this.#soft = soft ?? this.#soft
  }

  /** This has been written, and the membership in it is told. */
  toldMembership({ membership: told }: Ready, status: CoreStatus): void {
    if (told !== null) {
      const { index, membership } = told
      const change = placeTransition(this.#node.id, this.#followed.membership, membership)
      this.#followed = { index, membership }
      if (change !== null) {
        this.#world.count(change)
      }
    }
    checkFollowed(this.#node, status, told, this.#followed, membershipOf)
  }

  /** Nothing is ready any more. */
  drained({ role, term, leader }: CoreStatus): void {
    const { id } = this.#node
    if (this.#soft.role !== role || this.#soft.term !== term || this.#soft.leader !== leader) {
      throw new Violation(
        'termination',
        `${id} is ${role} of term ${term}, the driver has been told ${this.#soft.role} of ${this.#soft.term}`,
      )
    }
    for (const context of this.#unanswered) {
      this.#world.checker.proposals.unanswered(id, context)
    }
    this.#unanswered = []
  }
}
