/** The log against a simple array: random persist operations, crashes at random places, restarts. */
import assert from 'node:assert/strict'
import { isDeepStrictEqual } from 'node:util'

import type { Entry, HardState } from '@pinset/raft'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { MemoryDisk, openStorage } from '../../src/index.ts'
import type { Storage } from '../../src/index.ts'
import { base, entry, meta, openFresh, persister, readAll, snapshotAt } from '../support/storages.ts'

/** What a log holds, without a thought for disks. */
interface Model {
  readonly hardState: HardState
  readonly base: { readonly index: number; readonly term: number }
  readonly entries: readonly Entry[]
}

type Step =
  | { readonly kind: 'append'; readonly count: number; readonly bumpTerm: boolean }
  | { readonly kind: 'rewrite'; readonly back: number; readonly count: number }
  | { readonly kind: 'vote' }
  | { readonly kind: 'compact'; readonly ahead: number }
  | { readonly kind: 'install'; readonly ahead: number; readonly keep: boolean }

type Command =
  | { readonly kind: 'write'; readonly steps: readonly Step[] }
  /** The next writes, until the crash: at this write or sync. */
  | { readonly kind: 'crash'; readonly at: number; readonly phase: 'write' | 'sync'; readonly keep: number }
  | { readonly kind: 'restart'; readonly keep: number }

const stepArbitrary: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      count: fc.integer({ min: 1, max: 5 }),
      bumpTerm: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('rewrite' as const),
      back: fc.integer({ min: 1, max: 6 }),
      count: fc.integer({ min: 0, max: 6 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('vote' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('compact' as const), ahead: fc.integer({ min: 0, max: 6 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('install' as const),
      ahead: fc.integer({ min: 0, max: 12 }),
      keep: fc.boolean(),
    }),
  },
)

const commandArbitrary: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      steps: fc.array(stepArbitrary, { minLength: 1, maxLength: 4 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('crash' as const),
      at: fc.integer({ min: 1, max: 6 }),
      phase: fc.constantFrom('write' as const, 'sync' as const),
      keep: fc.nat(4),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const), keep: fc.nat(4) }) },
)

const lastOf = (model: Model) => model.entries.at(-1) ?? model.base
/** Bytes differ by where and when an entry was written, so that a stale one is told from a new one. */
let serial = 0
const make = (index: number, term: number): Entry => entry(index, term, `${index}/${term}/${serial++}`)

function run(model: Model, { count, from }: { readonly count: number; readonly from: number }) {
  return Array.from({ length: count }, (_, at) => make(from + at, model.hardState.term))
}

/** The operation for one step, and the model after it. */
async function plan(step: Step, model: Model, storage: Storage) {
  const last = lastOf(model)
  switch (step.kind) {
    case 'append': {
      const bumpTerm = step.bumpTerm || model.hardState.term === 0
      const hardState = bumpTerm ? { term: model.hardState.term + 1, vote: 'b' } : model.hardState
      const added = run({ ...model, hardState }, { count: step.count, from: last.index + 1 })
      return {
        op: { ...(bumpTerm ? { hardState } : {}), entries: added },
        next: { ...model, hardState, entries: [...model.entries, ...added] },
      }
    }
    case 'rewrite': {
      const from = Math.max(model.base.index + 1, storage.state.meta.appliedIndex + 1, last.index + 1 - step.back)
      const hardState = { term: model.hardState.term + 1, vote: null }
      const added = run({ ...model, hardState }, { count: step.count, from })
      const kept = model.entries.filter(({ index }) => index < from)
      return {
        op: { hardState, truncateFrom: from, entries: added },
        next: { ...model, hardState, entries: [...kept, ...added] },
      }
    }
    case 'vote': {
      const hardState = { term: model.hardState.term + 1, vote: 'c' }
      return { op: { hardState }, next: { ...model, hardState } }
    }
    case 'compact': {
      const index = Math.min(last.index, model.base.index + step.ahead, storage.state.meta.appliedIndex)
      const target = model.entries.find((each) => each.index === index) ?? model.base
      const to = { index: target.index, term: target.term }
      return {
        op: { compact: { ...base(to.index, to.term), membershipIndex: Math.min(1, to.index) } },
        next: { ...model, base: to, entries: model.entries.filter((each) => each.index > to.index) },
      }
    }
    case 'install': {
      const index = Math.max(1, storage.state.meta.appliedIndex, model.base.index + step.ahead)
      const held = model.entries.find((each) => each.index === index)
      const term = held?.term ?? (index === model.base.index ? model.base.term : Math.max(1, model.hardState.term))
      const keepEntries = step.keep && held !== undefined
      const receiver = await storage.receiveState()
      await receiver.finish(meta(index, { appliedTerm: term }))
      const hardState = { ...model.hardState, term: Math.max(term, model.hardState.term) }
      const kept = keepEntries ? model.entries.filter((each) => each.index > index) : []
      return {
        op: { hardState, installSnapshot: { snapshot: snapshotAt(index, term), keepEntries } },
        next: { hardState, base: { index, term }, entries: kept },
      }
    }
  }
}

