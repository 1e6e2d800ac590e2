import type { Member, PeerId } from '@pinset/interface'
import { describe, expect, it } from 'vitest'

import { encodeMembershipEntry } from '../../src/codec/membership-codec.ts'
import { Peerset } from '../../src/driver/peerset.ts'
import { member } from '../fakes/samples.ts'

const own = 'b' as PeerId

function entryOf(members: readonly Member[]): Uint8Array {
  const requestId = { peerId: 'a', storageId: 's1', serial: 1, lowWater: 0 }
  const cause = { op: 'add-peer' as const, subject: 'a' as PeerId, requestId, actor: '', timeMs: 1 }
  return encodeMembershipEntry({ version: 1, next: { members }, cause, nonce: new Uint8Array(0) })
}

const withSelf = entryOf([member('a'), member('b')])
const withoutSelf = entryOf([member('a')])

function createPeerset(memberships: readonly { index: number; data: Uint8Array }[] = []): Peerset {
  const base = { term: 0, index: 0, membership: new Uint8Array(0), membershipIndex: 0 }
  return new Peerset({ peerId: own, storageId: 's1', boot: { base, memberships } })
}

describe('Peerset', () => {
  it('relation is joining while an old log does not list this peer yet', () => {
    const peerset = createPeerset()
    expect(peerset.relation).toBe('joining')
    peerset.update(1, withoutSelf)
    peerset.committed(1)
    expect(peerset.relation).toBe('joining')
    peerset.update(4, withSelf)
    expect(peerset.relation).toBe('member')
  })

  it('relation is removed once the removal is committed, and not before', () => {
    const peerset = createPeerset([{ index: 4, data: withSelf }])
    peerset.committed(4)
    peerset.update(9, withoutSelf)
    expect(peerset.relation).toBe('member')
    peerset.committed(9)
    expect(peerset.relation).toBe('removed')
  })

  it('relation goes back when the entry with or without this peer was cut off', () => {
    const peerset = createPeerset([{ index: 1, data: withoutSelf }])
    peerset.update(4, withSelf)
    peerset.update(1, withoutSelf)
    peerset.committed(1)
    expect(peerset.relation).toBe('joining')
  })

  it('former are the members before a change, until that is committed: a dead branch knows nobody else who could tell', () => {
    const peerset = createPeerset([
      { index: 4, data: withSelf },
      { index: 9, data: entryOf([member('b')]) },
    ])
    expect(peerset.former).toEqual([member('a'), member('b')])
    expect(peerset.committed(4)).toBe(true)
    expect(peerset.former).toEqual([member('a'), member('b')])
    expect(peerset.committed(9)).toBe(true)
    expect(peerset.committed(9)).toBe(false)
    expect(peerset.former).toEqual([])
    peerset.update(12, withSelf)
    peerset.update(9, entryOf([member('b')]))
    expect(peerset.former).toEqual([])
  })

  it('former are all members since the last committed change: entries are cut off and others appended in one step', () => {
    const peerset = createPeerset([{ index: 4, data: withSelf }])
    peerset.committed(4)
    peerset.update(12, entryOf([member('b')]))
    peerset.update(10, entryOf([member('b'), member('c')])) // in place of the one at 12
    expect(peerset.former).toEqual([member('a'), member('b')])
    peerset.update(14, entryOf([member('c')])) // which may have cut off the one at 10
    expect(peerset.former).toEqual([member('a'), member('b'), member('b'), member('c')])
    peerset.committed(10)
    expect(peerset.former).toEqual([member('b'), member('c')])
    peerset.committed(14)
    expect(peerset.former).toEqual([])
  })

  it('relation is joining with another database under the own name', () => {
    const peerset = createPeerset([{ index: 4, data: entryOf([member('a'), member('b', { storageId: 'wiped' })]) }])
    peerset.committed(4)
    expect(peerset.relation).toBe('joining')
  })

  it('learnRemoval() holds until a newer membership lists this peer again', () => {
    const peerset = createPeerset([{ index: 4, data: withSelf }])
    peerset.learnRemoval(9)
    expect(peerset.relation).toBe('removed')
    peerset.update(7, withSelf)
    expect(peerset.relation).toBe('removed')
    peerset.update(12, withSelf)
    expect(peerset.relation).toBe('member')
  })

  it('learnRemoval() ends when this peer is added again below the membership that was never committed', () => {
    const peerset = createPeerset([{ index: 4, data: withSelf }])
    peerset.committed(4)
    peerset.update(10, withSelf)
    peerset.learnRemoval(8)
    expect(peerset.relation).toBe('removed')
    peerset.update(4, withSelf)
    expect(peerset.relation).toBe('removed')
    peerset.update(8, withoutSelf)
    expect(peerset.relation).not.toBe('joining')
    peerset.update(9, withSelf)
    expect(peerset.relation).toBe('member')
  })

  it('learnRemoval() of one below the newest ends when that is committed', () => {
    const peerset = createPeerset([{ index: 4, data: withSelf }])
    peerset.committed(4)
    peerset.update(12, withSelf)
    peerset.learnRemoval(8)
    expect(peerset.relation).toBe('removed')
    peerset.committed(12)
    expect(peerset.relation).toBe('member')
  })

  it('leftOutAt are the memberships without this peer that are not known to be committed', () => {
    const peerset = createPeerset([{ index: 4, data: withSelf }])
    peerset.committed(4)
    peerset.update(6, withoutSelf)
    peerset.update(8, withSelf)
    expect(peerset.leftOutAt).toEqual([6])
    peerset.committed(6)
    expect(peerset.leftOutAt).toEqual([])
    peerset.update(10, withoutSelf)
    expect(peerset.leftOutAt).toEqual([10])
  })

  it('leftOutAt has those that came together with the newest one, too, and the one that took the place of another', () => {
    const peerset = createPeerset([{ index: 4, data: withSelf }])
    peerset.committed(4)
    peerset.update(6, withSelf)
    const before = [
      { index: 4, data: withSelf },
      { index: 6, data: withoutSelf },
    ]
    peerset.update(8, withSelf, before)
    expect(peerset.leftOutAt).toEqual([6])
    peerset.update(9, withSelf, [...before, { index: 8, data: withSelf }])
    expect(peerset.leftOutAt).toEqual([6])
    peerset.committed(6)
    expect(peerset.leftOutAt).toEqual([])
  })
})
