/** Counts what becomes of nodes: every change of role with its cause, every change of a node's place in the membership. */
import type { Input, RaftMembership, Role } from '@pinset/raft'

import { membershipOf } from './membership-data.ts'
import type { SimulatedNode } from './node.ts'

export interface Standing {
  readonly role: Role
  readonly term: number
}

/** @returns the name of this change of role. */
export function roleTransition(node: SimulatedNode, before: Standing, input: Input['kind']): string {
  const name = `role: ${before.role} → ${node.role}`
  if (before.role !== 'leader' || node.role !== 'follower') {
    return name
  }
  if (node.term > before.term) {
    return `${name}, ${node.waitingTransfers.size > 0 ? 'by transfer' : 'by a higher term'}`
  }
  const { voters } = membershipOf(node.log.membershipAt(node.log.lastIndex).data)
  return `${name}, ${voters.includes(node.id) ? (input === 'tick' ? 'by check-quorum' : 'otherwise') : 'by removal'}`
}

type Place = 'none' | 'learner' | 'voter'

/** @returns the name of the change, null when this node's place is as before. */
export function placeTransition(id: string, before: RaftMembership, after: RaftMembership): string | null {
  const [was, is] = [placeIn(before, id), placeIn(after, id)]
  return was === is ? null : `place: ${was} → ${is}`
}

function placeIn({ voters, learners }: RaftMembership, id: string): Place {
  return voters.includes(id) ? 'voter' : learners.includes(id) ? 'learner' : 'none'
}
