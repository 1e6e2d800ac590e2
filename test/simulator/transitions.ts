/** Names what becomes of nodes, for the counters: every change of role with its cause, every change of a node's place in the membership. */
import type { Input, RaftMembership, Role, Term } from '@pinset/raft'

export interface Standing {
  readonly role: Role
  readonly term: Term
}

/** What a change of role may come from. */
export interface Circumstances {
  /** The last input before the change; null when there were several, any of which may have brought it. */
  readonly input: Input['kind'] | null
  readonly isTransferring: boolean
  /** By the newest membership of its log. */
  readonly isVoter: boolean
}

/** @returns the name of this change of role. */
export function roleTransition(
  before: Standing,
  after: Standing,
  { input, isTransferring, isVoter }: Circumstances,
): string {
  const name = `role: ${before.role} → ${after.role}`
  if (before.role !== 'leader' || after.role !== 'follower') {
    return name
  }
  if (after.term > before.term) {
    return `${name}, ${isTransferring ? 'by transfer' : 'by a higher term'}`
  }
  return `${name}, ${isVoter ? (input === 'tick' ? 'by check-quorum' : 'otherwise') : 'by removal'}`
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

/** Every change of role and of place that must happen in one seed of a hundred at least, in either world. */
export const requiredTransitions: readonly string[] = [
  'role: candidate → follower',
  'role: candidate → halted',
  'role: candidate → leader',
  'role: candidate → pre-candidate',
  'role: follower → candidate',
  'role: follower → halted',
  'role: follower → pre-candidate',
  'role: leader → follower, by a higher term',
  'role: leader → follower, by check-quorum',
  'role: leader → follower, by removal',
  'role: leader → follower, by transfer',
  'role: leader → halted',
  'role: pre-candidate → candidate',
  'role: pre-candidate → follower',
  'place: learner → none',
  'place: learner → voter',
  'place: none → learner',
  'place: none → voter',
  'place: voter → learner',
  'place: voter → none',
]
