/** A proposal is answered once; dropped means certainly without effect, accepted means exactly this place in the log. */
import type { EntryId, NodeId } from '@pinset/raft'

import { Violation } from './violation.ts'

const rule = 'proposal fate'

/** Names a proposal in a run. */
export type Proposal = number | string

type Fate = { answer: 'waiting' | 'dropped' | 'accepted'; place: EntryId | null }

export class ProposalFate {
  readonly #fates = new Map<Proposal, Fate>()

  proposed(context: Proposal): void {
    this.#fates.set(context, { answer: 'waiting', place: null })
  }

  /** An entry that carries this proposal was created. */
  created(context: Proposal, place: EntryId): void {
    const fate = this.#of(context)
    if (fate.place !== null) {
      throw new Violation(
        rule,
        `proposal ${context} is at ${fate.place.term}/${fate.place.index} and at ${place.term}/${place.index}`,
      )
    }
    if (fate.answer === 'dropped') {
      throw new Violation(rule, `proposal ${context} was dropped, and is at ${place.term}/${place.index}`)
    }
    fate.place = place
  }

  /** @param gone - the place was lost again before anybody else saw it: truncated, or never to be written. */
  accepted(node: NodeId, context: Proposal, id: EntryId, gone: boolean): void {
    const fate = this.#answer(node, context, 'accepted')
    if (gone) {
      fate.place ??= id
    }
    if (fate.place === null || fate.place.term !== id.term || fate.place.index !== id.index) {
      throw new Violation(
        rule,
        `${node} accepts proposal ${context} at ${id.term}/${id.index}, it is at ${fate.place?.term}/${fate.place?.index}`,
      )
    }
  }

  dropped(node: NodeId, context: Proposal): void {
    const fate = this.#answer(node, context, 'dropped')
    if (fate.place !== null) {
      throw new Violation(rule, `${node} drops proposal ${context}, it is at ${fate.place.term}/${fate.place.index}`)
    }
  }

  /** No answer for a proposal that its node has stepped; a node that goes down answers nothing. */
  unanswered(node: NodeId, context: Proposal): void {
    if (this.#of(context).answer === 'waiting') {
      throw new Violation(rule, `${node} has not answered proposal ${context}`)
    }
  }

  #answer(node: NodeId, context: Proposal, answer: 'dropped' | 'accepted'): Fate {
    const fate = this.#of(context)
    if (fate.answer !== 'waiting') {
      throw new Violation(rule, `${node} answers proposal ${context} again: ${fate.answer}, then ${answer}`)
    }
    fate.answer = answer
    return fate
  }

  #of(context: Proposal): Fate {
    const fate = this.#fates.get(context)
    if (fate === undefined) {
      throw new Violation(rule, `proposal ${context} was never made`)
    }
    return fate
  }
}
