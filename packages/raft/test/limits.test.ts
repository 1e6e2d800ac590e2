import { describe, expect, it } from 'vitest'

import { type Entry, type EntryId, type Message } from '../src/index.ts'
import { Bench, Cluster } from './cluster.ts'
import { diskWith, op } from './disk.ts'

const ABC = ['a', 'b', 'c']

function append(prev: EntryId, entries: Entry[], changes: Partial<Message> = {}): Message {
  return {
    kind: 'appendEntries',
    from: 'b',
    to: 'a',
    term: 2,
    prev,
    entries,
    commitIndex: 0,
    readRound: 0,
    ...changes,
  } as Message
}

describe('limits', () => {
  it('proposals are busy once too many bytes wait for their commit, and taken again afterwards', () => {
    const cluster = Cluster.of(ABC, { maxUncommittedBytes: 300 })
    cluster.elect('a')
    cluster.run(2)
    cluster.passes = () => false
    const contexts = [1, 2, 3].map(() => cluster.propose('a', 'x'.repeat(100)))
    expect(cluster.node('a').dropped.map(({ context, reason }) => [context, reason])).toEqual([[contexts[2], 'busy']])
    expect(cluster.node('a').status.uncommittedBytes).toBe(264)
    cluster.heal()
    cluster.run(4)
    expect(cluster.node('a').status.uncommittedBytes).toBe(0)
    expect(cluster.node('a').accepted.has(cluster.propose('a', 'x'))).toBe(true)
  })

  it('one entry larger than the limit is taken when nothing else waits', () => {
    const cluster = Cluster.of(ABC, { maxUncommittedBytes: 100 })
    cluster.elect('a')
    cluster.run(2)
    expect(cluster.node('a').accepted.has(cluster.propose('a', 'x'.repeat(500)))).toBe(true)
  })

  it('entries wait to be applied while too many bytes are with the state machine', () => {
    const bench = new Bench('a', diskWith(ABC), { maxApplyingBytes: 100, manualApply: true })
    const entries = [2, 3, 4, 5].map((index) => op(1, index, 'x'.repeat(30)))
    bench.receive(append({ term: 1, index: 1 }, entries, { commitIndex: 5 }))
    const handedOut = (): number[] => bench.node.readys.flatMap(({ apply }) => apply.map(({ index }) => index))
    expect(handedOut()).toEqual([1, 2])
    bench.step({ kind: 'applied', index: 1 })
    expect(handedOut()).toEqual([1, 2, 3])
    bench.node.reportApplied()
    bench.node.reportApplied()
    expect(handedOut()).toEqual([1, 2, 3, 4, 5])
  })

  it('reads are busy once too many wait', () => {
    const cluster = Cluster.of(ABC, { maxPendingReads: 2 })
    cluster.elect('a')
    cluster.passes = () => false
    const contexts = [1, 2, 3].map(() => cluster.read('a'))
    expect(cluster.node('a').dropped).toMatchObject([{ context: contexts[2], reason: 'busy' }])
  })

  it('memory holds no more than the limit of entries that are durable', () => {
    const cluster = Cluster.of(['a'], { maxCachedBytes: 1000 })
    cluster.elect('a')
    for (let at = 0; at < 200; at += 1) cluster.propose('a', 'x'.repeat(50))
    expect(cluster.node('a').status.cachedBytes).toBeLessThanOrEqual(1000)
    expect(cluster.node('a').status.appliedIndex).toBe(202)
    cluster.checkAll()
  })

  it('what is not durable stays in memory whatever the limit', () => {
    const bench = new Bench('a', diskWith(ABC), { maxCachedBytes: 1, manualSync: true })
    bench.receive(append({ term: 1, index: 1 }, [op(2, 2), op(2, 3)]))
    expect(bench.status.cachedBytes).toBeGreaterThan(64)
    bench.node.sync()
    bench.tick()
    bench.raft.takeReady()
    expect(bench.status.cachedBytes).toBe(0)
  })
})
