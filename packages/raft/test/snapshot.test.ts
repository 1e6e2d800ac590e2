import { describe, expect, it } from 'vitest'

import type { Entry, EntryId, Message, SnapshotMeta } from '../src/index.ts'
import {
  Bench,
  Cluster,
  Disk,
  diskWith,
  ELECTION_TICKS,
  encodeMembership,
  HEARTBEAT_TICKS,
  op,
  present,
} from './cluster.ts'

const ABC = ['a', 'b', 'c']
const MEMBERSHIP = encodeMembership(ABC)

function meta(term: number, index: number, id = `s${index}`): SnapshotMeta {
  return { id, term, index, membership: MEMBERSHIP, membershipIndex: 1 }
}

function install(snapshot: SnapshotMeta, term = 3): Message {
  return { kind: 'installSnapshot', from: 'b', to: 'a', term, snapshot }
}

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

describe('snapshot (receiver)', () => {
  function receiver(terms: readonly number[] = [1, 1], options = {}): Bench {
    return new Bench('a', diskWith(ABC, [], terms, 3), options)
  }

  it('is received, written, and only when durable restored and acknowledged', () => {
    const bench = receiver()
    bench.node.manualSync = true
    bench.receive(install(meta(2, 9)))
    expect(bench.node.readys.at(-1)?.receive).toEqual({ from: 'b', snapshot: meta(2, 9) })
    expect(bench.node.readys.flatMap(({ persist }) => persist)).toEqual([])
    bench.step({ kind: 'snapshotReceived', snapshot: meta(2, 9) })
    expect(bench.node.readys.at(-1)).toMatchObject({
      persist: [{ installSnapshot: { snapshot: meta(2, 9), keepEntries: false } }],
      restore: null,
    })
    expect(bench.sent()).toEqual([])
    bench.node.sync()
    expect(bench.node.readys.at(-1)?.restore).toEqual(meta(2, 9))
    expect(bench.sent()).toMatchObject([
      { kind: 'appendEntriesResponse', outcome: { kind: 'accepted', matchIndex: 9 } },
    ])
    expect(bench.status).toMatchObject({
      commitIndex: 9,
      appliedIndex: 9,
      durableIndex: 9,
      lastId: { term: 2, index: 9 },
      receipt: null,
    })
  })

  it('resets the election timer, by the rules of terms', () => {
    const bench = receiver()
    bench.tick(ELECTION_TICKS - 1)
    bench.receive(install(meta(2, 9)))
    expect(bench.status).toMatchObject({ leader: 'b', term: 3 })
    bench.tick(ELECTION_TICKS - 1)
    expect(bench.status.leader).toBe('b')
    bench.sent()
    bench.receive(install(meta(2, 9), 2))
    expect(bench.sent()).toMatchObject([{ kind: 'appendEntriesResponse', term: 3, outcome: { kind: 'rejected' } }])
  })

  it('that is not ahead is answered with the commit index and not received', () => {
    const bench = receiver([1, 1, 1])
    bench.receive(append(3, { term: 1, index: 4 }, [], 4))
    bench.sent()
    bench.receive(install(meta(1, 3)))
    expect(bench.sent()).toMatchObject([{ outcome: { kind: 'accepted', matchIndex: 4 } }])
    expect(bench.node.readys.every(({ receive }) => receive === null)).toBe(true)
  })

  it('whose last entry the log holds is not needed: the commit index follows', () => {
    const bench = receiver([1, 1, 1])
    bench.receive(install(meta(1, 3)))
    expect(bench.node.readys.every(({ receive }) => receive === null)).toBe(true)
    expect(bench.status).toMatchObject({ commitIndex: 3, lastId: { index: 4 } })
    expect(bench.sent()).toMatchObject([{ outcome: { kind: 'accepted', matchIndex: 3 } }])
  })

  it('with another term at a committed index stops the node (P35)', () => {
    const bench = receiver([1, 1, 1])
    bench.receive(append(3, { term: 1, index: 4 }, [], 4))
    expect(() => bench.receive(install(meta(2, 3)))).toThrow('Z5')
  })

  it('drops a log that contradicts it, suffix and memberships included (P34)', () => {
    const disk = diskWith(ABC, [], [1], 3)
    disk.entries.push(
      { term: 1, index: 3, kind: 'membership', data: encodeMembership([...ABC, 'd']) },
      op(1, 4),
      op(1, 5),
    )
    const bench = new Bench('a', disk)
    expect(bench.status.membership?.index).toBe(3)
    bench.receive(install(meta(2, 4)))
    bench.step({ kind: 'snapshotReceived', snapshot: meta(2, 4) })
    expect(bench.node.disk.entries).toEqual([])
    expect(bench.status).toMatchObject({
      lastId: { term: 2, index: 4 },
      membership: { index: 1, membership: { voters: ABC } },
    })
    bench.raft.checkInvariants()
  })

  it('keeps entries after it when the log has got its last entry meanwhile (P34)', () => {
    const bench = receiver([1])
    bench.receive(install(meta(2, 3)))
    bench.receive(append(3, { term: 1, index: 2 }, [op(2, 3), op(2, 4)], 2))
    bench.step({ kind: 'snapshotReceived', snapshot: meta(2, 3) })
    expect(bench.node.readys.flatMap(({ persist }) => persist).at(-1)).toMatchObject({
      installSnapshot: { keepEntries: true },
    })
    expect(bench.node.disk.entries).toEqual([op(2, 4)])
    expect(bench.status).toMatchObject({ commitIndex: 3, appliedIndex: 3, lastId: { term: 2, index: 4 } })
    bench.raft.checkInvariants()
  })

  it('overtaken by entries is not installed', () => {
    const bench = receiver([1])
    bench.receive(install(meta(2, 3)))
    bench.receive(append(3, { term: 1, index: 2 }, [op(2, 3), op(2, 4)], 4))
    bench.sent()
    bench.step({ kind: 'snapshotReceived', snapshot: meta(2, 3) })
    expect(bench.node.readys.flatMap(({ persist }) => persist).some(({ installSnapshot }) => installSnapshot)).toBe(
      false,
    )
    expect(bench.sent()).toMatchObject([{ outcome: { kind: 'accepted', matchIndex: 4 } }])
  })

  it('entries that come while it is being written are kept, and applied after it (P38)', () => {
    const bench = receiver()
    bench.node.manualSync = true
    bench.receive(install(meta(2, 9)))
    bench.step({ kind: 'snapshotReceived', snapshot: meta(2, 9) })
    bench.receive(append(3, { term: 2, index: 9 }, [op(3, 10)], 10))
    bench.receive({ kind: 'heartbeat', from: 'b', to: 'a', term: 3, commitIndex: 10, readRound: 0 })
    expect(bench.node.readys.flatMap(({ apply }) => apply)).toEqual([])
    bench.node.sync()
    expect(bench.node.readys.every(({ apply, restore }) => restore === null || apply.length === 0)).toBe(true)
    expect(bench.node.disk.state.at(-1)).toEqual({ term: 3, index: 10 })
    expect(bench.status).toMatchObject({ commitIndex: 10, appliedIndex: 10 })
  })

  it('nothing is applied until the state machine says that it has switched (P38)', () => {
    const bench = receiver([1, 1], { manualApply: true })
    bench.receive(install(meta(2, 9)))
    bench.step({ kind: 'snapshotReceived', snapshot: meta(2, 9) })
    bench.receive(append(3, { term: 2, index: 9 }, [op(3, 10)], 10))
    expect(bench.status.receipt).toEqual({ kind: 'restoring', index: 9 })
    expect(bench.node.readys.flatMap(({ apply }) => apply)).toEqual([])
    bench.step({ kind: 'applied', index: 9 })
    expect(bench.node.readys.flatMap(({ apply }) => apply)).toEqual([op(3, 10)])
  })

  it('reports of entries applied before the switch do no harm', () => {
    const bench = receiver([1, 1], { manualApply: true })
    bench.receive(append(3, { term: 1, index: 3 }, [], 3))
    bench.receive(install(meta(2, 9)))
    bench.step({ kind: 'snapshotReceived', snapshot: meta(2, 9) })
    bench.step({ kind: 'applied', index: 3 })
    expect(bench.status).toMatchObject({ appliedIndex: 3, receipt: { kind: 'restoring' } })
    bench.step({ kind: 'applied', index: 9 })
    expect(bench.status).toMatchObject({ appliedIndex: 9, receipt: null })
  })

  it('waits for reads from the log that it would replace', () => {
    const bench = receiver([1, 1])
    bench.node.manualLoads = true
    bench.receive(append(3, { term: 1, index: 3 }, [], 3))
    expect(bench.node.pendingLoads).toHaveLength(1)
    bench.receive(install(meta(2, 9)))
    bench.step({ kind: 'snapshotReceived', snapshot: meta(2, 9) })
    expect(bench.status.receipt?.kind).toBe('received')
    bench.node.answerLoads()
    expect(bench.status).toMatchObject({ receipt: null, appliedIndex: 9 })
  })

  it('does not campaign until it has switched', () => {
    const bench = receiver([1, 1], { manualApply: true })
    bench.receive(install(meta(2, 9)))
    bench.step({ kind: 'snapshotReceived', snapshot: meta(2, 9) })
    bench.tick(5 * ELECTION_TICKS)
    bench.step({ kind: 'campaign' })
    expect(bench.status.role).toBe('follower')
    bench.step({ kind: 'applied', index: 9 })
    bench.step({ kind: 'campaign' })
    expect(bench.status.role).toBe('pre-candidate')
  })

  it('a newer offer replaces one that is being received, and none is taken while one is installed', () => {
    const bench = receiver([1, 1], { manualApply: true })
    bench.receive(install(meta(2, 9)))
    bench.receive(install(meta(2, 12)))
    bench.step({ kind: 'snapshotReceived', snapshot: meta(2, 9) })
    expect(bench.status.receipt).toEqual({ kind: 'receiving', index: 12 })
    bench.step({ kind: 'snapshotReceived', snapshot: meta(2, 12) })
    expect(bench.status.receipt).toEqual({ kind: 'restoring', index: 12 })
    bench.receive(install(meta(2, 20)))
    expect(bench.node.readys.flatMap(({ receive }) => (receive ? [receive.snapshot.index] : []))).toEqual([9, 12])
  })

  it('a failed receipt is forgotten', () => {
    const bench = receiver()
    bench.receive(install(meta(2, 9)))
    bench.step({ kind: 'snapshotReceiveFailed', snapshot: meta(2, 9) })
    expect(bench.status.receipt).toBeNull()
    bench.step({ kind: 'snapshotReceived', snapshot: meta(2, 9) })
    expect(bench.status.commitIndex).toBe(0)
  })

  it('a crash before the switch is durable leaves the old log and state', () => {
    const bench = receiver()
    bench.node.manualSync = true
    bench.receive(install(meta(2, 9)))
    bench.step({ kind: 'snapshotReceived', snapshot: meta(2, 9) })
    bench.node.crash()
    bench.node.restart()
    expect(bench.status).toMatchObject({ lastId: { term: 1, index: 3 }, commitIndex: 0 })
    bench.raft.checkInvariants()
  })

  it('a crash after the switch is durable finds the new ones', () => {
    const bench = receiver()
    bench.node.manualSync = true
    bench.receive(install(meta(2, 9)))
    bench.step({ kind: 'snapshotReceived', snapshot: meta(2, 9) })
    bench.node.crash(1)
    bench.node.restart()
    expect(bench.status).toMatchObject({
      base: { index: 9 },
      commitIndex: 9,
      appliedIndex: 9,
      membership: { index: 1 },
    })
  })

  it('with a membership that is none is ignored', () => {
    const bench = receiver()
    bench.receive(install({ ...meta(2, 9), membership: new Uint8Array([1]) }))
    expect(bench.status.receipt).toBeNull()
  })

  it('a node without anything becomes a member by a snapshot', () => {
    const cluster = Cluster.of(['a'])
    cluster.elect('a')
    for (const value of ['1', '2', '3']) cluster.propose('a', value)
    cluster.node('a').step({ kind: 'compact', index: 5 })
    cluster.add('n', new Disk())
    cluster.change('a', ['a'], ['n'])
    cluster.run(4 * HEARTBEAT_TICKS)
    expect(cluster.node('n').disk.state).toEqual(cluster.node('a').disk.state)
    expect(cluster.node('n').status.membership?.membership).toEqual({ voters: ['a'], learners: ['n'] })
  })

  it('does not campaign on votes for the log that goes', () => {
    const bench = receiver([1, 1])
    bench.receive(install(meta(2, 9)))
    bench.tick(2 * ELECTION_TICKS)
    expect(bench.status.role).toBe('pre-candidate')
    bench.step({ kind: 'snapshotReceived', snapshot: meta(2, 9) })
    expect(bench.status).toMatchObject({ role: 'follower', commitIndex: 9 })
  })
})
