import { describe, expect, it } from 'vitest'

import type { Entry, EntryId, Message, SnapshotMeta } from '../src/index.ts'
import { Bench, Cluster, ELECTION_TICKS, HEARTBEAT_TICKS } from './cluster.ts'
import { Disk, diskWith, encodeMembership, op } from './disk.ts'

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
