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

/** A leader whose newest membership is that at 20, and the learner b. */
function setUp(matchIndex: number | null) {
  const clock = new VirtualClock()
  const members: readonly Member[] = [member('a'), member('b', { suffrage: 'learner' })]
  const told: string[] = []
  const match = { index: matchIndex }
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
          role: 'leader',
          lastId: { index: 30, term: 1 },
          durableIndex: 30,
          membership: { committed: true },
          progress: match.index === null ? [] : [{ id: 'b', matchIndex: match.index }],
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
  return { duties, told, match, pass, address: member(peer('b')).addresses[0] }
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
})
