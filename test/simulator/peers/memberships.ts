/** Membership entries as production encodes them, read once per content: the invariants look at the same few again and again. */
import {
  clusterIdOf,
  encodeMembershipEntry,
  membershipOf as decodeMembers,
  OPERATION_VERSION,
  toRaftMembership,
} from '@pinset/consensus'
import type { Member, Membership } from '@pinset/interface'
import type { Entry, NodeId, RaftMembership } from '@pinset/raft'

const none: RaftMembership = { voters: [], learners: [] }
const known = new WeakMap<Uint8Array, RaftMembership>()
const knownMembers = new WeakMap<Uint8Array, Membership>()

/** Empty data: no membership. @throws when the bytes are not one. */
export function membershipOf(data: Uint8Array): RaftMembership {
  if (data.length === 0) {
    return none
  }
  let membership = known.get(data)
  if (membership === undefined) {
    membership = toRaftMembership(data)
    known.set(data, membership)
  }
  return membership
}

export function membersOf(data: Uint8Array): Membership {
  if (data.length === 0) {
    return { members: [] }
  }
  let members = knownMembers.get(data)
  if (members === undefined) {
    members = decodeMembers(data)
    knownMembers.set(data, members)
  }
  return members
}

export function isMember({ voters, learners }: RaftMembership, id: NodeId): boolean {
  return voters.includes(id) || learners.includes(id)
}

/** Entry 1 of term 1 of a cluster that has all these voters from the beginning. */
export function firstEntry(voters: readonly Omit<Member, 'suffrage' | 'wanted' | 'supportedVersion'>[]): {
  readonly entry: Entry
  readonly clusterId: string
} {
  const members = voters
    .map((voter): Member => ({ ...voter, suffrage: 'voter', wanted: 'voter', supportedVersion: OPERATION_VERSION }))
    .sort((a, b) => (a.peerId < b.peerId ? -1 : 1))
  const [first] = members as [Member]
  const data = encodeMembershipEntry({
    version: OPERATION_VERSION,
    next: { members },
    cause: {
      op: 'add-peer',
      subject: first.peerId,
      requestId: { peerId: first.peerId, storageId: first.storageId, serial: 1, lowWater: 0 },
      actor: '',
      timeMs: 1_800_000_000_000,
    },
    nonce: new Uint8Array(32).fill(7),
  })
  const entry: Entry = { term: 1, index: 1, kind: 'membership', data }
  return { entry, clusterId: clusterIdOf(entry) }
}
