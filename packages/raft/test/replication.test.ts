import { describe, expect, it } from 'vitest'

import type { AppendEntries, Entry, EntryId, Message } from '../src/index.ts'
import { Bench, Cluster, ELECTION_TICKS, HEARTBEAT_TICKS, type NodeOptions } from './cluster.ts'
import { diskWith, noop, op } from './disk.ts'

const ABC = ['a', 'b', 'c']

function append(term: number, prev: EntryId, entries: Entry[] = [], commitIndex = 0): Message {
  return { kind: 'appendEntries', from: 'b', to: 'a', term, prev, entries, commitIndex, readRound: 0 }
}

function ack(from: string, term: number, matchIndex: number): Message {
  return { kind: 'appendEntriesResponse', from, to: 'a', term, readRound: 0, outcome: { kind: 'accepted', matchIndex } }
}

function refusal(from: string, term: number, rejectedIndex: number, hint: EntryId): Message {
  return {
    kind: 'appendEntriesResponse',
    from,
    to: 'a',
    term,
    readRound: 0,
    outcome: { kind: 'rejected', rejectedIndex, hint },
  }
}

function beat(from: string, term: number): Message {
  return { kind: 'heartbeatResponse', from, to: 'a', term, readRound: 0 }
}

/** The leader of term `t` among three, before anybody has answered it. */
function leader(terms: readonly number[] = [], options: NodeOptions = {}): Bench {
  const bench = new Bench('a', diskWith(ABC, [], terms), options)
  bench.step({ kind: 'campaign' })
  bench.receive({ kind: 'preVoteResponse', from: 'b', to: 'a', term: bench.status.term + 1, granted: true })
  bench.receive({ kind: 'requestVoteResponse', from: 'b', to: 'a', term: bench.status.term, granted: true })
  return bench
}

function appends(bench: Bench, to = 'b'): AppendEntries[] {
  return bench
    .sent()
    .filter((message): message is AppendEntries => message.kind === 'appendEntries' && message.to === to)
}

function progress(bench: Bench, id = 'b') {
  const found = bench.status.progress.find((item) => item.id === id)
  if (found === undefined) throw new Error(`no progress of ${id}`)
  return found
}

