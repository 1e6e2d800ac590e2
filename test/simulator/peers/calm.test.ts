/** Without faults nothing is disturbed: one election, no restart, every call answered. */
import { describe, expect, it } from 'vitest'

import { Random } from '../random.ts'
import { simulatePeers } from './simulate.ts'
import { calm, millisecond, swarmFrom, type Swarm } from './swarm.ts'

/** Room for all calls, and a network that is much faster than elections. */
function quiet(swarm: Swarm): Swarm {
  const { workload } = swarm
  return {
    ...calm(swarm),
    spares: 0,
    isWhole: true,
    limits: {
      ...swarm.limits,
      leaderWaitMs: 6_000,
      revisionWaitMs: 6_000,
      maxPendingCalls: 1024,
      maxQueuedOperations: 1024,
      trailingEntries: 100,
    },
    raft: {},
    workload: { ...calm(swarm).workload, operation: 50 * millisecond, burst: 2, read: workload.read },
  }
}

describe('simulatePeers, without faults', () => {
  it('one leader in one term, and every call is answered (20 seeds)', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { coverage, violation } = await simulatePeers(seed, { events: 1000, adjust: quiet })
      expect(violation, `seed ${seed}`).toBeNull()
      expect(coverage.get('role: candidate → leader'), `leaders of seed ${seed}`).toBe(1)
      expect(coverage.get('restart') + coverage.get('halted'), `restarts of seed ${seed}`).toBe(0)
      expect(coverage.get('pin: answered'), `pins of seed ${seed}`).toBeGreaterThan(0)
      const followers = swarmFrom(new Random(seed), new Random(0)).voters - 1
      expect(coverage.get('rush: pinned'), `followers of seed ${seed} with many writes at a time`).toBe(followers)
      for (const error of ['NoLeaderError', 'CommitOutcomeUnknownError', 'OverloadedError', 'RevisionTimeoutError']) {
        expect(coverage.get(`pin: ${error}`), `${error} in seed ${seed}`).toBe(0)
      }
    }
  })
})
