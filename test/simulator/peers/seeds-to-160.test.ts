/** Half of the seeds of whole peers that every test run takes; the other half is a file of its own, so that two cores share them. */
import { describe, expect, it } from 'vitest'

import { required } from './required.ts'
import { runSeeds } from './seeds.ts'

describe('simulatePeers', () => {
  it('seeds 1 to 160: safety under faults, then whole peers that serve; nothing is missing in 99 of 100', async () => {
    const coverage = await runSeeds(1, 160)
    expect(required.filter((what) => coverage.seeds(what) < 1.6)).toEqual([])
  })
})
