/** One node dies at each of its persist operations in turn, just before and just after it, in a short run without other faults. */
import { describe, expect, it } from 'vitest'

import { simulate } from './simulate.ts'
import { calm, millisecond, type Swarm } from './swarm.ts'
import type { World } from './world.ts'

const events = 600

/** Proposals, membership changes, transfers and snapshots, so that there are operations of every sort. */
const busy = (swarm: Swarm): Swarm => {
  const still = calm(swarm)
  return {
    ...still,
    voters: 3,
    spares: 1,
    clockFactors: [1, 1, 1, 1],
    deferReady: 0,
    disk: { latencyMin: 100, latencyMean: 5 * millisecond, stall: 0, stallMean: 0 },
    machine: { ...still.machine, flushMean: 20 * millisecond, compact: 1, compactToTip: 1, snapshotFailure: 0 },
    workload: {
      ...still.workload,
      propose: 20 * millisecond,
      membership: 150 * millisecond,
      transfer: 400 * millisecond,
      campaign: 700 * millisecond,
    },
    faults: { ...still.faults, downMean: 200 * millisecond },
  }
}

/** Counts the operations of each node under faults. */
function countInto(operations: Map<string, number>) {
  return (world: World): void => {
    for (const { id, disk } of world.nodes) {
      operations.set(id, 0)
      disk.fault = {
        kind: 'crash',
        survivors: (count, carriedOut) => {
          operations.set(id, carriedOut + count)
          return null
        },
        crash: () => undefined,
      }
    }
  }
}

/** Die when this operation of this node is due: with it and all before it on disk, or all before it only. */
function crashAt(id: string, operation: number, when: 'before' | 'after', crashed: () => void) {
  return (world: World): void => {
    const node = world.node(id)
    node.disk.fault = {
      kind: 'crash',
      survivors: (count, carriedOut) =>
        operation <= carriedOut + count ? operation - carriedOut - (when === 'before' ? 1 : 0) : null,
      crash: (survivors) => {
        crashed()
        node.crash(node.random, survivors)
        world.schedule(50 * millisecond, () => {
          if (!node.running) {
            node.start()
          }
        })
      },
    }
  }
}

describe('crash points', () => {
  it.each([3, 7, 16])('before and after every persist operation, what was promised is kept (seed %i)', (seed) => {
    const operations = new Map<string, number>()
    const undisturbed = simulate(seed, { events, adjust: busy, prepare: countInto(operations) })
    expect(undisturbed.violation).toBeNull()
    for (const what of ['compacted', 'snapshot installed', 'membership accepted', 'transferred']) {
      expect([what, undisturbed.coverage.get(what)]).not.toEqual([what, 0])
    }
    let crashes = 0
    const crashed = (): void => {
      crashes++
    }
    for (const [node, last] of operations) {
      for (let operation = 1; operation <= last; operation++) {
        for (const when of ['before', 'after'] as const) {
          const run = simulate(seed, { events, adjust: busy, prepare: crashAt(node, operation, when, crashed) })
          const what = `${node} dies ${when} operation ${operation}`
          expect([what, run.violation?.message]).toEqual([what, undefined])
        }
      }
    }
    const all = [...operations.values()].reduce((sum, each) => sum + each, 0)
    expect(all).toBeGreaterThan(80)
    expect(crashes).toBe(2 * all)
  })
})
