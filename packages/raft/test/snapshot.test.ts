import { describe, expect, it } from 'vitest'

import type { Entry, EntryId, Message } from '../src/index.ts'
import { Bench, Cluster, ELECTION_TICKS } from './cluster.ts'
import { diskWith, encodeMembership, present } from './disk.ts'

const ABC = ['a', 'b', 'c']

function append(term: number, prev: EntryId, entries: Entry[] = [], commitIndex = 0): Message {
  return { kind: 'appendEntries', from: 'b', to: 'a', term, prev, entries, commitIndex, readRound: 0 }
}

/** Three, of which c was away while the others went on and compacted. */
function behind(): Cluster {
  const cluster = Cluster.of(ABC)
  cluster.elect('a')
  cluster.run(3)
  cluster.cut('c')
  for (const value of ['1', '2', '3', '4', '5']) cluster.propose('a', value)
  cluster.settle()
  cluster.node('a').step({ kind: 'compact', index: 6 })
  cluster.heal()
  return cluster
}

function progressOf(cluster: Cluster, id = 'c') {
  return cluster.node('a').status.progress.find((item) => item.id === id)
}

describe('compact', () => {
  it('drops the log up to the index, with the membership in force there', () => {
    const cluster = Cluster.of(ABC)
    cluster.elect('a')
    cluster.change('a', [...ABC, 'd'])
    cluster.propose('a', 'x')
    cluster.settle()
    cluster.node('a').step({ kind: 'compact', index: 3 })
    expect(cluster.node('a').disk.base).toEqual({
      term: 2,
      index: 3,
      membership: encodeMembership([...ABC, 'd']),
      membershipIndex: 3,
    })
    expect(cluster.node('a').disk.entries.map(({ index }) => index)).toEqual([4])
  })

  it('does not go above what is applied', () => {
    const bench = new Bench('a', diskWith(ABC, [], [1, 1]), { manualApply: true })
    bench.receive(append(1, { term: 1, index: 3 }, [], 3))
    bench.step({ kind: 'compact', index: 3 })
    expect(bench.status.base.index).toBe(0)
    bench.step({ kind: 'applied', index: 2 })
    bench.step({ kind: 'compact', index: 3 })
    expect(bench.status.base.index).toBe(2)
  })

  it('twice at the same index, or backwards, is nothing', () => {
    const bench = new Bench('a', diskWith(ABC, [], [1, 1]))
    bench.receive(append(1, { term: 1, index: 3 }, [], 3))
    bench.step({ kind: 'compact', index: 2 })
    const writes = bench.node.readys.flatMap(({ persist }) => persist).length
    bench.step({ kind: 'compact', index: 2 })
    bench.step({ kind: 'compact', index: 1 })
    expect(bench.node.readys.flatMap(({ persist }) => persist)).toHaveLength(writes)
  })

  it('keeps memberships right over two compactions and a restart (P33)', () => {
    const cluster = Cluster.of(ABC)
    cluster.elect('a')
    cluster.change('a', [...ABC, 'd'])
    cluster.settle()
    cluster.change('a', ABC)
    cluster.settle()
    for (const index of [2, 3, 4]) cluster.node('a').step({ kind: 'compact', index })
    cluster.checkAll()
    cluster.node('a').restart()
    expect(cluster.node('a').status).toMatchObject({
      base: { index: 4, membershipIndex: 4 },
      membership: { index: 4, membership: { voters: ABC } },
    })
    cluster.checkAll()
  })

  it('a restarted leader with a log that is compacted to its end needs no snapshots for those who are level', () => {
    const cluster = Cluster.of(ABC)
    cluster.elect('a')
    cluster.run(3)
    for (const node of cluster.nodes.values()) node.step({ kind: 'compact', index: 99 })
    for (const node of cluster.nodes.values()) node.restart()
    cluster.autoSnapshots = false
    cluster.elect('b')
    cluster.run(3)
    expect(cluster.wanted).toEqual([])
    expect(cluster.node('b').status.commitIndex).toBe(3)
  })

  it('waits for a load whose entries it would remove', () => {
    const cluster = Cluster.of(ABC, { maxCachedBytes: 1, maxBytesPerMessage: 100, maxInflightBytes: 100 })
    cluster.elect('a')
    cluster.run(3)
    cluster.cut('c')
    for (const value of ['1', '2', '3']) cluster.propose('a', value)
    cluster.settle()
    cluster.heal()
    cluster.node('a').manualLoads = true
    cluster.run(4)
    const [load] = cluster.node('a').pendingLoads
    expect(load?.from).toBe(3)
    cluster.node('a').step({ kind: 'compact', index: 5 })
    expect(cluster.node('a').status.base.index).toBe(2)
    cluster.node('a').answerLoads()
    cluster.node('a').step({ kind: 'compact', index: 5 })
    expect(cluster.node('a').status.base.index).toBe(5)
  })
})

