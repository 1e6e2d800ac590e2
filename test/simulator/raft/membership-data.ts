/** The simulator's own encoding of a membership entry, as text: `voters;learners`, each separated by commas. */
import type { NodeId, RaftMembership } from '@pinset/raft'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export function encodeMembership(membership: RaftMembership): Uint8Array {
  return encoder.encode(`${[...membership.voters].sort().join(',')};${[...membership.learners].sort().join(',')}`)
}

/** @throws {Error} when the bytes are not a membership; a core must refuse them. */
export function decodeMembership(data: Uint8Array): RaftMembership {
  const parts = decoder.decode(data).split(';')
  const [voters, learners] = parts
  if (parts.length !== 2 || voters === undefined || learners === undefined || voters === '') {
    throw new Error('not a membership')
  }
  return { voters: voters.split(','), learners: learners === '' ? [] : learners.split(',') }
}

const noMembership: RaftMembership = { voters: [], learners: [] }

/** Entries never change, and the same ones are looked at all the time. */
const decoded = new WeakMap<Uint8Array, RaftMembership>()

/** One without voters for no data. */
export function membershipOf(data: Uint8Array): RaftMembership {
  if (data.length === 0) {
    return noMembership
  }
  let membership = decoded.get(data)
  if (membership === undefined) {
    membership = decodeMembership(data)
    decoded.set(data, membership)
  }
  return membership
}

export function isMember(membership: RaftMembership, id: NodeId): boolean {
  return membership.voters.includes(id) || membership.learners.includes(id)
}