describe('follower', () => {
  it('does not commit beyond what a message has been checked against (P3)', () => {
    // It holds two entries of a dead leader; the new one has committed others in their place.
    const bench = new Bench('a', diskWith(ABC, [], [1, 2, 2], 3))
    bench.receive(append(3, { term: 1, index: 2 }, [], 4))
    expect(bench.status.commitIndex).toBe(2)
    expect(bench.node.disk.stateIndex).toBe(2)
  })

  it('does not believe a commit index beyond its log', () => {
    const bench = new Bench('a', diskWith(ABC))
    bench.receive({ kind: 'heartbeat', from: 'b', to: 'a', term: 1, commitIndex: 50, readRound: 0 })
    expect(bench.status.commitIndex).toBe(0)
  })

  it('keeps its log when an old message arrives late (P2)', () => {
    const bench = new Bench('a', diskWith(ABC))
    bench.receive(append(1, { term: 1, index: 1 }, [op(1, 2), op(1, 3), op(1, 4)], 4))
    bench.receive(append(1, { term: 1, index: 1 }, [op(1, 2)], 2))
    bench.receive(append(1, { term: 0, index: 0 }, [], 1))
    expect(bench.status).toMatchObject({ commitIndex: 4, lastId: { term: 1, index: 4 } })
  })

  it('stops when a leader contradicts what is committed (P2)', () => {
    const bench = new Bench('a', diskWith(ABC))
    bench.receive(append(1, { term: 1, index: 1 }, [op(1, 2), op(1, 3)], 3))
    expect(() => bench.receive(append(5, { term: 1, index: 1 }, [op(5, 2)], 0))).toThrow('F1')
  })

  it('takes from a message that begins before its commit index what comes after it', () => {
    const bench = new Bench('a', diskWith(ABC))
    bench.receive(append(1, { term: 1, index: 1 }, [op(1, 2), op(1, 3)], 3))
    bench.sent()
    bench.receive(append(1, { term: 1, index: 1 }, [op(1, 2), op(1, 3), op(1, 4)], 4))
    expect(bench.sent()).toEqual([
      {
        kind: 'appendEntriesResponse',
        from: 'a',
        to: 'b',
        term: 1,
        readRound: 0,
        outcome: { kind: 'accepted', matchIndex: 4 },
      },
    ])
    expect(bench.status.commitIndex).toBe(4)
  })

  it('acknowledges only what the message brought, not its whole log', () => {
    const bench = new Bench('a', diskWith(ABC, [], [1, 2, 2], 3))
    bench.receive(append(3, { term: 1, index: 1 }, [op(1, 2)], 0))
    expect(bench.sent()).toMatchObject([{ outcome: { kind: 'accepted', matchIndex: 2 } }])
    expect(bench.status.lastId).toEqual({ term: 2, index: 4 })
  })

  it('acknowledges only when the entries are durable', () => {
    const bench = new Bench('a', diskWith(ABC), { manualSync: true })
    bench.receive(append(2, { term: 1, index: 1 }, [op(2, 2)], 0))
    expect(bench.sent()).toEqual([])
    bench.node.sync()
    expect(bench.sent()).toMatchObject([{ outcome: { kind: 'accepted', matchIndex: 2 } }])
  })

  it('answers a heartbeat at once', () => {
    const bench = new Bench('a', diskWith(ABC), { manualSync: true })
    bench.receive({ kind: 'heartbeat', from: 'b', to: 'a', term: 2, commitIndex: 0, readRound: 7 })
    expect(bench.sent()).toEqual([{ kind: 'heartbeatResponse', from: 'a', to: 'b', term: 2, readRound: 7 }])
  })

  it('points past a long tail of later terms in one answer', () => {
    const bench = new Bench('a', diskWith(ABC, [], [3, 3, 4, 4, 5, 5, 5, 6], 8))
    bench.receive(append(8, { term: 3, index: 8 }, [], 0))
    expect(bench.sent()).toMatchObject([
      { outcome: { kind: 'rejected', rejectedIndex: 8, hint: { term: 3, index: 3 } } },
    ])
  })
})

