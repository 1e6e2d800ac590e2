import { CorruptError, silentLogger, type StateMeta, type StateWrite } from '@pinset/interface'
import type { Input, SnapshotMeta } from '@pinset/raft'
import { describe, expect, it } from 'vitest'

import { Applier, type ApplierInit } from '../../src/driver/applier.ts'
import { CHECKPOINT_ENTRIES } from '../../src/driver/checkpoints.ts'
import * as wire from '../../src/proto/log.ts'
import { envelope, entryOf, member, membershipEntry, operationsEntry, pinOp } from '../fakes/samples.ts'
import { MemoryStateStore } from '../fakes/memory-state-store.ts'
import { microtasks } from '../support/manual-scheduler.ts'

class RecordingStore extends MemoryStateStore {
  readonly writes: { readonly appliedIndex: number; readonly sync: boolean }[] = []
  failure: Error | null = null

  override write(write: StateWrite, options: { readonly sync: boolean } = { sync: false }): Promise<void> {
    this.writes.push({ appliedIndex: write.meta.appliedIndex, sync: options.sync })
    return this.failure === null ? super.write(write) : Promise.reject(this.failure)
  }
}

function setUp(init: Partial<ApplierInit> = {}) {
  const store = new RecordingStore()
  const inputs: Input[] = []
  const told: string[] = []
  const floor = { index: Infinity }
  const storage = { state: store, adoptState: async () => {} }
  const applier = new Applier(
    {
      storage,
      logger: silentLogger,
      input: (input) => inputs.push(input),
      compactFloor: () => floor.index,
      handler: {
        applied: ({ entries }) => told.push(`applied ${entries.map(({ index }) => index).join(' ')}`),
        restored: ({ appliedIndex }) => told.push(`restored ${appliedIndex}`),
        stopped: (cause) => told.push(`stopped ${cause.name}`),
        failed: (cause) => told.push(`failed ${cause.message}`),
      },
    },
    { baseIndex: 0, ...init },
  )
  return { applier, store, storage, inputs, told, floor }
}

const pins = (index: number, serial = index) => operationsEntry(index, [pinOp(index, envelope(serial))])
const compacted = (inputs: readonly Input[]) =>
  inputs.flatMap((input) => (input.kind === 'compact' ? [input.index] : []))

async function settle(applier: Applier): Promise<void> {
  await microtasks()
  await microtasks()
  expect(applier.meta).toBeDefined()
}

