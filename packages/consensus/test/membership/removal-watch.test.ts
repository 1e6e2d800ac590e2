import { type MembershipAt, silentLogger } from '@pinset/interface'
import { describe, expect, it } from 'vitest'

import { RemovalWatch, tellsRemoval } from '../../src/membership/index.ts'
import { CLUSTER_ID, committed, HandClock, MemberRpc } from '../fakes/member-rpc.ts'
import { member, peer } from '../fakes/samples.ts'

function setUp() {
  const rpc = new MemberRpc()
  const clock = new HandClock()
  const state = { lost: true, newest: 5, leftOutAt: [] as number[], removed: [] as MembershipAt[] }
  const watch = new RemovalWatch(
    {
      identity: () => ({ storageId: 's1', clusterId: CLUSTER_ID, epoch: 1, admission: new Uint8Array(0) }),
      members: () => [member('a'), member('b'), member('b'), member('c')],
      appliedMembershipIndex: () => 5,
      newestMembershipIndex: () => state.newest,
      leftOutAt: () => state.leftOutAt,
      isLost: () => state.lost,
      rpc,
      clock,
      logger: silentLogger,
      onRemoved: (told) => {
        state.removed.push(told)
        state.lost = false
      },
    },
    { peerId: peer('a') },
  )
  return { rpc, clock, state, watch }
}

describe('RemovalWatch', () => {
  it('asks the other members after a silence, and again and again, until one tells the removal', async () => {
    const { rpc, clock, state, watch } = setUp()
    watch.start()
    await clock.advance(5_500)
    expect(rpc.asked).toEqual([])
    await clock.advance(500)
    expect(rpc.asked).toEqual(['b', 'c'])
    await clock.advance(20_000)
    expect(rpc.asked).toEqual(['b', 'c', 'b', 'c', 'b', 'c'])
    expect(state.removed).toEqual([])
    rpc.answers.set('c', committed(9, [member('b'), member('c')]))
    await clock.advance(20_000)
    expect(state.removed).toEqual([{ index: 9, membership: { members: [member('b'), member('c')] } }])
    const asked = rpc.asked.length
    await clock.advance(100_000)
    expect(rpc.asked.length).toBe(asked)
    await watch.stop()
    expect(clock.timers).toBe(0)
  })

  it('concludes from history up to its newest membership that this one, which lists it, never took effect', async () => {
    const { rpc, state, watch } = setUp()
    state.newest = 8 // Lists this peer, and its leader has lost it before anybody else had it.
    const members = [member('b'), member('c')]
    rpc.answers.set('b', committed(5, members, { appliedIndex: 7 }))
    expect(await watch.ask()).toBe(false)
    rpc.answers.set('c', committed(5, [member('a'), ...members], { appliedIndex: 9 }))
    expect(await watch.ask()).toBe(false)
    expect(state.removed).toEqual([])
    rpc.answers.set('b', committed(5, members, { appliedIndex: 8 }))
    expect(await watch.ask()).toBe(true)
    expect(state.removed).toEqual([{ index: 5, membership: { members } }])
  })

  it('is not removed by a membership that the own log holds, too, below one that lists it', async () => {
    const { rpc, state, watch } = setUp()
    state.newest = 80 // It was removed at 60 and added again; its state has fallen back further than that of b.
    state.leftOutAt = [60]
    rpc.answers.set('b', committed(60, [member('b'), member('c')], { appliedIndex: 65 }))
    expect(await watch.ask()).toBe(false)
    rpc.answers.set('b', committed(61, [member('b'), member('c')], { appliedIndex: 65 }))
    expect(await watch.ask()).toBe(true) // The own log differs there: all that follows in it was never committed.
  })

  it('judges an answer by the log as it is when the answer comes', async () => {
    const { rpc, state, watch } = setUp()
    state.newest = 8
    rpc.answers.set('b', committed(5, [member('b'), member('c')], { appliedIndex: 9 }))
    const asked = watch.ask()
    state.newest = 10 // It is added anew, while the members are asked.
    expect(await asked).toBe(false)
    expect(state.removed).toEqual([])
  })

  it('asks nobody while a leader is known, and begins to count anew when it is lost again', async () => {
    const { rpc, clock, state, watch } = setUp()
    watch.start()
    for (let round = 0; round < 10; round++) {
      state.lost = round % 2 === 0
      await clock.advance(4_500)
    }
    expect(rpc.asked).toEqual([])
    await watch.stop()
  })

  it('stop() ends a question that is on its way', async () => {
    const { rpc, clock, watch } = setUp()
    rpc.answers.set('b', null)
    rpc.answers.set('c', null)
    watch.start()
    await clock.advance(6_500)
    expect(rpc.asked.length).toBe(2)
    await watch.stop()
    await watch.stop()
    expect(clock.timers).toBe(0)
  })

  it('tellsRemoval() needs a newer committed membership of the same cluster without this peer and database', () => {
    const cluster = { clusterId: CLUSTER_ID, epoch: 2 }
    const own = {
      peerId: peer('a'),
      storageId: 's1',
      membershipIndex: 5,
      newestMembershipIndex: 8,
      leftOutAt: [],
      cluster,
    }
    const told = { epoch: 2, index: 6, appliedIndex: 6, membership: { members: [member('b')] } }
    expect(tellsRemoval(told, own)).toBe(true)
    expect(tellsRemoval({ ...told, membership: { members: [member('a', { storageId: 's2' })] } }, own)).toBe(true)
    expect(tellsRemoval({ ...told, membership: { members: [member('a')] } }, own)).toBe(false)
    expect(tellsRemoval({ ...told, index: 5 }, own)).toBe(false)
    expect(tellsRemoval({ ...told, epoch: 1 }, own)).toBe(false)
    expect(tellsRemoval({ ...told, epoch: 3 }, own)).toBe(true)
  })

  it('tellsRemoval() needs else history up to the newest membership of the own log', () => {
    const cluster = { clusterId: CLUSTER_ID, epoch: 2 }
    const own = {
      peerId: peer('a'),
      storageId: 's1',
      membershipIndex: 5,
      newestMembershipIndex: 8,
      leftOutAt: [],
      cluster,
    }
    const told = { epoch: 2, index: 5, appliedIndex: 8, membership: { members: [member('b')] } }
    expect(tellsRemoval(told, own)).toBe(true)
    expect(tellsRemoval({ ...told, appliedIndex: 7 }, own)).toBe(false)
    expect(tellsRemoval({ ...told, membership: { members: [member('a', { storageId: 's2' })] } }, own)).toBe(true)
    expect(tellsRemoval({ ...told, membership: { members: [member('a')] } }, own)).toBe(false)
    expect(tellsRemoval({ ...told, epoch: 1 }, own)).toBe(false)
  })
})
