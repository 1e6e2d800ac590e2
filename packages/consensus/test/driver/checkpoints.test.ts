import { describe, expect, it } from 'vitest'

import { CHECKPOINT_ENTRIES, Checkpoints, entriesToCheckpoint } from '../../src/driver/checkpoints.ts'
import { MemoryStateStore } from '../fakes/memory-state-store.ts'

describe('entriesToCheckpoint', () => {
  it('ends a write at the next checkpoint, and lets one that begins behind it go on to the next (CH1)', () => {
    expect(entriesToCheckpoint(1)).toBe(CHECKPOINT_ENTRIES)
    expect(entriesToCheckpoint(CHECKPOINT_ENTRIES - 1)).toBe(2)
    expect(entriesToCheckpoint(CHECKPOINT_ENTRIES)).toBe(1)
    expect(entriesToCheckpoint(CHECKPOINT_ENTRIES + 1)).toBe(CHECKPOINT_ENTRIES)
  })
})

describe('Checkpoints', () => {
  const metaAt = (appliedIndex: number) => ({ ...new MemoryStateStore().meta, appliedIndex })
  const indexes = (checkpoints: Checkpoints, newest: number): readonly number[] =>
    checkpoints.list(metaAt(newest)).map(({ index }) => index)

  it('keeps the last ones, and tells the newest state once', () => {
    const checkpoints = new Checkpoints()
    checkpoints.applied(metaAt(5))
    expect(indexes(checkpoints, 5)).toEqual([5])
    checkpoints.applied(metaAt(CHECKPOINT_ENTRIES))
    expect(indexes(checkpoints, CHECKPOINT_ENTRIES)).toEqual([CHECKPOINT_ENTRIES])
    for (let nth = 2; nth <= 20; nth += 1) checkpoints.applied(metaAt(nth * CHECKPOINT_ENTRIES))
    const listed = indexes(checkpoints, 20 * CHECKPOINT_ENTRIES + 7)
    expect(listed).toHaveLength(17)
    expect(listed[0]).toBe(5 * CHECKPOINT_ENTRIES)
    expect(listed.at(-1)).toBe(20 * CHECKPOINT_ENTRIES + 7)
  })
})
