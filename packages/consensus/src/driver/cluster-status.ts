/** The state of consensus as this peer sees it, put together from memory. */
import type { ClusterStatus, ConsensusRole, Dialer, Member, MemberStatus, PeerId } from '@pinset/interface'
import type { RaftStatus } from '@pinset/raft'

import { toHex } from '../codec/checks.ts'
import type { StorageIdentity } from '../ports.ts'
import type { Replica } from './replica.ts'

export interface StatusSources {
  readonly peerId: PeerId
  readonly identity: () => StorageIdentity
  readonly replica: Replica
  readonly dialer: Dialer
  /** A peer that was heard within this time is reachable: two election timeouts. */
  readonly reachableMs: number
}

export function clusterStatus(sources: StatusSources): ClusterStatus {
  const { peerId, replica } = sources
  const { clusterId, epoch } = sources.identity()
  const isHalted = replica.driver.haltCause !== null
  // What the core thinks of itself does not count any more once nothing of it leaves this peer.
  const raft: RaftStatus = isHalted ? { ...replica.status(), role: 'halted', leader: null } : replica.status()
  const { meta, peerset } = replica
  const members = peerset.members.map((member) => memberStatus(sources, raft, member))
  return {
    clusterId,
    epoch,
    peerId,
    relation: peerset.relation,
    role: roleOf(sources, raft),
    leader: raft.leader as PeerId | null,
    term: raft.term,
    commitIndex: raft.commitIndex,
    appliedIndex: meta.appliedIndex,
    head: toHex(meta.head),
    stateDigest: toHex(meta.digest),
    membershipIndex: peerset.newest.index,
    pending: peerset.newest.index > raft.commitIndex,
    members,
    quorum: quorumOf(members, isHalted ? peerId : null),
    votingSuspended: raft.votingSuspended,
    haltedReason: replica.stopCause?.message ?? null,
  }
}

export function isReachable(
  { peerId, dialer, reachableMs }: Pick<StatusSources, 'peerId' | 'dialer' | 'reachableMs'>,
  peer: PeerId,
): boolean {
  if (peer === peerId) {
    return true
  }
  const sinceMs = dialer.sinceHeardMs(peer)
  return sinceMs !== null && sinceMs <= reachableMs
}

/** Why a call finds no leader, or no answer, in a sentence for people: what is missing, and where it was. */
export function describeQuorum({ relation, leader, members, quorum, votingSuspended }: ClusterStatus): string {
  if (relation === 'joining') {
    return 'this peer is not a member of a cluster yet; add it with "pinset peers add", or let it join with a token'
  }
  if (relation === 'removed') {
    return 'this peer was removed from the cluster; ask one of its members'
  }
  const voters = members.filter((member) => member.suffrage === 'voter')
  const reachable = `${quorum.reachable} of ${voters.length} voters reachable`
  const missing = voters.filter((member) => !member.reachable)
  const own = votingSuspended ? '; this peer does not vote until a leader has brought it up to date' : ''
  const named = missing.map(({ peerId, addresses }) => `${shortPeerId(peerId)}${placesOf(addresses)}`).join(', ')
  if (quorum.reachable >= quorum.size) {
    const whoLeads =
      leader === null ? `no leader: ${reachable}, but none leads yet` : `${reachable}, and ${shortPeerId(leader)} leads`
    return `${whoLeads}${named === '' ? '' : `; missing ${named}`}${own}`
  }
  return `no quorum: ${reachable}; missing ${named}${own}`
}

function memberStatus(sources: StatusSources, raft: RaftStatus, member: Member): MemberStatus {
  const { peerId, name, suffrage, wanted, addresses } = member
  return {
    peerId,
    name,
    suffrage,
    wanted,
    addresses,
    reachable: isReachable(sources, peerId),
    matchIndex: matchIndexOf(raft, peerId),
  }
}

function matchIndexOf(raft: RaftStatus, peerId: PeerId): number | null {
  if (raft.role !== 'leader') {
    return null
  }
  return peerId === raft.id ? raft.durableIndex : (raft.progress.find(({ id }) => id === peerId)?.matchIndex ?? null)
}

function roleOf({ replica }: StatusSources, raft: RaftStatus): ConsensusRole {
  return raft.role === 'follower' && replica.peerset.self?.suffrage === 'learner' ? 'learner' : raft.role
}

/** @param halted - a voter that is there and does not take part. */
function quorumOf(members: readonly MemberStatus[], halted: PeerId | null): ClusterStatus['quorum'] {
  const voters = members.filter((member) => member.suffrage === 'voter')
  const size = voters.length === 0 ? 0 : Math.floor(voters.length / 2) + 1
  const reachable = voters.filter((member) => member.reachable && member.peerId !== halted).length
  return { size, reachable, tolerates: Math.max(0, reachable - size) }
}

function shortPeerId(peerId: PeerId): string {
  return peerId.length <= 12 ? peerId : `${peerId.slice(0, 4)}…${peerId.slice(-2)}`
}

/** Addresses without the part that repeats the peer id. */
function placesOf(addresses: readonly string[]): string {
  const places = addresses.map((address) => address.replace(/\/p2p\/[^/]+$/, ''))
  return places.length === 0 ? '' : ` (${places.join(' ')})`
}
