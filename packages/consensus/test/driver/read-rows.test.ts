import { StoppedError, type RowKey } from '@pinset/interface'
import { describe, expect, it } from 'vitest'

import { readRows } from '../../src/driver/read-rows.ts'
import { MemoryStateStore } from '../fakes/memory-state-store.ts'

const key: RowKey = { table: 'pin', key: Uint8Array.of(1) }

function closedState(close: () => void = () => {}): MemoryStateStore {
  const state = new MemoryStateStore()
  state.getMany = async () => {
    close()
    throw new StoppedError('closed')
  }
  return state
}

describe('readRows()', () => {
  it('a state that is replaced while it is read is read no more, but the new one', async () => {
    const next = new MemoryStateStore()
    next.getManyNow = () => [Uint8Array.of(7)]
    const storage = { state: next }
    storage.state = closedState(() => (storage.state = next))
    expect(await readRows(storage, [key])).toEqual([Uint8Array.of(7)])
  })

  it('a state that is closed and not replaced is no more', async () => {
    await expect(readRows({ state: closedState() }, [key])).rejects.toThrow('closed')
  })
})
