/** Half of the seeds of Raft alone that every test run takes; the other half is a file of its own, so that two cores share them. */
import { describe, expect, it } from 'vitest'

import { required } from './required.ts'
import { runSeeds } from './seeds.ts'

describe('simulate', () => {
  it('seeds 1001 to 2000: safety under faults, then a whole cluster that serves; nothing is missing in 99 of 100', () => {
    const coverage = runSeeds(1001, 2000)
    expect(required.filter((what) => coverage.seeds(what) < 10)).toEqual([])
  })
})