class Run {
  readonly disk = new MemoryDisk()
  storage!: Storage
  write!: ReturnType<typeof persister>
  acknowledged: Model = { hardState: { term: 0, vote: null }, base: { index: 0, term: 0 }, entries: [] }
  /** What may be on disk instead: the write that the crash cut off. */
  pending: Model | null = null
  keep = 0
  crashes = 0

  async start() {
    this.storage = await openFresh(this.disk.mount(), { storageId: 'a', cluster: null } as never)
    this.write = persister(this.storage)
  }

  async steps(steps: readonly Step[]) {
    let model = this.acknowledged
    let isInstalled = false
    const ops = []
    for (const each of steps) {
      // One switch in a write: the next needs it adopted.
      if (isInstalled && (each.kind === 'install' || each.kind === 'compact')) continue
      const { op, next } = await plan(each, model, this.storage)
      isInstalled ||= each.kind === 'install'
      ops.push(op)
      model = next
    }
    this.pending = model
    await this.write(...ops)
    this.acknowledged = model
    this.pending = null
    if (isInstalled) await this.storage.adoptState()
    const { appliedIndex } = this.storage.state.meta
    const applied = model.entries.find(({ index }) => index === appliedIndex + 2)
    if (applied !== undefined) {
      const next = meta(applied.index, { appliedTerm: applied.term })
      await this.storage.state.write({ puts: [], deletes: [], meta: next }, { sync: true })
    }
  }

  async reopen() {
    this.crashes++
    this.disk.intercept = null
    this.disk.crash({ keep: () => this.keep })
    this.storage = await openStorage(this.disk.mount())
    this.write = persister(this.storage)
    assert.equal(this.storage.damage, null)
    const { hardState, base: found, lastIndex, termRuns, votingSuspended } = this.storage.log.boot
    const stored: Model = {
      hardState,
      base: { index: found.index, term: found.term },
      entries: await readAll(this.storage),
    }
    assert.equal(votingSuspended, false)
    assert.equal(lastOf(stored).index, lastIndex)
    assert.deepEqual(
      termRuns,
      stored.entries
        .filter(({ term }, at) => term !== stored.entries[at - 1]?.term)
        .map(({ term, index }) => ({ term, index })),
    )
    // A write that the crash has cut off is there whole, or not at all.
    const isPending = this.pending !== null && isDeepStrictEqual(stored, this.pending)
    if (!isPending) assert.deepEqual(stored, this.acknowledged)
    this.acknowledged = stored
    this.pending = null
  }

  async carryOut(command: Command) {
    if (command.kind === 'restart') {
      this.keep = command.keep
      await this.reopen()
      return
    }
    if (command.kind === 'crash') {
      const { writes, syncs } = this.disk.counts
      const target = (command.phase === 'write' ? writes : syncs) + command.at
      this.keep = command.keep
      this.disk.intercept = ({ phase, number }) => {
        if (phase === command.phase && number === target) this.disk.crash({ keep: () => this.keep })
      }
      return
    }
    try {
      await this.steps(command.steps)
    } catch (err) {
      if (!(err as Error).message.includes('has crashed')) throw err
      await this.reopen()
    }
  }
}

describe('LogStore against an array', () => {
  it('everything acknowledged is there after a crash, nothing unwritten appears, order is preserved', async () => {
    let crashes = 0
    await fc.assert(
      fc.asyncProperty(fc.array(commandArbitrary, { minLength: 3, maxLength: 25 }), async (commands) => {
        const run = new Run()
        await run.start()
        for (const each of commands) await run.carryOut(each)
        await run.reopen()
        await run.storage.close()
        crashes += run.crashes
      }),
      { numRuns: 1500 },
    )
    expect(crashes).toBeGreaterThan(3000)
  }, 60_000)
})
