/**
 * Owns the simulated replicated state: a hash chain over the applied entries, and the membership in force.
 *
 * S1 Every state is immutable; applying makes a new one. S2 The head depends on every byte applied so far.
 */
import type { Entry, Index, SnapshotMeta, Term } from '@pinset/raft'

export interface MachineState {
  readonly index: Index
  readonly term: Term
  /** 53 bits. */
  readonly head: number
  readonly membership: Uint8Array
  readonly membershipIndex: Index
}

export const emptyState: MachineState = {
  index: 0,
  term: 0,
  head: 0,
  membership: new Uint8Array(0),
  membershipIndex: 0,
}

export function applyEntry(state: MachineState, entry: Entry): MachineState {
  const isMembership = entry.kind === 'membership'
  return {
    index: entry.index,
    term: entry.term,
    head: nextHead(state.head, entry),
    membership: isMembership ? entry.data : state.membership,
    membershipIndex: isMembership ? entry.index : state.membershipIndex,
  }
}

export function snapshotOf(state: MachineState, id: string): SnapshotMeta {
  const { index, term, membership, membershipIndex } = state
  return { id, index, term, membership, membershipIndex }
}

function nextHead(head: number, entry: Entry): number {
  let low = (head >>> 0) ^ Math.imul(entry.index, 0x9e3779b1)
  let high = Math.floor(head / 4294967296) ^ Math.imul(entry.term, 0x85ebca6b) ^ entry.kind.length
  const { data } = entry
  for (let i = 0; i < data.length; i++) {
    const byte = data[i] as number
    low = Math.imul(low ^ byte, 0x01000193)
    high = Math.imul(high ^ byte, 0x5bd1e995)
  }
  low ^= low >>> 15
  low = Math.imul(low, 0x735a2d97)
  low ^= high >>> 13
  high = Math.imul(high ^ low, 0xc2b2ae35)
  high ^= high >>> 16
  return (high & 0x1fffff) * 4294967296 + (low >>> 0)
}
