/** Why a peer is not ready, in words that name who is missing. */
import type { ClusterStatus } from '@pinset/interface'

const MUTE = 'its disk had failed or was damaged, so that it may have lost what it had promised'

const ONLY_VOTER_IS_MUTE =
  `no leader, and none to come: this peer is the only voter and does not vote, for ${MUTE}, and no other peer can bring it up to date. ` +
  'What it has applied can still be listed; make a new cluster in another directory and pin it there'

/** @returns null when nothing in the status speaks against it. */
export function whyNotReady(status: ClusterStatus): string | null {
  if (status.haltedReason !== null) return `this peer has stopped taking part: ${status.haltedReason}`
  if (status.relation === 'removed')
    return 'this peer was removed from the cluster; `pinset peers add` with its address on a member brings it back, `pinset init --join` with an invitation in a new directory starts afresh'
  if (status.relation === 'joining') return 'this peer waits to be admitted; add it with `pinset peers add` on a member'
  if (status.leader !== null) return null
  return whyNoLeader(status)
}

function whyNoLeader({ peerId, members, quorum, votingSuspended }: ClusterStatus): string {
  const voters = members.filter((member) => member.suffrage === 'voter')
  const missing = voters.filter((member) => !member.reachable)
  const reachable = voters.length - missing.length
  const isMute = votingSuspended && voters.some((member) => member.peerId === peerId)
  if (isMute && voters.length === 1) return ONLY_VOTER_IS_MUTE
  const own = isMute ? `; this peer does not vote until a leader has brought it up to date: ${MUTE}` : ''
  const found = `${reachable} of ${voters.length} voters reachable`
  if (reachable - (isMute ? 1 : 0) >= quorum.size) return `no leader yet: ${found}, an election is under way${own}`
  const names = missing.map((member) => `${member.peerId} (${member.addresses[0] ?? 'no address'})`)
  return `no quorum: ${found}, ${quorum.size} needed${names.length === 0 ? '' : `; missing ${names.join(', ')}`}${own}`
}
