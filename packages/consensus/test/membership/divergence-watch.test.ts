import { describe, expect, it } from 'vitest'

import { CHECKPOINT_ENTRIES, type Checkpoint, Checkpoints, entriesToCheckpoint } from '../../src/driver/checkpoints.ts'
import { findDifference, indexOfMajorityAgainst } from '../../src/membership/divergence-watch.ts'
import { EMPTY_STATE_META } from '../../src/machine/index.ts'
import { peer } from '../fakes/samples.ts'

function at(index: number, digest: number): Checkpoint {
  return { index, head: new Uint8Array(32).fill(9), digest: new Uint8Array(32).fill(digest) }
}

function told(name: string, checkpoints: readonly Checkpoint[], isVoter = true) {
  return { peerId: peer(name), isVoter, checkpoints }
}

describe('Checkpoints', () => {
  it('CH1 entriesToCheckpoint() ends a write at the next multiple', () => {
    expect(entriesToCheckpoint(1)).toBe(CHECKPOINT_ENTRIES)
    expect(entriesToCheckpoint(CHECKPOINT_ENTRIES)).toBe(1)
    expect(entriesToCheckpoint(CHECKPOINT_ENTRIES + 1)).toBe(CHECKPOINT_ENTRIES)
    expect(entriesToCheckpoint(3 * CHECKPOINT_ENTRIES - 4)).toBe(5)
  })

  it('list() holds the last multiples and the newest state, ascending', () => {
    const checkpoints = new Checkpoints()
    const meta = (appliedIndex: number) => ({ ...EMPTY_STATE_META, appliedIndex })
    for (let n = 1; n <= 40; n += 1) {
      checkpoints.applied(meta(n * CHECKPOINT_ENTRIES))
      checkpoints.applied(meta(n * CHECKPOINT_ENTRIES + 7))
    }
    const indices = checkpoints.list(meta(40 * CHECKPOINT_ENTRIES + 7)).map(({ index }) => index)
    expect(indices).toHaveLength(17)
    expect(indices.slice(-2)).toEqual([40 * CHECKPOINT_ENTRIES, 40 * CHECKPOINT_ENTRIES + 7])
    expect(checkpoints.list(meta(40 * CHECKPOINT_ENTRIES))).toHaveLength(16)
  })
})

describe('findDifference', () => {
  it('DW1 compares at equal indices only, head and digest', () => {
    expect(findDifference([at(1024, 1), at(1030, 2)], [at(1024, 1), at(1040, 9)])).toBeNull()
    expect(findDifference([at(1024, 1), at(2048, 2)], [at(1024, 1), at(2048, 3)])).toBe(2048)
    const otherHead = { ...at(1024, 1), head: new Uint8Array(32) }
    expect(findDifference([at(1024, 1)], [otherHead])).toBe(1024)
  })
})

describe('indexOfMajorityAgainst', () => {
  const own = [at(1024, 1), at(2048, 2)]

  it('DW3 finds an index at which a majority of the voters agree on another state', () => {
    expect(indexOfMajorityAgainst(own, [told('b', [at(2048, 7)]), told('c', [at(2048, 7)])], 3)).toBe(2048)
  })

  it('DW3 finds nothing without a majority: one other peer, two that differ, learners, or agreement', () => {
    expect(indexOfMajorityAgainst(own, [told('b', [at(2048, 7)])], 3)).toBeNull()
    expect(indexOfMajorityAgainst(own, [told('b', [at(2048, 7)]), told('c', [at(2048, 8)])], 3)).toBeNull()
    expect(indexOfMajorityAgainst(own, [told('b', [at(2048, 7)]), told('c', [at(2048, 7)], false)], 3)).toBeNull()
    expect(indexOfMajorityAgainst(own, [told('b', [at(2048, 7)])], 2)).toBeNull()
    expect(indexOfMajorityAgainst(own, [told('b', own), told('c', own)], 3)).toBeNull()
  })
})
