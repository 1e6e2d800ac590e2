import { silentLogger, type Member, type Rpc } from '@pinset/interface'
import type { RaftStatus } from '@pinset/raft'
import { describe, expect, it } from 'vitest'

import type { Peerset } from '../../src/driver/peerset.ts'
import { LeaderDuties } from '../../src/proposals/leader-duties.ts'
import { CLUSTER_ID } from '../fakes/member-rpc.ts'
import { member, peer } from '../fakes/samples.ts'
import { microtasks } from '../support/manual-scheduler.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const INDEX = 20

/** A leader whose newest membership is that at 20, and b. */
function setUp(matchIndex: number | null, suffrage: Member['suffrage'] = 'learner') {
  const clock = new VirtualClock()
  const members: readonly Member[] = [member('a'), member('b', { suffrage })]
  const told: string[] = []
  const match = { index: matchIndex }
  const state = { role: 'leader', answers: false }
  const rpc = {
    callAddress: async (address: string) => {
      told.push(address)
      return null
    },
  } as unknown as Rpc
  const duties = new LeaderDuties(
    {
      clock,
      logger: silentLogger,
      rpc,
      peerset: { members, newest: { index: INDEX, membership: { members } } } as unknown as Peerset,
      status: () =>
        ({
          id: 'a',
          role: state.role,
          lastId: { index: 30, term: 1 },
          durableIndex: 30,
          membership: { committed: true },
          progress: match.index === null ? [] : [{ id: 'b', matchIndex: match.index, recentActive: state.answers }],
        }) as unknown as RaftStatus,
      reachable: () => false,
      idle: () => true,
      change: () => Promise.reject(new Error('nothing is changed')),
      grant: () => ({ index: INDEX, record: { clusterId: CLUSTER_ID, epoch: 1, members } }),
    },
    { electionTimeoutMs: 1_000 },
  )
  const pass = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 100) {
      clock.advance(100)
      duties.tick()
      await microtasks()
    }
  }
  return { duties, told, match, state, pass, address: member(peer('b')).addresses[0] }
}

describe('LeaderDuties', () => {
  it('LD2 a learner is told again and again, with a pause, until its log holds the newest membership', async () => {
    for (const before of [null, 0, INDEX - 1]) {
      const { duties, told, match, pass, address } = setUp(before)
      await pass(100)
      expect(told).toEqual([address])
      await pass(800)
      expect(told).toHaveLength(1)
      await pass(500)
      expect(told).toEqual([address, address])
      match.index = INDEX
      await pass(5_000)
      expect(told).toHaveLength(2)
      await duties.stop()
    }
  })

  it('LD3 a voter that does not answer is told, with long pauses, until it answers or holds the newest membership', async () => {
    const { duties, told, match, state, pass, address } = setUp(INDEX - 1, 'voter')
    await pass(1_000)
    expect(told).toEqual([])
    await pass(100)
    expect(told).toEqual([address])
    await pass(9_800)
    expect(told).toHaveLength(1)
    await pass(500)
    expect(told).toEqual([address, address])
    state.answers = true
    await pass(20_000)
    expect(told).toHaveLength(2)
    state.answers = false
    await pass(100)
    expect(told).toHaveLength(3)
    match.index = INDEX
    await pass(20_000)
    expect(told).toHaveLength(3)
    await duties.stop()
  })

  it('LD3 a leader tells no voter before it has led for an election timeout: they had no time to answer', async () => {
    const { duties, told, state, pass, address } = setUp(0, 'voter')
    await pass(900)
    state.role = 'follower'
    await pass(200)
    state.role = 'leader'
    await pass(1_000)
    expect(told).toEqual([])
    await pass(100)
    expect(told).toEqual([address])
    await duties.stop()
  })
})
