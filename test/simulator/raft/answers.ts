/** Notes what the core has answered to proposals, reads and transfers, and checks each answer. */
import type { NodeId, Ready } from '@pinset/raft'

import { Violation } from '../invariants/violation.ts'
import type { SimulatedNode } from './node.ts'
import type { World } from './world.ts'

/** @param inForce - voters, of which one set was in force when these answers were given; none when that is not known. */
export function noteAnswers(
  world: World,
  node: SimulatedNode,
  ready: Ready,
  inForce: readonly (readonly NodeId[])[],
): void {
  const { checker, coverage } = world
  for (const { context, id } of ready.accepted) {
    const expectedIndex = world.expectedIndexOf(context)
    if (expectedIndex !== undefined) {
      coverage.count('membership accepted')
      const replaced = node.log.membershipAt(id.index - 1).index
      if (node.log.termAt(id.index) === id.term && replaced !== expectedIndex) {
        throw new Violation(
          'single membership',
          `${node.id} accepts a membership over ${replaced}, it was meant to replace ${expectedIndex}`,
        )
      }
    } else {
      coverage.count('accepted')
      checker.proposals.accepted(node.id, context, id, node.log.termAt(id.index) !== id.term)
    }
  }
  for (const { context, reason } of ready.dropped) {
    coverage.count(`dropped ${reason}`)
    if (node.waitingReads.delete(context)) {
      checker.reads.dropped(node.id, context)
      checker.confirmed.dropped(context)
    } else if (!node.waitingTransfers.delete(context) && !world.isMembershipProposal(context)) {
      checker.proposals.dropped(node.id, context)
    }
  }
  for (const { context, index } of ready.reads) {
    coverage.count('read served')
    node.waitingReads.delete(context)
    checker.reads.served(node.id, context, index)
    checker.confirmed.served(node.id, context, ...inForce)
    world.readServed(context, index)
  }
  for (const { context, leader } of ready.transferred) {
    coverage.count(leader === null || leader === node.id ? 'transfer in vain' : 'transferred')
    if (!node.waitingTransfers.delete(context)) {
      throw new Violation('proposal fate', `${node.id} answers transfer ${context}, which is not waiting`)
    }
  }
}
