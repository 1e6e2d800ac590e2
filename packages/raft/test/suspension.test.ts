import { describe, expect, it } from 'vitest'

import type { Entry, EntryId, Message } from '../src/index.ts'
import { Bench, Cluster, ELECTION_TICKS } from './cluster.ts'
import { diskWith } from './disk.ts'

const ABC = ['a', 'b', 'c']
const LAST = { term: 1, index: 1 }

function preVote(from: string, to: string, term: number, last = LAST): Message {
  return { kind: 'preVote', from, to, term, last, transfer: false }
}

function requestVote(from: string, to: string, term: number, last = LAST, transfer = false): Message {
  return { kind: 'requestVote', from, to, term, last, transfer }
}

describe('votingSuspended', () => {
  function suspended(upTicks = 4 * ELECTION_TICKS): Bench {
    const disk = diskWith(ABC, [], [1, 1])
    disk.votingSuspended = true
    const bench = new Bench('a', disk)
    bench.tick(upTicks)
    return bench
  }

  const upToDate = { term: 5, index: 50 }

  it('neither campaigns nor votes', () => {
    const bench = suspended()
    bench.tick(5 * ELECTION_TICKS)
    bench.step({ kind: 'campaign' })
    bench.receive(preVote('b', 'a', 6, upToDate))
    bench.receive(requestVote('b', 'a', 6, upToDate))
    bench.receive({ kind: 'timeoutNow', from: 'c', to: 'a', term: 6, last: LAST })
    expect(bench.status).toMatchObject({ role: 'follower', votingSuspended: true })
    expect(bench.sent()).toMatchObject([{ granted: false }, { granted: false }])
  })

  it('ends once what a leader has committed in its own later term is durable here', () => {
    const bench = suspended()
    bench.node.manualSync = true
    const prev = { term: 1, index: 3 }
    const entries = [{ term: 2, index: 4, kind: 'noop' as const, data: new Uint8Array() }]
    bench.receive({ kind: 'appendEntries', from: 'b', to: 'a', term: 2, prev, entries, commitIndex: 4, readRound: 0 })
    expect(bench.status.votingSuspended).toBe(true)
    bench.node.sync()
    expect(bench.status.votingSuspended).toBe(false)
  })

  function append(prev: EntryId, entries: readonly Entry[]): Message {
    return { kind: 'appendEntries', from: 'b', to: 'a', term: 2, prev, entries, commitIndex: 4, readRound: 0 }
  }
  const noop: Entry = { term: 2, index: 4, kind: 'noop', data: new Uint8Array() }

  it('V2 hears no leader within three election timeouts, in whatever term: the damage may have taken terms as well', () => {
    const bench = suspended(3 * ELECTION_TICKS - 1)
    const snapshot = { id: 's', term: 2, index: 9, membership: new Uint8Array(), membershipIndex: 0 }
    bench.receive(append({ term: 1, index: 3 }, [noop]))
    bench.receive({ kind: 'heartbeat', from: 'b', to: 'a', term: 2, commitIndex: 3, readRound: 0 })
    bench.receive({ kind: 'installSnapshot', from: 'b', to: 'a', term: 2, snapshot })
    expect(bench.sent()).toEqual([])
    expect(bench.status).toMatchObject({ term: 1, leader: null, lastId: { index: 3 } })
    bench.tick(1)
    bench.receive(append({ term: 1, index: 3 }, [noop]))
    expect(bench.sent()).toMatchObject([{ outcome: { kind: 'accepted', matchIndex: 4 } }])
  })

  it('V2 does not end within four', () => {
    const bench = suspended(4 * ELECTION_TICKS - 1)
    bench.receive(append({ term: 1, index: 3 }, [noop]))
    expect(bench.status).toMatchObject({ votingSuspended: true, commitIndex: 4 })
    bench.tick(1)
    expect(bench.status.votingSuspended).toBe(true)
    bench.receive(append(noop, []))
    expect(bench.status.votingSuspended).toBe(false)
  })

  it('does not end by a commit index that is not of the leader`s own term, nor by a heartbeat', () => {
    const bench = suspended()
    bench.receive({
      kind: 'appendEntries',
      from: 'b',
      to: 'a',
      term: 2,
      prev: { term: 1, index: 3 },
      entries: [],
      commitIndex: 3,
      readRound: 0,
    })
    bench.receive({ kind: 'heartbeat', from: 'b', to: 'a', term: 2, commitIndex: 3, readRound: 0 })
    expect(bench.status.votingSuspended).toBe(true)
  })

  it('does not end by a commit index beyond what was checked', () => {
    const bench = suspended()
    const entries = [{ term: 2, index: 4, kind: 'noop' as const, data: new Uint8Array() }]
    bench.receive({
      kind: 'appendEntries',
      from: 'b',
      to: 'a',
      term: 2,
      prev: { term: 1, index: 3 },
      entries,
      commitIndex: 5,
      readRound: 0,
    })
    expect(bench.status.votingSuspended).toBe(true)
  })

  it('ends under the same idle leader, which is made to look, even when acknowledged entries are gone', () => {
    const cluster = Cluster.of(ABC)
    cluster.elect('a')
    for (const value of ['x', 'y', 'z']) cluster.propose('a', value)
    cluster.run(5)
    const damaged = cluster.node('c')
    damaged.crash()
    damaged.disk.entries = damaged.disk.entries.slice(0, 2)
    damaged.disk.state = []
    damaged.disk.stateIndex = 0
    damaged.disk.votingSuspended = true
    damaged.restart()
    expect(damaged.status.lastId.index).toBe(2)
    cluster.run(5 * ELECTION_TICKS)
    expect(cluster.leader().id).toBe('a')
    expect(damaged.status).toMatchObject({ votingSuspended: false, lastId: { index: 5 }, commitIndex: 5 })
  })

  it('V4 begins when acknowledged entries are gone that nobody had reported, and ends when they are back', () => {
    const cluster = Cluster.of(ABC)
    cluster.elect('a')
    for (const value of ['x', 'y', 'z']) cluster.propose('a', value)
    cluster.run(5)
    const rolledBack = cluster.node('c')
    rolledBack.crash()
    rolledBack.disk.entries = rolledBack.disk.entries.slice(0, 2)
    rolledBack.disk.state = []
    rolledBack.disk.stateIndex = 0
    rolledBack.restart()
    expect(rolledBack.status.votingSuspended).toBe(false)
    const seen: boolean[] = []
    for (let tick = 0; tick < 5 * ELECTION_TICKS; tick += 1) {
      cluster.run(1)
      seen.push(rolledBack.status.votingSuspended)
    }
    expect(seen).toContain(true)
    expect(cluster.leader().id).toBe('a')
    expect(rolledBack.status).toMatchObject({ votingSuspended: false, lastId: { index: 5 }, commitIndex: 5 })
  })

  it('lets the others go on meanwhile', () => {
    const cluster = Cluster.of(ABC)
    cluster.node('c').crash()
    cluster.node('c').disk.votingSuspended = true
    cluster.node('c').restart()
    cluster.run(100)
    expect(cluster.leader().id).not.toBe('c')
    expect(cluster.node('c').status.votingSuspended).toBe(false)
  })
})
