/** A peer as one line. */
import { short } from './names.ts'
import type { ScenarioPeer } from './scenario-peer.ts'

export function describePeer(peer: ScenarioPeer): string {
  if (peer.running === null) return `${peer.peerId} does not run`
  const { role, relation, term, leader, commitIndex, appliedIndex, head, stateDigest, ...status } = peer.status
  const members = status.members.map(({ peerId, suffrage }) => `${peerId}${suffrage === 'voter' ? '' : ':learner'}`)
  const isSuspended = peer.consensus.describe().includes('voting suspended')
  return [
    `${peer.peerId} ${relation === 'member' ? role : relation} term=${term} leader=${leader ?? '-'}`,
    `commit=${commitIndex} applied=${appliedIndex} head=${short(head)} digest=${short(stateDigest)}`,
    `membership@${status.membershipIndex}${status.pending ? ' pending' : ''}=(${members.join(' ')})`,
    ...(isSuspended ? ['does not vote'] : []),
    ...(status.haltedReason === null ? [] : [`halted: ${status.haltedReason}`]),
  ].join(' ')
}

/** Of its log, applied or not. */
export function lastIndexOf(peer: ScenarioPeer): number {
  return Number(/^log .* last=\d+\/(\d+)/m.exec(peer.consensus.describe())?.[1])
}
