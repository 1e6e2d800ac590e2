import { describe, expect, it } from 'vitest'

import type { Message } from '../src/index.ts'
import { Bench, Cluster, ELECTION_TICKS, HEARTBEAT_TICKS } from './cluster.ts'
import { diskWith } from './disk.ts'

const ABC = ['a', 'b', 'c']

function electedOf(voters: readonly string[], learners: readonly string[] = []): Bench {
  const bench = new Bench('a', diskWith(voters, learners))
  bench.step({ kind: 'campaign' })
  for (const from of voters.slice(1)) bench.receive({ kind: 'preVoteResponse', from, to: 'a', term: 2, granted: true })
  for (const from of voters.slice(1))
    bench.receive({ kind: 'requestVoteResponse', from, to: 'a', term: 2, granted: true })
  return bench
}

function ack(from: string, matchIndex: number, readRound = 0): Message {
  return { kind: 'appendEntriesResponse', from, to: 'a', term: 2, readRound, outcome: { kind: 'accepted', matchIndex } }
}

function beat(from: string, readRound: number, term = 2): Message {
  return { kind: 'heartbeatResponse', from, to: 'a', term, readRound }
}

/** A leader that has committed its no-op at 2. */
function serving(voters: readonly string[] = ABC, learners: readonly string[] = []): Bench {
  const bench = electedOf(voters, learners)
  for (const from of voters.slice(1)) bench.receive(ack(from, 2))
  bench.sent()
  return bench
}

function rounds(bench: Bench): number[] {
  return bench
    .sent()
    .flatMap((message) => (message.kind === 'heartbeat' && message.to === 'b' ? [message.readRound] : []))
}

