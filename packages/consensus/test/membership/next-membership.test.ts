import type { Member, Membership } from '@pinset/interface'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { decodeMembershipEntry, LOG_LIMITS, toRaftMembership } from '../../src/codec/index.ts'
import {
  encodeChange,
  foundCluster,
  type MembershipChange,
  type Newcomer,
  nextMembership,
} from '../../src/membership/index.ts'
import { member, peer, START_MS } from '../fakes/samples.ts'

const learner = { suffrage: 'learner', wanted: 'voter' } as const

function newcomer(name: string, options: Partial<Newcomer> = {}): Newcomer {
  const { peerId, storageId, addresses, supportedVersion } = member(name)
  return { peerId, storageId, name, addresses, supportedVersion, ...options }
}

function membership(...members: readonly Member[]): Membership {
  return { members }
}

function changed(current: Membership, change: MembershipChange): readonly Member[] {
  const decision = nextMembership(current, change)
  if (decision.kind !== 'changed') throw new Error(`not changed: ${JSON.stringify(decision)}`)
  return decision.next.members
}

describe('nextMembership', () => {
  const three = membership(member('a'), member('b'), member('c', learner))

  it('adds a newcomer as a learner that is meant to vote, in its place by peer id', () => {
    expect(
      changed(membership(member('a'), member('c')), { op: 'add-peer', newcomer: newcomer('b'), wanted: 'voter' }),
    ).toEqual([member('a'), member('b', learner), member('c')])
    expect(changed(three, { op: 'add-peer', newcomer: newcomer('d'), wanted: 'learner' }).at(-1)).toEqual(
      member('d', { suffrage: 'learner', wanted: 'learner' }),
    )
  })

  it('changes nothing when a peer is added again as it is, and takes over what it says anew', () => {
    expect(nextMembership(three, { op: 'add-peer', newcomer: newcomer('b'), wanted: 'voter' })).toEqual({
      kind: 'unchanged',
    })
    const moved = newcomer('b', { addresses: ['/ip4/10.0.0.9/tcp/1/p2p/b'] })
    expect(changed(three, { op: 'add-peer', newcomer: moved, wanted: 'voter' })[1]).toEqual(
      member('b', { addresses: moved.addresses }),
    )
  })

  it('refuses a voter with another database, naming both, until it was removed', () => {
    const wiped = newcomer('b', { storageId: 's2' })
    const decision = nextMembership(three, { op: 'add-peer', newcomer: wiped, wanted: 'voter' })
    expect(decision).toMatchObject({ kind: 'refused', why: 'other-database' })
    expect(decision.kind === 'refused' && decision.reason).toMatch(/s1.*s2.*remove it/)
    const removed = membership(...changed(three, { op: 'rm-peer', peerId: peer('b') }))
    expect(changed(removed, { op: 'add-peer', newcomer: wiped, wanted: 'voter' })[1]).toEqual(
      member('b', { ...learner, storageId: 's2' }),
    )
  })

  it('replaces the database of a learner in two steps: the old one is removed, the new one added', () => {
    const change = { op: 'add-peer', newcomer: newcomer('c', { storageId: 's2' }), wanted: 'voter' } as const
    const first = nextMembership(three, change)
    expect(first).toEqual({
      kind: 'changed',
      op: 'rm-peer',
      subject: 'c',
      next: membership(member('a'), member('b')),
      goesOn: true,
    })
    const second = nextMembership(membership(member('a'), member('b')), change)
    expect(second).toMatchObject({ kind: 'changed', op: 'add-peer', goesOn: false })
    expect(second.kind === 'changed' && second.next.members[2]).toEqual(member('c', { ...learner, storageId: 's2' }))
  })

  it('refuses before the first step what it would refuse after it', () => {
    const old = membership(member('a'), member('b'), member('c', { ...learner, supportedVersion: 0 }))
    const wiped = newcomer('c', { storageId: 's2', supportedVersion: 0 })
    expect(nextMembership(old, { op: 'add-peer', newcomer: wiped, wanted: 'voter' })).toMatchObject({
      kind: 'refused',
      why: 'invalid',
    })
  })

  it('removes a peer, but never the last voter', () => {
    expect(changed(three, { op: 'rm-peer', peerId: peer('a') })).toEqual([member('b'), member('c', learner)])
    const one = membership(member('a'), member('b', learner))
    expect(nextMembership(one, { op: 'rm-peer', peerId: peer('a') })).toMatchObject({
      kind: 'refused',
      why: 'last-voter',
    })
    expect(nextMembership(one, { op: 'demote-peer', peerId: peer('a') })).toMatchObject({
      kind: 'refused',
      why: 'last-voter',
    })
    expect(nextMembership(one, { op: 'rm-peer', peerId: peer('x') })).toMatchObject({
      kind: 'refused',
      why: 'unknown-peer',
    })
  })

  it('promotes only the database that caught up, and only who is meant to vote', () => {
    expect(changed(three, { op: 'promote-peer', peerId: peer('c'), storageId: 's1' })[2]).toEqual(member('c'))
    expect(nextMembership(three, { op: 'promote-peer', peerId: peer('c'), storageId: 's2' })).toMatchObject({
      kind: 'refused',
      why: 'other-database',
    })
    expect(nextMembership(three, { op: 'promote-peer', peerId: peer('b'), storageId: 's1' })).toEqual({
      kind: 'unchanged',
    })
    const stays = membership(member('a'), member('b', { suffrage: 'learner', wanted: 'learner' }))
    expect(nextMembership(stays, { op: 'promote-peer', peerId: peer('b'), storageId: 's1' })).toMatchObject({
      kind: 'refused',
    })
  })

  it('updates what a member says of itself, and nothing else', () => {
    const said = newcomer('b', { name: 'new', storageId: 's1' })
    expect(changed(three, { op: 'update-peer', newcomer: said })[1]).toEqual(member('b', { name: 'new' }))
    expect(nextMembership(three, { op: 'update-peer', newcomer: { ...said, storageId: 's2' } })).toMatchObject({
      kind: 'refused',
      why: 'other-database',
    })
    expect(nextMembership(three, { op: 'update-peer', newcomer: newcomer('x') })).toMatchObject({
      kind: 'refused',
      why: 'unknown-peer',
    })
  })

  it('refuses the 65th member, foreign addresses, and a peer that is too old', () => {
    const full = membership(
      ...Array.from({ length: LOG_LIMITS.maxMembers }, (_, at) => member(`p${String(at).padStart(3, '0')}`)),
    )
    expect(nextMembership(full, { op: 'add-peer', newcomer: newcomer('x'), wanted: 'voter' })).toMatchObject({
      kind: 'refused',
      why: 'full',
    })
    for (const wrong of [
      { addresses: ['/ip4/1.2.3.4/tcp/1/p2p/other'] },
      { supportedVersion: 0 },
      { name: 'x'.repeat(256) },
    ]) {
      expect(nextMembership(three, { op: 'add-peer', newcomer: newcomer('d', wrong), wanted: 'voter' })).toMatchObject({
        kind: 'refused',
        why: 'invalid',
      })
    }
  })

  it('makes only memberships that can be decoded, of at least one voter, one voter apart', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd')
    const newcomers = fc
      .record({ name, storageId: fc.constantFrom('s1', 's2') })
      .map(({ name, storageId }) => newcomer(name, { storageId }))
    const change: fc.Arbitrary<MembershipChange> = fc.oneof(
      fc.record({
        op: fc.constant('add-peer' as const),
        newcomer: newcomers,
        wanted: fc.constantFrom('voter' as const, 'learner' as const),
      }),
      fc.record({ op: fc.constantFrom('rm-peer' as const, 'demote-peer' as const), peerId: name.map(peer) }),
      fc.record({
        op: fc.constant('promote-peer' as const),
        peerId: name.map(peer),
        storageId: fc.constantFrom('s1', 's2'),
      }),
      fc.record({ op: fc.constant('update-peer' as const), newcomer: newcomers }),
    )
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
        let current = membership(member('a'))
        for (const each of changes) {
          const decision = nextMembership(current, each)
          if (decision.kind !== 'changed') continue
          const requestId = { peerId: 'a', storageId: 's1', serial: 1, lowWater: 0 }
          const data = encodeChange(decision, { requestId, actor: '', timeMs: START_MS }, 1)
          expect(decodeMembershipEntry(data).next).toEqual(decision.next)
          const before = new Set(votersOf(current))
          const after = new Set(votersOf(decision.next))
          const kept = [...before].filter((voter) => after.has(voter)).length
          expect(before.size + after.size - 2 * kept).toBeLessThanOrEqual(1)
          for (const { peerId, storageId } of decision.next.members) {
            expect(current.members.find((known) => known.peerId === peerId)?.storageId ?? storageId).toBe(storageId)
          }
          expect(toRaftMembership(data).voters.length).toBe(after.size)
          expect(after.size).toBeGreaterThan(0)
          current = decision.next
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('foundCluster', () => {
  it('makes entry 1 of term 1 with one voter, and a cluster id that depends on the nonce', () => {
    const founded = [1, 2].map((byte) =>
      foundCluster({ member: newcomer('a'), nonce: new Uint8Array(32).fill(byte), timeMs: START_MS }),
    )
    const [one, other] = founded
    if (one === undefined || other === undefined) throw new Error('not founded')
    expect(one.entry).toMatchObject({ term: 1, index: 1, kind: 'membership' })
    expect(toRaftMembership(one.entry.data)).toEqual({ voters: ['a'], learners: [] })
    expect(one.clusterId).toMatch(/^[0-9a-f]{64}$/)
    expect(one.clusterId).not.toBe(other.clusterId)
    expect(() => foundCluster({ member: newcomer('a'), nonce: new Uint8Array(31), timeMs: START_MS })).toThrow('nonce')
  })
})

function votersOf({ members }: Membership): string[] {
  return members.filter(({ suffrage }) => suffrage === 'voter').map(({ peerId, storageId }) => `${peerId} ${storageId}`)
}