describe('replication', () => {
  it('leaves before the own sync', () => {
    const bench = leader([], { manualSync: false })
    bench.receive(ack('b', 2, 2))
    bench.node.manualSync = true
    bench.sent()
    bench.cluster.propose('a', 'x')
    expect(appends(bench).map(({ entries }) => entries.length)).toEqual([1])
    expect(bench.status.durableIndex).toBe(2)
  })

  it('the leader counts itself only with what is durable (P9)', () => {
    const bench = leader()
    bench.receive(ack('b', 2, 2))
    bench.node.manualSync = true
    bench.cluster.propose('a', 'x')
    bench.receive(ack('b', 2, 3))
    expect(bench.status.commitIndex).toBe(2)
    bench.node.sync()
    expect(bench.status.commitIndex).toBe(3)
  })

  it('others commit without it, but it does not apply what is not durable here (P9)', () => {
    const bench = leader()
    bench.receive(ack('b', 2, 2))
    bench.node.manualSync = true
    bench.cluster.propose('a', 'x')
    bench.receive(ack('b', 2, 3))
    bench.receive(ack('c', 2, 3))
    expect(bench.status).toMatchObject({ commitIndex: 3, appliedIndex: 2 })
    bench.node.sync()
    expect(bench.status.appliedIndex).toBe(3)
  })

  it('a voter alone does not commit before its sync (P9)', () => {
    const bench = new Bench('a', diskWith(['a']))
    bench.step({ kind: 'campaign' })
    bench.node.manualSync = true
    bench.cluster.propose('a', 'x')
    expect(bench.status).toMatchObject({ commitIndex: 2, appliedIndex: 2 })
    bench.node.crash()
    bench.node.restart()
    expect(bench.status.lastId.index).toBe(2)
  })

  it('probes one message at a time, then sends ahead', () => {
    const bench = leader()
    expect(appends(bench)).toHaveLength(1)
    for (const value of ['x', 'y']) bench.cluster.propose('a', value)
    expect(appends(bench)).toHaveLength(0)
    expect(progress(bench)).toMatchObject({ state: 'probe', paused: true })
    bench.receive(ack('b', 2, 2))
    expect(appends(bench).map(({ prev, entries }) => [prev.index, entries.length])).toEqual([[2, 2]])
    bench.cluster.propose('a', 'z')
    expect(appends(bench).map(({ prev, entries }) => [prev.index, entries.length])).toEqual([[4, 1]])
    expect(progress(bench)).toMatchObject({ state: 'replicate', matchIndex: 2, nextIndex: 6, inflight: 2 })
  })

  it('several proposals between two Readys share one message and one write', () => {
    const bench = leader()
    bench.receive(ack('b', 2, 2))
    bench.sent()
    for (let at = 0; at < 5; at += 1) bench.raft.step({ kind: 'propose', data: op(1, 1).data, context: at })
    const ready = bench.raft.takeReady()
    expect(ready.accepted.map(({ context, id }) => [context, id.index])).toEqual([
      [0, 3],
      [1, 4],
      [2, 5],
      [3, 6],
      [4, 7],
    ])
    expect(ready.persist.map(({ entries }) => entries?.length)).toEqual([5])
    expect(
      ready.send.flatMap((message) => (message.kind === 'appendEntries' ? [[message.to, message.entries.length]] : [])),
    ).toEqual([['b', 5]])
  })

  it('stops at the limit of messages in flight, and goes on when they are acknowledged', () => {
    const bench = leader([], { maxInflightMessages: 2 })
    bench.receive(ack('b', 2, 2))
    bench.sent()
    for (const value of ['1', '2', '3', '4']) bench.cluster.propose('a', value)
    expect(appends(bench)).toHaveLength(2)
    expect(progress(bench)).toMatchObject({ inflight: 2, paused: true })
    bench.receive(ack('b', 2, 3))
    expect(appends(bench).map(({ entries }) => entries.map(({ index }) => index))).toEqual([[5, 6]])
  })

  it('stops at the limit of bytes in flight', () => {
    const bench = leader([], { maxBytesPerMessage: 200, maxInflightBytes: 200 })
    bench.receive(ack('b', 2, 2))
    bench.sent()
    for (let at = 0; at < 4; at += 1) bench.cluster.propose('a', 'x'.repeat(100))
    expect(appends(bench)).toHaveLength(2)
    expect(progress(bench).inflightBytes).toBe(2 * 132)
  })

  it('cuts messages by entries and by bytes, and lets one large entry travel alone', () => {
    const bench = leader([], { maxEntriesPerMessage: 3, maxBytesPerMessage: 200 })
    bench.sent()
    for (const size of [1, 1, 1, 1, 500, 100, 100]) bench.cluster.propose('a', 'x'.repeat(size))
    bench.receive(ack('b', 2, 2))
    expect(appends(bench).map(({ entries }) => entries.length)).toEqual([3, 1, 1, 1, 1])
  })

  it('recovers when everything in flight is lost and nothing new is proposed (P13)', () => {
    const bench = leader([], { maxInflightMessages: 2 })
    bench.receive(ack('b', 2, 2))
    for (const value of ['1', '2', '3']) bench.cluster.propose('a', value)
    bench.sent() // lost
    bench.receive(beat('b', 2))
    const [empty] = appends(bench)
    expect(empty).toMatchObject({ prev: { index: 4 }, entries: [] })
    bench.receive(refusal('b', 2, 4, { term: 2, index: 2 }))
    expect(appends(bench).map(({ prev, entries }) => [prev.index, entries.length])).toEqual([[2, 3]])
  })

  it('a heartbeat`s answer unpauses a probe whose message was lost (P13)', () => {
    const bench = leader()
    bench.sent() // lost
    bench.receive(beat('b', 2))
    expect(appends(bench)).toHaveLength(1)
    expect(appends(bench)).toHaveLength(0)
  })

  it('unreachable makes it probe again', () => {
    const bench = leader()
    bench.receive(ack('b', 2, 2))
    bench.cluster.propose('a', 'x')
    bench.sent()
    bench.step({ kind: 'unreachable', node: 'b' })
    expect(progress(bench)).toMatchObject({ state: 'probe', matchIndex: 2, nextIndex: 3, inflight: 0 })
  })

  it('a stale refusal does not take a matched follower back (P12)', () => {
    const bench = leader([1, 1, 1])
    bench.receive(ack('b', 2, 5))
    bench.sent()
    bench.receive(refusal('b', 2, 4, { term: 1, index: 1 }))
    bench.receive(refusal('b', 2, 5, { term: 1, index: 2 }))
    expect(progress(bench)).toMatchObject({ state: 'replicate', matchIndex: 5, nextIndex: 6 })
    expect(appends(bench)).toEqual([])
  })

  it('an acknowledgement beyond the log is nonsense and changes nothing', () => {
    const bench = leader()
    bench.receive(ack('b', 2, 2))
    const before = bench.raft.describe()
    bench.receive(ack('c', 2, 99))
    expect(bench.raft.describe()).toBe(before)
  })

  it('acknowledgements of an earlier term are not counted', () => {
    const bench = leader([1, 1])
    bench.receive(ack('b', 1, 4))
    expect(progress(bench).matchIndex).toBe(0)
  })

  it('an acknowledgement that arrives late or twice does not lower the match (P12)', () => {
    const bench = leader()
    for (const value of ['x', 'y']) bench.cluster.propose('a', value)
    bench.receive(ack('b', 2, 4))
    bench.receive(ack('b', 2, 2))
    bench.receive(ack('b', 2, 4))
    expect(progress(bench)).toMatchObject({ matchIndex: 4, nextIndex: 5 })
  })

  it('finds the match in one refusal per term, not per entry', () => {
    const bench = new Bench('a', diskWith(ABC, [], [1, 3, 3, 5, 5, 5, 5, 5], 5))
    bench.step({ kind: 'campaign' })
    bench.receive({ kind: 'preVoteResponse', from: 'b', to: 'a', term: 6, granted: true })
    bench.receive({ kind: 'requestVoteResponse', from: 'b', to: 'a', term: 6, granted: true })
    bench.sent()
    // The follower has 1 1 1 1 2 2: nothing of term 3 or 5 can match at 2 or below.
    bench.receive(refusal('b', 6, 9, { term: 2, index: 7 }))
    expect(appends(bench)[0]?.prev).toEqual({ term: 1, index: 2 })
  })

  it('tells of a commit at once, without waiting for the next heartbeat', () => {
    const bench = leader()
    bench.receive(ack('b', 2, 2))
    bench.receive(ack('c', 2, 2))
    bench.cluster.propose('a', 'x')
    bench.sent()
    bench.receive(ack('b', 2, 3))
    expect(appends(bench, 'c').map(({ entries, commitIndex }) => [entries.length, commitIndex])).toEqual([[0, 3]])
  })

  it('a heartbeat never tells more than its receiver is known to hold (P4)', () => {
    const bench = leader()
    for (const value of ['x', 'y']) bench.cluster.propose('a', value)
    bench.receive(ack('b', 2, 4))
    bench.sent()
    bench.tick(HEARTBEAT_TICKS)
    const beats = bench
      .sent()
      .flatMap((message) => (message.kind === 'heartbeat' ? [[message.to, message.commitIndex]] : []))
    expect(beats).toEqual([
      ['b', 4],
      ['c', 0],
    ])
  })

  it('drops proposals at a node that does not lead, and names the leader', () => {
    const bench = new Bench('a', diskWith(ABC))
    bench.receive({ kind: 'heartbeat', from: 'b', to: 'a', term: 1, commitIndex: 0, readRound: 0 })
    const context = bench.cluster.propose('a', 'x')
    expect(bench.node.dropped).toEqual([{ context, reason: 'not-leader', leader: 'b', detail: expect.any(String) }])
  })

  it('a new leader replaces what the old one left uncommitted', () => {
    const cluster = Cluster.of(ABC)
    cluster.elect('a')
    cluster.cut('a')
    for (const value of ['lost 1', 'lost 2', 'lost 3']) cluster.propose('a', value)
    cluster.run(2 * ELECTION_TICKS)
    const leader = cluster.leader()
    expect(leader.id).not.toBe('a')
    cluster.propose(leader.id, 'kept')
    cluster.settle()
    cluster.heal()
    cluster.run(20)
    expect(cluster.node('a').disk.entries).toEqual(leader.disk.entries)
    expect(cluster.node('a').disk.entries.map((entry) => new TextDecoder().decode(entry.data))).not.toContain('lost 1')
  })

  it('brings a follower up whose entries are no longer in memory, by loads', () => {
    const cluster = Cluster.of(ABC, {
      maxCachedBytes: 200,
      maxBytesPerMessage: 150,
      maxInflightBytes: 300,
      maxApplyingBytes: 200,
    })
    cluster.elect('a')
    cluster.cut('c')
    for (let at = 0; at < 50; at += 1) cluster.propose('a', `value ${at}`)
    cluster.settle()
    cluster.heal()
    cluster.run(40)
    expect(cluster.node('a').status.cachedBytes).toBeLessThanOrEqual(200)
    expect(cluster.node('c').disk.entries).toEqual(cluster.node('a').disk.entries)
    expect(cluster.node('c').disk.stateIndex).toBe(52)
    expect(cluster.node('a').readys.some(({ loads }) => loads.length > 0)).toBe(true)
  })

  it('asks for one load at a time for each purpose, and ignores what it did not ask for', () => {
    const bench = new Bench('a', diskWith(ABC, [], [1, 1, 1, 1]))
    bench.node.manualLoads = true
    bench.receive(append(1, { term: 1, index: 5 }, [], 5))
    expect(bench.node.pendingLoads).toMatchObject([{ request: 1, from: 1, to: 5 }])
    bench.receive(append(1, { term: 1, index: 5 }, [op(1, 6)], 6))
    expect(bench.node.pendingLoads).toHaveLength(1)
    bench.step({ kind: 'entriesLoaded', request: 77, entries: [op(9, 1)] })
    bench.step({ kind: 'entriesLoaded', request: 1, entries: [op(9, 1)] })
    expect(bench.node.disk.stateIndex).toBe(0)
    bench.node.pendingLoads.shift()
    bench.node.answerLoads()
    expect(bench.node.disk.stateIndex).toBe(6)
  })

  it('does not truncate what is being read; the leader asks again', () => {
    const bench = leader([2, 2, 2], {})
    bench.node.manualLoads = true
    bench.receive(refusal('b', 3, 4, { term: 1, index: 1 }))
    bench.receive(ack('b', 3, 1))
    expect(bench.node.pendingLoads).toMatchObject([{ from: 2, to: 4 }])
    bench.sent()
    const replacing = append(4, { term: 1, index: 1 }, [op(4, 2)], 0)
    bench.receive(replacing)
    expect(bench.sent()).toEqual([])
    expect(bench.status.lastId.index).toBe(5)
    bench.node.answerLoads()
    bench.receive(replacing)
    expect(bench.sent()).toMatchObject([{ outcome: { kind: 'accepted', matchIndex: 2 } }])
    expect(bench.node.disk.entries.slice(1)).toEqual([op(4, 2)])
  })

  it('the no-op of a new leader goes to all at once', () => {
    expect(appends(leader())).toMatchObject([{ prev: { term: 1, index: 1 }, entries: [noop(2, 2)] }])
  })
})