describe('readIndex', () => {
  it('is answered with what was committed, once a quorum has confirmed the leader', () => {
    const bench = serving()
    const context = bench.cluster.read('a')
    expect(rounds(bench)).toEqual([1])
    expect(bench.node.reads).toEqual([])
    bench.receive(beat('b', 1))
    expect(bench.node.reads).toEqual([{ context, index: 2 }])
  })

  it('is not confirmed by an answer to something sent before it (P15, P17)', () => {
    const bench = serving()
    bench.cluster.read('a')
    bench.receive(beat('b', 1))
    bench.node.reads.length = 0
    bench.cluster.read('a')
    bench.receive(beat('b', 1))
    bench.receive(beat('c', 1))
    expect(bench.node.reads).toEqual([])
    bench.receive(beat('c', 2))
    expect(bench.node.reads).toHaveLength(1)
  })

  it('the same context asked again is a new read in a new round (P17)', () => {
    const bench = serving()
    bench.step({ kind: 'readIndex', context: 7 })
    bench.step({ kind: 'readIndex', context: 7 })
    bench.receive(beat('b', 1))
    expect(bench.node.reads).toEqual([{ context: 7, index: 2 }])
    bench.receive(beat('b', 2))
    expect(bench.node.reads).toHaveLength(2)
  })

  it('waits for an entry of the own term (P16)', () => {
    const bench = electedOf(ABC)
    const context = bench.cluster.read('a')
    bench.receive(beat('b', 0))
    bench.receive(beat('c', 0))
    expect(bench.status.pendingReads).toBe(1)
    bench.receive(ack('b', 2))
    expect(bench.node.reads).toEqual([])
    bench.receive(beat('b', 1))
    expect(bench.node.reads).toEqual([{ context, index: 2 }])
  })

  it('is answered by appends as well as by heartbeats', () => {
    const bench = serving()
    bench.cluster.read('a')
    bench.receive(ack('b', 2, 1))
    expect(bench.node.reads).toHaveLength(1)
  })

  it('counts neither learners nor strangers (P15)', () => {
    const bench = serving(ABC, ['l', 'm'])
    bench.cluster.read('a')
    bench.receive(beat('l', 1))
    bench.receive(beat('m', 1))
    bench.receive(beat('stranger', 1))
    expect(bench.node.reads).toEqual([])
  })

  it('needs a majority of five', () => {
    const bench = serving(['a', 'b', 'c', 'd', 'e'])
    bench.cluster.read('a')
    bench.receive(beat('b', 1))
    bench.receive(beat('b', 1))
    expect(bench.node.reads).toEqual([])
    bench.receive(beat('e', 1))
    expect(bench.node.reads).toHaveLength(1)
  })

  it('does not count a leader that is being removed (P15)', () => {
    const bench = serving()
    bench.cluster.change('a', ['b', 'c'])
    bench.cluster.read('a')
    bench.receive(beat('b', 1))
    expect(bench.node.reads).toEqual([])
    bench.receive(beat('c', 1))
    expect(bench.node.reads).toHaveLength(1)
  })

  it('reads that arrive together share a round', () => {
    const bench = serving()
    for (let context = 1; context <= 100; context += 1) bench.raft.step({ kind: 'readIndex', context })
    bench.node.pump()
    expect(rounds(bench)).toEqual([1])
    bench.receive(beat('c', 1))
    expect(bench.node.reads.map(({ context }) => context)).toEqual(Array.from({ length: 100 }, (_, at) => at + 1))
  })

  it('a later round confirms earlier ones', () => {
    const bench = serving()
    bench.cluster.read('a')
    bench.cluster.read('a')
    bench.receive(beat('b', 2))
    expect(bench.node.reads).toHaveLength(2)
  })

  it('lost messages are made up for by the next heartbeat', () => {
    const bench = serving()
    bench.cluster.read('a')
    bench.sent()
    bench.tick(HEARTBEAT_TICKS)
    expect(rounds(bench)).toEqual([1])
  })

  it('a round that was never sent is not believed', () => {
    const bench = serving()
    bench.receive(beat('b', 5))
    bench.receive(beat('c', 5))
    bench.cluster.read('a')
    bench.receive(beat('b', 0))
    expect(bench.node.reads).toEqual([])
  })

  it('a voter alone answers at once', () => {
    const bench = serving(['a'])
    const context = bench.cluster.read('a')
    expect(bench.node.reads).toEqual([{ context, index: 2 }])
    expect(bench.sent()).toEqual([])
  })

  it('a voter alone still waits for its own no-op', () => {
    const bench = new Bench('a', diskWith(['a']), { manualSync: true })
    bench.step({ kind: 'campaign' })
    bench.node.sync()
    expect(bench.status.role).toBe('leader')
    bench.cluster.read('a')
    expect(bench.node.reads).toEqual([])
    bench.node.sync()
    expect(bench.node.reads).toHaveLength(1)
  })

  it('all are dropped when the leader steps down', () => {
    const bench = serving()
    const context = bench.cluster.read('a')
    bench.receive({ kind: 'heartbeat', from: 'b', to: 'a', term: 5, commitIndex: 0, readRound: 0 })
    expect(bench.node.dropped).toMatchObject([{ context, reason: 'not-leader' }])
    bench.receive(beat('b', 1))
    expect(bench.node.reads).toEqual([])
  })

  it('answers of an earlier term confirm nothing in a later one', () => {
    const bench = serving()
    bench.cluster.read('a')
    bench.receive({ kind: 'heartbeat', from: 'b', to: 'a', term: 3, commitIndex: 0, readRound: 0 })
    bench.tick(2 * ELECTION_TICKS)
    bench.receive({ kind: 'preVoteResponse', from: 'b', to: 'a', term: 4, granted: true })
    bench.receive({ kind: 'requestVoteResponse', from: 'b', to: 'a', term: 4, granted: true })
    bench.receive({
      kind: 'appendEntriesResponse',
      from: 'b',
      to: 'a',
      term: 4,
      readRound: 0,
      outcome: { kind: 'accepted', matchIndex: 3 },
    })
    bench.cluster.read('a')
    bench.receive(beat('b', 1, 2))
    expect(bench.node.reads).toEqual([])
    bench.receive(beat('b', 1, 4))
    expect(bench.node.reads).toHaveLength(1)
  })

  it('is refused by a node that does not lead', () => {
    const bench = new Bench('b', diskWith(ABC))
    bench.receive({ kind: 'heartbeat', from: 'a', to: 'b', term: 1, commitIndex: 0, readRound: 0 })
    const context = bench.cluster.read('b')
    expect(bench.node.dropped).toMatchObject([{ context, reason: 'not-leader', leader: 'a' }])
  })

  it('a deposed leader that does not know it answers nothing (no stale read)', () => {
    const cluster = Cluster.of(ABC)
    cluster.elect('a')
    cluster.run(3)
    cluster.cut('a')
    for (let at = 0; at < 2 * ELECTION_TICKS; at += 1) {
      for (const id of ['b', 'c']) cluster.tick(id)
      cluster.settle()
    }
    const next = ['b', 'c'].find((id) => cluster.node(id).status.role === 'leader') as string
    cluster.propose(next, 'new')
    cluster.settle()
    expect(cluster.node('a').status.role).toBe('leader')
    cluster.read('a')
    cluster.heal()
    cluster.run(5)
    expect(cluster.node('a').reads).toEqual([])
    expect(cluster.node('a').dropped).toHaveLength(1)
  })
})
