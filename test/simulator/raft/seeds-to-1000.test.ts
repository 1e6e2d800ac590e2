/** Half of the seeds of Raft alone that every test run takes; the other half is a file of its own, so that two cores share them. */
import { describe, expect, it } from 'vitest'

import { required } from './required.ts'
import { runSeeds } from './seeds.ts'

describe('simulate', () => {
  it('seeds 1 to 1000: safety under faults, then a whole cluster that serves; nothing is missing in 99 of 100', () => {
    const coverage = runSeeds(1, 1000)
    expect(required.filter((what) => coverage.seeds(what) < 10)).toEqual([])
  })
})
