import { describe, expect, it } from 'vitest'

import { type Entry, type EntryId, type Message } from '../src/index.ts'
import { Bench, Cluster } from './cluster.ts'
import { diskWith, encodeMembership, op, present } from './disk.ts'

const ABC = ['a', 'b', 'c']

function append(from: string, term: number, prev: EntryId, entries: Entry[] = [], commitIndex = 0): Message {
  return { kind: 'appendEntries', from, to: 'a', term, prev, entries, commitIndex, readRound: 0 }
}

describe('halting', () => {
  function leading(): Cluster {
    const cluster = Cluster.of(ABC)
    cluster.elect('a')
    cluster.run(3)
    return cluster
  }

  it('a leader hands over to the most caught-up voter, and service goes on (P10)', () => {
    const cluster = leading()
    cluster.passes = (message) => message.to !== 'b'
    cluster.propose('a', 'x')
    cluster.settle()
    cluster.heal()
    cluster.log.length = 0
    cluster.node('a').step({ kind: 'persistFailed' })
    expect(cluster.log).toEqual(['a->c timeoutNow term=2 last=2/3'])
    cluster.settle()
    expect(cluster.leader().id).toBe('c')
    expect(cluster.leader().status.commitIndex).toBe(4)
  })

  it('after it nothing leaves, is written or applied, whatever arrives', () => {
    const cluster = leading()
    const node = cluster.node('a')
    node.manualSync = true
    cluster.propose('a', 'lost')
    node.step({ kind: 'persistFailed' })
    cluster.messages = []
    cluster.log.length = 0
    const before = node.readys.length
    for (let at = 0; at < 100; at += 1) node.step({ kind: 'tick' })
    node.step({ kind: 'campaign' })
    node.step({
      kind: 'message',
      message: { kind: 'requestVote', from: 'b', to: 'a', term: 9, last: { term: 8, index: 99 }, transfer: false },
    })
    node.step({ kind: 'message', message: append('b', 9, { term: 2, index: 3 }, [op(9, 4)], 4) })
    node.step({ kind: 'persisted', seq: 1 })
    node.step({ kind: 'applied', index: 1 })
    node.step({ kind: 'compact', index: 1 })
    expect(cluster.log).toEqual([])
    expect(node.readys).toHaveLength(before)
    expect(node.status).toMatchObject({ role: 'halted', leader: null, halted: expect.stringContaining('failed') })
  })

  it('what is asked of it is dropped as halted', () => {
    const cluster = leading()
    const node = cluster.node('a')
    const pendingRead = cluster.read('a')
    node.step({ kind: 'persistFailed' })
    const asked = [
      cluster.propose('a', 'x'),
      cluster.change('a', ['a', 'b']),
      cluster.read('a'),
      cluster.transfer('a', 'b'),
    ]
    expect(node.dropped.map(({ context, reason }) => [context, reason])).toEqual(
      [pendingRead, ...asked].map((context) => [context, 'halted']),
    )
  })

  it('promises that were waiting for the disk are taken back', () => {
    const bench = new Bench('a', diskWith(ABC), { manualSync: true })
    bench.raft.step({ kind: 'message', message: append('b', 2, { term: 1, index: 1 }, [op(2, 2)]) })
    bench.raft.step({ kind: 'persistFailed' })
    const ready = bench.raft.takeReady()
    expect(ready).toMatchObject({ persist: [], send: [], sendAfter: [], apply: [], soft: { role: 'halted' } })
    expect(bench.raft.hasReady()).toBe(false)
  })

  it('a read that a quorum has confirmed is answered with the halt, one that waits is dropped', () => {
    const { raft } = leading().node('a')
    raft.step({ kind: 'readIndex', context: 71 })
    const round = raft
      .takeReady()
      .send.flatMap((message) => (message.kind === 'heartbeat' ? [message.readRound] : []))
      .at(-1)
    raft.step({
      kind: 'message',
      message: { kind: 'heartbeatResponse', from: 'b', to: 'a', term: 2, readRound: present(round) },
    })
    raft.step({ kind: 'readIndex', context: 72 })
    raft.step({ kind: 'persistFailed' })
    raft.step({ kind: 'readIndex', context: 73 })
    raft.step({
      kind: 'message',
      message: { kind: 'heartbeatResponse', from: 'c', to: 'a', term: 2, readRound: present(round) + 1 },
    })
    const ready = raft.takeReady()
    expect(ready.reads).toEqual([{ context: 71, index: 2 }])
    expect(ready.dropped.map(({ context, reason }) => [context, reason])).toEqual([
      [72, 'halted'],
      [73, 'halted'],
    ])
    expect(raft.hasReady()).toBe(false)
  })

  it('a follower just falls silent', () => {
    const cluster = leading()
    cluster.log.length = 0
    cluster.node('b').step({ kind: 'persistFailed' })
    expect(cluster.log).toEqual([])
    cluster.run(3 * 10)
    expect(cluster.leader().id).toBe('a')
  })

  it('a transfer that was under way ends without an answer to who leads', () => {
    const cluster = leading()
    cluster.passes = () => false
    const context = cluster.transfer('a', 'b')
    cluster.node('a').step({ kind: 'persistFailed' })
    expect(cluster.node('a').transferred).toEqual([{ context, leader: null }])
  })

  it('a disk that fails while a snapshot is being installed halts the node like any other', () => {
    const bench = new Bench('a', diskWith(ABC, [], [1, 1], 3), { manualSync: true })
    const snapshot = { id: 's', term: 2, index: 9, membership: encodeMembership(ABC), membershipIndex: 1 }
    bench.receive({ kind: 'installSnapshot', from: 'b', to: 'a', term: 3, snapshot })
    bench.step({ kind: 'snapshotReceived', snapshot })
    bench.step({ kind: 'persistFailed' })
    bench.step({ kind: 'tick' })
    bench.raft.checkInvariants()
    expect(bench.status).toMatchObject({ role: 'halted', receipt: null })
    expect(bench.node.readys.every(({ restore }) => restore === null)).toBe(true)
  })

  it('a second failure changes nothing', () => {
    const cluster = leading()
    cluster.node('a').step({ kind: 'persistFailed' })
    const before = cluster.node('a').raft.describe()
    cluster.node('a').step({ kind: 'persistFailed' })
    expect(cluster.node('a').raft.describe()).toBe(before)
  })
})
