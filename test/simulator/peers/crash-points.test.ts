/** One peer dies once in a short run: at every write and every sync of its disk, before it and right after it; it always recovers. */
import { describe, expect, it } from 'vitest'

import type { Run } from '../run.ts'
import type { CrashPoint } from './disk-control.ts'
import { simulatePeers } from './simulate.ts'
import { calm, millisecond, second, type Swarm } from './swarm.ts'

const events = 400
const seed = 2

/** Little but pins, compaction, and a pause after which a snapshot is needed. */
function busy(swarm: Swarm): Swarm {
  const quiet = calm({ ...swarm, voters: 3, spares: 0, isWhole: true })
  return {
    ...quiet,
    sharing: 'shared',
    electionTimeoutMs: 500,
    heartbeatMs: 50,
    limits: { ...swarm.limits, compactAfterEntries: 6, trailingEntries: 1, leaderWaitMs: 3000 },
    faults: { ...quiet.faults, pause: 0.6 * second, pauseMean: 0.6 * second, downMean: 0.3 * second },
    workload: { ...quiet.workload, operation: 40 * millisecond, burst: 2, read: 0.1, cids: 8 },
  }
}

function run(crash: { peer: string; event: number; point: CrashPoint } | null): Promise<Run> {
  return simulatePeers(seed, {
    events,
    adjust: busy,
    crashPlan: (peer, event) => (crash?.peer === peer && crash.event === event ? crash.point : null),
  })
}

/** What went wrong, and how many points there are. */
async function crashEverywhere(peer: string, point: CrashPoint): Promise<{ failed: string[]; points: number }> {
  const failed: string[] = []
  for (let event = 1; ; event++) {
    const { violation, coverage } = await run({ peer, event, point })
    if (violation !== null) {
      failed.push(`${point} event ${event}: ${violation.message}`)
    }
    if (coverage.get(`crash ${point} a write`) === 0) {
      return { failed, points: event - 1 }
    }
  }
}

describe('a crash at a point of a write', () => {
  it('the run has what is worth to be interrupted: compaction, and a snapshot that is installed', async () => {
    const { coverage, violation } = await run(null)
    expect(violation).toBeNull()
    expect(coverage.get('compacted')).toBeGreaterThan(0)
    expect(coverage.get('snapshot installed')).toBeGreaterThan(0)
  })

  it.each(['12D3KooWp1', '12D3KooWp2', '12D3KooWp3'])(
    'recovery: at every point of every write (N=3, %s)',
    async (peer) => {
      for (const point of ['before', 'after'] as const) {
        const { failed, points } = await crashEverywhere(peer, point)
        expect(failed).toEqual([])
        expect(points).toBeGreaterThan(40)
      }
    },
  )
})
