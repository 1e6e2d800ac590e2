/** Why a peer is not ready, in words that name who is missing. */
import type { ClusterStatus } from '@pinset/interface'

/** @returns null when nothing in the status speaks against it. */
export function whyNotReady(status: ClusterStatus): string | null {
  if (status.haltedReason !== null) return `this peer has stopped taking part: ${status.haltedReason}`
  if (status.relation === 'removed')
    return 'this peer was removed from the cluster; `pinset peers add` with its address on a member brings it back, `pinset init --join` with an invitation in a new directory starts afresh'
  if (status.relation === 'joining') return 'this peer waits to be admitted; add it with `pinset peers add` on a member'
  if (status.leader !== null) return null
  const voters = status.members.filter((member) => member.suffrage === 'voter')
  const missing = voters.filter((member) => !member.reachable)
  const reachable = voters.length - missing.length
  if (reachable >= status.quorum.size)
    return `no leader yet: ${reachable} of ${voters.length} voters reachable, an election is under way`
  const names = missing.map((member) => `${member.peerId} (${member.addresses[0] ?? 'no address'})`)
  return `no quorum: ${reachable} of ${voters.length} voters reachable, ${status.quorum.size} needed; missing ${names.join(', ')}`
}