describe('Applier', () => {
  it('apply() lets what was handed out meanwhile share one write, in order', async () => {
    const { applier, store, inputs, told } = setUp()
    applier.apply([membershipEntry(1, [member('a')])])
    applier.apply([pins(2), pins(3)])
    applier.apply([entryOf(4, 'noop')])
    await settle(applier)
    expect(store.writes.map(({ appliedIndex }) => appliedIndex)).toEqual([1, 4])
    expect(told).toEqual(['applied 1', 'applied 2 3 4'])
    expect(inputs).toEqual([
      { kind: 'applied', index: 1 },
      { kind: 'applied', index: 4 },
    ])
    applier.apply([pins(5)])
    await settle(applier)
    expect(applier.meta.appliedIndex).toBe(5)
  })

  it('apply() cuts a write at its limit and goes on with the rest', async () => {
    const { applier, store } = setUp({ maxWriteEntries: 2 })
    applier.apply([membershipEntry(1, [member('a')]), pins(2), pins(3), pins(4), pins(5)])
    await settle(applier)
    expect(store.writes.map(({ appliedIndex }) => appliedIndex)).toEqual([2, 4, 5])
  })

  it('apply() ends a write at a checkpoint, whatever waits (CH1)', async () => {
    const { applier, store } = setUp()
    applier.apply([membershipEntry(1, [member('a')])])
    applier.apply(Array.from({ length: 2 * CHECKPOINT_ENTRIES }, (_, at) => entryOf(at + 2, 'noop')))
    for (let turn = 0; turn < 5; turn += 1) await settle(applier)
    expect(store.writes.map(({ appliedIndex }) => appliedIndex)).toEqual([
      1,
      CHECKPOINT_ENTRIES,
      2 * CHECKPOINT_ENTRIES,
      2 * CHECKPOINT_ENTRIES + 1,
    ])
  })

  it('apply() stops for good right before an operation that only a newer version knows', async () => {
    const { applier, told } = setUp()
    const unknown = wire.Operation.encode({ number: 9, version: 7, body: new Uint8Array(0) })
    const newer = entryOf(3, 'operations', wire.OperationBatch.encode({ operations: [unknown] }))
    applier.apply([membershipEntry(1, [member('a')]), pins(2), newer, pins(4)])
    applier.apply([pins(5)])
    await settle(applier)
    applier.apply([pins(6)])
    await settle(applier)
    expect(told).toEqual(['applied 1 2', 'stopped UpgradeRequiredError'])
    expect(applier.meta.appliedIndex).toBe(2)
    expect(applier.stopCause?.message).toContain('entry 3')
  })

  it('apply() tells nobody of an index whose write failed', async () => {
    const { applier, store, inputs, told } = setUp()
    store.failure = new Error('EIO')
    applier.apply([membershipEntry(1, [member('a')])])
    await settle(applier)
    expect(told).toEqual(['failed EIO', 'stopped Error'])
    expect(inputs).toEqual([])
    expect(applier.meta.appliedIndex).toBe(0)
  })

  it('supersede() begins no write of the old state any more, whatever was handed out or is being read', async () => {
    const { applier, store, storage, told } = setUp({ maxWriteEntries: 1 })
    const done = Promise.withResolvers<void>()
    const write = store.write.bind(store)
    store.write = async (...args) => {
      await write(...args)
      await done.promise
    }
    const received = new MemoryStateStore()
    received.meta = { ...store.meta, appliedIndex: 9, appliedTerm: 1 } satisfies StateMeta
    storage.adoptState = async () => {
      storage.state = received as RecordingStore
    }
    applier.apply([membershipEntry(1, [member('a')]), pins(2), pins(3)])
    await settle(applier)
    applier.supersede()
    done.resolve()
    await settle(applier)
    applier.restore({ id: 's', term: 1, index: 9, membership: new Uint8Array(0), membershipIndex: 0 })
    await settle(applier)
    expect(store.writes.map(({ appliedIndex }) => appliedIndex)).toEqual([1])
    expect(told).toEqual(['applied 1', 'restored 9'])
    storage.state = store
    applier.apply([entryOf(10, 'noop')])
    applier.supersede()
    await settle(applier)
    expect(store.writes).toHaveLength(1)
  })

  it('supersede() passes over what the old state cannot give any more; without it, applying stops', async () => {
    const reading = (isSuperseded: boolean) => {
      const { applier, store, storage, told } = setUp()
      const read = Promise.withResolvers<never>()
      store.getMany = () => read.promise
      const received = new MemoryStateStore()
      received.meta = { ...store.meta, appliedIndex: 9, appliedTerm: 1 } satisfies StateMeta
      storage.adoptState = async () => {
        storage.state = received as RecordingStore
      }
      applier.apply([membershipEntry(1, [member('a')]), pins(2)])
      if (isSuperseded) applier.supersede()
      return { applier, told, fail: () => read.reject(new CorruptError('row')) }
    }
    const stopped = reading(false)
    stopped.fail()
    await settle(stopped.applier)
    expect(stopped.told).toEqual(['stopped CorruptError'])
    const superseded = reading(true)
    superseded.applier.restore({ id: 's', term: 1, index: 9, membership: new Uint8Array(0), membershipIndex: 0 })
    superseded.fail()
    await settle(superseded.applier)
    expect(superseded.told).toEqual(['restored 9'])
    expect(superseded.applier.stopCause).toBeNull()
  })

  it('openSnapshot() waits for the telling of a write that it has seen before it was done', async () => {
    const { applier, store, inputs } = setUp()
    const done = Promise.withResolvers<void>()
    store.write = (write) => {
      store.writeNow(write)
      return done.promise
    }
    applier.apply([membershipEntry(1, [member('a')])])
    await settle(applier)
    let opened = 0
    const opening = applier.openSnapshot().then(({ meta }) => (opened = meta.appliedIndex))
    await settle(applier)
    expect(opened).toBe(0)
    done.resolve()
    await opening
    expect(opened).toBe(1)
    expect(inputs).toEqual([{ kind: 'applied', index: 1 }])
  })

  it('openSnapshot() gives nothing of a write that has failed', async () => {
    const { applier, store } = setUp()
    const done = Promise.withResolvers<void>()
    store.write = (write) => {
      store.writeNow(write)
      return done.promise
    }
    applier.apply([membershipEntry(1, [member('a')])])
    await settle(applier)
    const opening = applier.openSnapshot()
    done.reject(new Error('EIO'))
    await expect(opening).rejects.toThrow('the state at 1 is not applied')
  })

  it('AP9 a write that holds a membership is synced, others are not', async () => {
    const { applier, store } = setUp({ maxWriteEntries: 2 })
    applier.apply([membershipEntry(1, [member('a')]), pins(2), pins(3), pins(4), membershipEntry(5, [member('a')])])
    await settle(applier)
    expect(store.writes).toEqual([
      { appliedIndex: 2, sync: true },
      { appliedIndex: 4, sync: false },
      { appliedIndex: 5, sync: true },
    ])
  })

  it('the log is compacted after a synced write, less the trailing entries, and not past the floor', async () => {
    const { applier, store, inputs, floor } = setUp({ compactAfterEntries: 10, trailingEntries: 3 })
    applier.apply([membershipEntry(1, [member('a')]), ...Array.from({ length: 9 }, (_, at) => pins(at + 2))])
    await settle(applier)
    expect(compacted(inputs)).toEqual([])
    floor.index = 6
    applier.apply([pins(11)])
    await settle(applier)
    expect(compacted(inputs)).toEqual([6])
    expect(store.writes.at(-1)).toEqual({ appliedIndex: 11, sync: true })
    floor.index = Infinity
    applier.apply(Array.from({ length: 6 }, (_, at) => pins(at + 12)))
    await settle(applier)
    expect(compacted(inputs)).toEqual([6, 14])
    const synced = store.writes.flatMap(({ appliedIndex, sync }) => (sync ? [appliedIndex] : []))
    expect(synced).toEqual([10, 11, 17]) // AP9, AP4, AP4
  })

  it('the log is compacted by bytes too, and keeps at most half of it then', async () => {
    const { applier, inputs } = setUp({ compactAfterBytes: 1_000 })
    applier.apply([membershipEntry(1, [member('a')]), ...Array.from({ length: 19 }, (_, at) => pins(at + 2))])
    await settle(applier)
    expect(compacted(inputs)).toEqual([10])
  })

  it('restore() follows what was handed out before, and the state never goes back', async () => {
    const { applier, store, storage, inputs, told } = setUp()
    const received = new MemoryStateStore()
    received.meta = { ...store.meta, appliedIndex: 9, appliedTerm: 1 } satisfies StateMeta
    storage.adoptState = async () => {
      storage.state = received as RecordingStore
    }
    const snapshot: SnapshotMeta = { id: 's', term: 1, index: 9, membership: new Uint8Array(0), membershipIndex: 0 }
    applier.apply([membershipEntry(1, [member('a')])])
    applier.restore(snapshot)
    await settle(applier)
    expect(told).toEqual(['applied 1', 'restored 9'])
    expect(inputs.at(-1)).toEqual({ kind: 'applied', index: 9 })
    applier.restore({ ...snapshot, index: 4 })
    await settle(applier)
    expect(told.at(-1)).toBe('stopped InvariantViolation')
  })
})