describe('snapshot (leader)', () => {
  it('a follower behind the log is brought up by a snapshot, and then by entries (P37)', () => {
    const cluster = behind()
    cluster.run(6)
    expect(cluster.node('c').disk.state).toEqual(cluster.node('a').disk.state)
    expect(cluster.node('c').readys.flatMap(({ restore }) => (restore ? [restore.index] : []))).toEqual([7])
    expect(progressOf(cluster)).toMatchObject({ state: 'replicate', matchIndex: 7 })
    cluster.propose('a', 'more')
    cluster.settle()
    expect(cluster.node('c').status.lastId.index).toBe(8)
  })

  it('asks for it once, and sends it when it was opened', () => {
    const cluster = behind()
    cluster.autoSnapshots = false
    cluster.run(8)
    expect(cluster.wanted).toHaveLength(1)
    expect(progressOf(cluster)).toMatchObject({ state: 'snapshot', paused: true, pendingSnapshot: null })
    cluster.openWanted()
    expect(progressOf(cluster)).toMatchObject({ pendingSnapshot: 7 })
    expect(cluster.log.filter((line) => line.includes('installSnapshot'))).toHaveLength(1)
    cluster.run(8)
    expect(cluster.wanted).toHaveLength(0)
  })

  it('asks for none for a follower that does not answer', () => {
    const cluster = behind()
    cluster.autoSnapshots = false
    cluster.cut('c')
    cluster.run(3 * ELECTION_TICKS)
    expect(cluster.wanted).toEqual([])
  })

  it('the log is not compacted past an open transfer (P37)', () => {
    const cluster = behind()
    cluster.autoSnapshots = false
    cluster.run(4)
    cluster.openWanted()
    for (const value of ['6', '7', '8']) cluster.propose('a', value)
    cluster.settle()
    cluster.node('a').step({ kind: 'compact', index: 10 })
    expect(cluster.node('a').status.base.index).toBe(7)
    cluster.finishSnapshots()
    cluster.run(4)
    expect(progressOf(cluster)).toMatchObject({ state: 'replicate' })
    cluster.node('a').step({ kind: 'compact', index: 10 })
    expect(cluster.node('a').status.base.index).toBe(10)
  })

  it('a failed transfer is tried again after a back-off that grows', () => {
    const cluster = behind()
    cluster.autoSnapshots = false
    cluster.run(4)
    const waits: number[] = []
    for (let attempt = 0; attempt < 3; attempt += 1) {
      expect(cluster.wanted).toHaveLength(1)
      cluster.openWanted()
      cluster.messages = cluster.messages.filter(({ kind }) => kind !== 'installSnapshot')
      cluster.arriving = []
      cluster.node('a').step({ kind: 'snapshotSent', to: 'c', received: false })
      let ticks = 0
      while (cluster.wanted.length === 0 && ticks < 500) {
        cluster.run(1)
        ticks += 1
      }
      waits.push(ticks)
    }
    expect(waits[0]).toBeGreaterThanOrEqual(ELECTION_TICKS)
    expect(waits[1]).toBeGreaterThan(present(waits[0]))
    expect(waits[2]).toBeGreaterThan(present(waits[1]))
  })

  it('a snapshot that could not be opened is a failure too', () => {
    const cluster = behind()
    cluster.autoSnapshots = false
    cluster.run(4)
    cluster.wanted = []
    cluster.node('a').step({ kind: 'snapshotSent', to: 'c', received: false })
    expect(progressOf(cluster)).toMatchObject({ state: 'probe' })
    cluster.run(2 * ELECTION_TICKS)
    expect(cluster.wanted).toHaveLength(1)
  })

  it('the end of the transfer is not taken for its installation: nothing is sent again while that lasts', () => {
    const cluster = behind()
    cluster.autoSnapshots = false
    cluster.run(4)
    cluster.openWanted()
    while (cluster.arriving.length === 0) cluster.deliver()
    cluster.node('a').step({ kind: 'snapshotSent', to: 'c', received: true })
    cluster.run(4)
    expect(cluster.wanted).toEqual([])
    cluster.finishSnapshots()
    cluster.run(4)
    expect(progressOf(cluster)).toMatchObject({ state: 'replicate', matchIndex: 7 })
    expect(cluster.wanted).toEqual([])
  })

  it('an answer that shows the follower beyond ends the transfer', () => {
    const cluster = behind()
    cluster.autoSnapshots = false
    cluster.run(4)
    cluster.openWanted()
    const { term } = cluster.node('a').status
    cluster.node('a').step({
      kind: 'message',
      message: {
        kind: 'appendEntriesResponse',
        from: 'c',
        to: 'a',
        term,
        readRound: 0,
        outcome: { kind: 'accepted', matchIndex: 7 },
      },
    })
    expect(progressOf(cluster)).toMatchObject({ state: 'replicate', matchIndex: 7 })
    cluster.node('a').step({ kind: 'snapshotSent', to: 'c', received: false })
    expect(progressOf(cluster)).toMatchObject({ state: 'replicate', matchIndex: 7 })
  })

  it('a snapshot that was opened too late, or for nobody, is not sent', () => {
    const cluster = behind()
    cluster.autoSnapshots = false
    cluster.run(4)
    const snapshot = cluster.snapshotOf(cluster.node('a'))
    cluster.node('a').step({ kind: 'snapshotOpened', to: 'b', snapshot })
    cluster.node('b').step({ kind: 'snapshotOpened', to: 'c', snapshot })
    expect(cluster.log.filter((line) => line.includes('installSnapshot'))).toEqual([])
  })

  it('a snapshot older than the compacted log is asked for anew', () => {
    const cluster = behind()
    cluster.autoSnapshots = false
    cluster.run(4)
    const old = cluster.snapshotOf(cluster.node('a'))
    cluster.propose('a', '6')
    cluster.settle()
    cluster.node('a').step({ kind: 'compact', index: 8 })
    cluster.node('a').step({ kind: 'snapshotOpened', to: 'c', snapshot: old })
    expect(cluster.log.filter((line) => line.includes('installSnapshot'))).toEqual([])
    expect(cluster.wanted).toHaveLength(2)
  })
})
