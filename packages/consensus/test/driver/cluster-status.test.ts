import type { ClusterStatus, MemberStatus, PeerId } from '@pinset/interface'
import { describe, expect, it } from 'vitest'

import { describeQuorum } from '../../src/driver/cluster-status.ts'
import { member } from '../fakes/samples.ts'

function statusOf(leader: string | null, reachable: readonly string[]): ClusterStatus {
  const members = ['a', 'b', 'c'].map((name): MemberStatus => ({
    ...member(name),
    addresses: [],
    reachable: reachable.includes(name),
    matchIndex: null,
  }))
  return {
    relation: 'member',
    leader: leader as PeerId | null,
    members,
    quorum: { size: 2, reachable: reachable.length, tolerates: reachable.length - 2 },
    votingSuspended: false,
  } as Partial<ClusterStatus> as ClusterStatus
}

describe('describeQuorum', () => {
  it('says who leads when somebody does: the call has failed for another reason', () => {
    expect(describeQuorum(statusOf('a', ['a', 'b', 'c']))).toBe('3 of 3 voters reachable, and a leads')
    expect(describeQuorum(statusOf('a', ['a', 'b']))).toBe('2 of 3 voters reachable, and a leads; missing c')
  })

  it('says that nobody does, and whether a quorum is missing', () => {
    expect(describeQuorum(statusOf(null, ['a', 'b']))).toBe(
      'no leader: 2 of 3 voters reachable, but none leads yet; missing c',
    )
    expect(describeQuorum(statusOf('a', ['a']))).toBe('no quorum: 1 of 3 voters reachable; missing b, c')
  })
})
