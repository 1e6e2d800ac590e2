/** The Raft paper and thesis, by section. */
import { describe, expect, it } from 'vitest'

import type { Entry, Message } from '../src/index.ts'
import { Bench, Cluster, ELECTION_TICKS, HEARTBEAT_TICKS } from './cluster.ts'
import { Disk, diskWith, encodeMembership, entriesOfTerms, noop, op } from './disk.ts'

function vote(from: string, to: string, term: number, last = { term: 0, index: 0 }): Message {
  return { kind: 'requestVote', from, to, term, last, transfer: false }
}

function append(
  from: string,
  to: string,
  term: number,
  prev: { term: number; index: number },
  entries: Entry[] = [],
  commitIndex = 0,
): Message {
  return { kind: 'appendEntries', from, to, term, prev, entries, commitIndex, readRound: 0 }
}

const MEMBERSHIP_ID = { term: 1, index: 1 }
const ABC = ['a', 'b', 'c']

/** A candidate of `term` + 1 among three, whose vote is durable. */
function candidate(terms: readonly number[] = [], term?: number): Bench {
  const bench = new Bench('a', diskWith(ABC, [], terms, term))
  bench.step({ kind: 'campaign' })
  bench.receive({ kind: 'preVoteResponse', from: 'b', to: 'a', term: bench.status.term + 1, granted: true })
  return bench
}

function leader(terms: readonly number[] = []): Bench {
  const bench = candidate(terms)
  bench.receive({ kind: 'requestVoteResponse', from: 'b', to: 'a', term: bench.status.term, granted: true })
  expect(bench.status.role).toBe('leader')
  return bench
}

function ack(from: string, term: number, matchIndex: number): Message {
  return { kind: 'appendEntriesResponse', from, to: 'a', term, readRound: 0, outcome: { kind: 'accepted', matchIndex } }
}

describe('Raft paper', () => {
  describe.each(['follower', 'candidate', 'leader'] as const)('as %s', (role) => {
    const make = (): Bench =>
      role === 'leader' ? leader() : role === 'candidate' ? candidate() : new Bench('a', diskWith(ABC))

    it('§5.1 a message with a higher term is adopted and makes it a follower', () => {
      const bench = make()
      const term = bench.status.term + 3
      bench.receive(append('b', 'a', term, MEMBERSHIP_ID))
      expect([bench.status.role, bench.status.term, bench.status.leader]).toEqual(['follower', term, 'b'])
      expect(bench.node.disk.hardState).toEqual({ term, vote: null })
    })

    it('§5.1 a response with a higher term is adopted too (P26)', () => {
      const bench = make()
      const term = bench.status.term + 3
      bench.receive({ kind: 'heartbeatResponse', from: 'b', to: 'a', term, readRound: 0 })
      expect([bench.status.role, bench.status.term, bench.status.leader]).toEqual(['follower', term, null])
    })

    it('§5.1 a request with a stale term is refused with the present one', () => {
      const bench = make()
      bench.receive(append('b', 'a', bench.status.term + 1, MEMBERSHIP_ID))
      bench.sent()
      bench.receive(append('c', 'a', 1, MEMBERSHIP_ID, [op(1, 2)], 2))
      bench.receive(vote('c', 'a', 1))
      const sent = bench.sent()
      expect(sent.map(({ kind, term, to }) => [kind, term, to])).toEqual([
        ['appendEntriesResponse', bench.status.term, 'c'],
        ['requestVoteResponse', bench.status.term, 'c'],
      ])
      expect(bench.status.lastId.index).toBeLessThan(3)
    })
  })

  it('§5.2 a node starts as follower', () => {
    expect(new Bench('a', diskWith(ABC)).status.role).toBe('follower')
  })

  it('§5.2 a leader sends a heartbeat to everybody at every interval', () => {
    const bench = leader()
    bench.sent()
    bench.tick(HEARTBEAT_TICKS)
    expect(
      bench
        .sent()
        .filter(({ kind }) => kind === 'heartbeat')
        .map(({ to, term }) => [to, term]),
    ).toEqual([
      ['b', 2],
      ['c', 2],
    ])
  })

  it('§5.2 without a leader an election begins: the term grows, it votes for itself, all others are asked', () => {
    const bench = new Bench('a', diskWith(ABC))
    bench.tick(2 * ELECTION_TICKS)
    expect(bench.status.role).toBe('pre-candidate')
    bench.sent()
    bench.receive({ kind: 'preVoteResponse', from: 'c', to: 'a', term: 2, granted: true })
    expect([bench.status.role, bench.status.term, bench.status.vote]).toEqual(['candidate', 2, 'a'])
    expect(bench.node.disk.hardState).toEqual({ term: 2, vote: 'a' })
    expect(bench.sent()).toEqual([vote('a', 'b', 2, MEMBERSHIP_ID), vote('a', 'c', 2, MEMBERSHIP_ID)])
  })

  it.each([
    [1, [], 'leader'],
    [3, ['b'], 'leader'],
    [3, ['b', 'c'], 'leader'],
    [5, ['b'], 'candidate'],
    [5, ['b', 'c'], 'leader'],
    [5, ['b', 'c', 'd', 'e'], 'leader'],
    [3, [], 'candidate'],
    [5, [], 'candidate'],
  ] as const)('§5.2 of %i voters, with votes from %j it is %s', (size, grants, expected) => {
    const ids = ['a', 'b', 'c', 'd', 'e'].slice(0, size)
    const bench = new Bench('a', diskWith(ids))
    bench.step({ kind: 'campaign' })
    for (const from of ids.slice(1)) bench.receive({ kind: 'preVoteResponse', from, to: 'a', term: 2, granted: true })
    for (const from of grants) bench.receive({ kind: 'requestVoteResponse', from, to: 'a', term: 2, granted: true })
    expect(bench.status.role).toBe(expected)
  })

  it('§5.2 a majority of refusals ends the candidacy in the same term', () => {
    const bench = candidate()
    bench.receive({ kind: 'requestVoteResponse', from: 'b', to: 'a', term: 2, granted: false })
    expect(bench.status.role).toBe('candidate')
    bench.receive({ kind: 'requestVoteResponse', from: 'c', to: 'a', term: 2, granted: false })
    expect([bench.status.role, bench.status.term]).toEqual(['follower', 2])
  })

  it('§5.2 one vote per term, first come first served, remembered over a restart', () => {
    const bench = new Bench('a', diskWith(ABC))
    bench.receive(vote('b', 'a', 2, MEMBERSHIP_ID))
    bench.receive(vote('c', 'a', 2, MEMBERSHIP_ID))
    bench.receive(vote('b', 'a', 2, MEMBERSHIP_ID))
    bench.node.restart()
    bench.receive(vote('c', 'a', 2, MEMBERSHIP_ID))
    bench.receive(vote('b', 'a', 2, MEMBERSHIP_ID))
    const answers = bench
      .sent()
      .map((message) => (message.kind === 'requestVoteResponse' ? [message.to, message.granted] : message.kind))
    expect(answers).toEqual([
      ['b', true],
      ['c', false],
      ['b', true],
      ['c', false],
      ['b', true],
    ])
  })

  it('§5.2 a candidate that hears a leader of its term follows it', () => {
    const bench = candidate()
    bench.receive({ kind: 'heartbeat', from: 'b', to: 'a', term: 2, commitIndex: 0, readRound: 0 })
    expect([bench.status.role, bench.status.leader]).toEqual(['follower', 'b'])
  })

  it('§5.2 election timeouts are drawn from [T, 2T)', () => {
    const seen = new Set<number>()
    for (let seed = 0; seed < 200; seed += 1) {
      const bench = new Bench('a', diskWith(ABC), { random: () => seed / 200 })
      let ticks = 0
      while (bench.status.role === 'follower') {
        bench.tick()
        ticks += 1
      }
      seen.add(ticks)
    }
    expect(Math.min(...seen)).toBe(ELECTION_TICKS)
    expect(Math.max(...seen)).toBe(2 * ELECTION_TICKS - 1)
    expect(seen.size).toBe(ELECTION_TICKS)
  })

  it('§5.3 a leader appends a proposal and sends it to all with the place before it', () => {
    const bench = leader()
    bench.receive(ack('b', 2, 2))
    bench.receive(ack('c', 2, 2))
    bench.sent()
    bench.cluster.propose('a', 'x')
    expect(bench.sent()).toEqual([
      append('a', 'b', 2, { term: 2, index: 2 }, [op(2, 3, 'x')], 2),
      append('a', 'c', 2, { term: 2, index: 2 }, [op(2, 3, 'x')], 2),
    ])
  })

  it('§5.3 an entry is committed once a majority holds it, and then applied', () => {
    const bench = leader()
    bench.cluster.propose('a', 'x')
    expect(bench.status.commitIndex).toBe(0)
    bench.receive(ack('b', 2, 3))
    expect([bench.status.commitIndex, bench.status.appliedIndex]).toEqual([3, 3])
    expect(bench.node.disk.state).toEqual([
      { term: 1, index: 1 },
      { term: 2, index: 2 },
      { term: 2, index: 3 },
    ])
  })

  it.each([
    [3, ['b']],
    [5, ['b', 'c']],
    [5, ['b', 'd', 'e']],
  ] as const)('§5.3 of %i voters, %j and the leader commit', (size, holders) => {
    const ids = ['a', 'b', 'c', 'd', 'e'].slice(0, size)
    const bench = new Bench('a', diskWith(ids))
    bench.step({ kind: 'campaign' })
    for (const from of ids.slice(1)) bench.receive({ kind: 'preVoteResponse', from, to: 'a', term: 2, granted: true })
    for (const from of ids.slice(1))
      bench.receive({ kind: 'requestVoteResponse', from, to: 'a', term: 2, granted: true })
    for (const [at, from] of holders.entries()) {
      expect(bench.status.commitIndex).toBe(0)
      bench.receive(ack(from, 2, 2))
      if (at + 2 > size / 2) break
    }
    expect(bench.status.commitIndex).toBe(2)
  })

  it('§5.3 a commit brings everything before it, and followers learn of it', () => {
    const bench = leader([1, 1])
    bench.receive(ack('b', 2, 4))
    expect(bench.status.commitIndex).toBe(4)
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

  it('§5.3 a follower applies what the leader has committed, in order', () => {
    const bench = new Bench('a', diskWith(ABC))
    bench.receive(append('b', 'a', 1, MEMBERSHIP_ID, [op(1, 2), op(1, 3)], 2))
    expect(bench.node.disk.state).toEqual([
      { term: 1, index: 1 },
      { term: 1, index: 2 },
    ])
    bench.receive(append('b', 'a', 1, { term: 1, index: 3 }, [], 3))
    expect(bench.status.appliedIndex).toBe(3)
  })

  it.each([
    ['shorter', [1, 1], { term: 1, index: 9 }, { rejectedIndex: 9, hint: { term: 1, index: 3 } }],
    ['other terms', [1, 2, 2], { term: 1, index: 4 }, { rejectedIndex: 4, hint: { term: 1, index: 2 } }],
  ] as const)(
    '§5.3 a follower whose log does not match refuses and says where it may match (%s)',
    (_name, terms, prev, expected) => {
      const bench = new Bench('a', diskWith(ABC, [], terms, 3))
      bench.receive(append('b', 'a', 3, prev, [op(3, prev.index + 1)], 0))
      const [answer] = bench.sent()
      expect(answer).toMatchObject({ kind: 'appendEntriesResponse', outcome: { kind: 'rejected', ...expected } })
      expect(bench.status.lastId.index).toBe(terms.length + 1)
    },
  )

  it.each([
    // Figure 7 of the paper, after the membership entry; the leader's log is 1 1 1 4 4 5 5 6 6 6.
    ['a: one missing', [1, 1, 1, 4, 4, 5, 5, 6, 6]],
    ['b: many missing', [1, 1, 1, 4]],
    ['c: one too many', [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6]],
    ['d: two of a later term', [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7]],
    ['e: others in place', [1, 1, 1, 4, 4, 4, 4]],
    ['f: all different', [1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3]],
  ])('§5.3 a new leader brings every follower to its own log (figure 7, %s)', (_name, terms) => {
    const cluster = new Cluster()
    const voters = ['l', 'f', 'x']
    cluster.add('l', diskWith(voters, [], [1, 1, 1, 4, 4, 5, 5, 6, 6, 6], 7))
    cluster.add('f', diskWith(voters, [], terms, 7))
    cluster.add('x', diskWith(voters, [], [], 7))
    cluster.elect('l')
    cluster.run(20)
    expect(cluster.node('f').disk.entries).toEqual(cluster.node('l').disk.entries)
    expect(cluster.node('f').disk.stateIndex).toBe(12)
  })

  it('§5.3 a follower removes what conflicts, and only that (log matching)', () => {
    const bench = new Bench('a', diskWith(ABC, [], [1, 1, 1], 3))
    bench.receive(append('b', 'a', 3, MEMBERSHIP_ID, [op(1, 2), op(2, 3)]))
    expect(bench.node.disk.entries.slice(1)).toEqual([op(1, 2), op(2, 3)])
    // A delayed message with less must not shorten the log.
    bench.receive(append('b', 'a', 3, MEMBERSHIP_ID, [op(1, 2)]))
    expect(bench.status.lastId).toEqual({ term: 2, index: 3 })
  })

  it.each([
    [[1], { term: 1, index: 2 }, true],
    [[1], { term: 2, index: 2 }, true],
    [[1], { term: 1, index: 3 }, true],
    [[1], { term: 2, index: 1 }, true],
    [[2], { term: 1, index: 2 }, false],
    [[2], { term: 1, index: 9 }, false],
    [[1, 1], { term: 1, index: 2 }, false],
  ] as const)('§5.4.1 with log %j the vote for a candidate at %j is %s', (terms, last, granted) => {
    const bench = new Bench('a', diskWith(ABC, [], terms, 3))
    bench.receive(vote('b', 'a', 4, last))
    expect(bench.sent()).toEqual([{ kind: 'requestVoteResponse', from: 'a', to: 'b', term: 4, granted }])
  })

  it('§5.4.2 a leader only commits entries of its own term by counting', () => {
    const bench = leader([1, 1])
    bench.receive(ack('b', 2, 3))
    bench.receive(ack('c', 2, 3))
    expect(bench.status.commitIndex).toBe(0)
    bench.receive(ack('c', 2, 4))
    expect(bench.status.commitIndex).toBe(4)
  })

  it('§5.4.2 an entry on a majority can still be replaced until one of the new term is committed (figure 8)', () => {
    const cluster = new Cluster()
    const ids = ['1', '2', '3', '4', '5']
    // (b) of the figure: 1 led term 2, 5 led term 3; now 1 leads term 4.
    for (const [id, terms] of Object.entries({ 1: [2], 2: [2], 3: [], 4: [], 5: [3] }))
      cluster.add(id, diskWith(ids, [], terms, 3))
    cluster.node('1').disk.hardState = { term: 3, vote: null }
    cluster.passes = (message) => ![message.from, message.to].includes('5')
    const first = cluster.node('1')
    first.step({ kind: 'campaign' })
    while (first.status.role !== 'leader') cluster.deliver()
    // The entry of term 2 gets to 3, the own no-op to nobody.
    cluster.messages = []
    cluster
      .node('3')
      .step({ kind: 'message', message: append('1', '3', first.status.term, MEMBERSHIP_ID, [op(2, 2)], 0) })
    cluster.settle()
    expect(first.status.commitIndex).toBeLessThan(2)
    // (d): 1 dies; 5 wins with its log of term 3 and replaces the entry.
    first.crash()
    cluster.messages = []
    cluster.heal()
    cluster.elect('5')
    cluster.run(5)
    expect(cluster.node('2').disk.at(2)).toEqual(op(3, 2))
    expect(cluster.node('3').disk.at(2)).toEqual(op(3, 2))
    expect(cluster.node('5').status.commitIndex).toBeGreaterThanOrEqual(2)
  })

  it('§5.4.3 who lacks a committed entry cannot be elected', () => {
    const cluster = Cluster.of(ABC)
    cluster.elect('a')
    cluster.passes = (message) => message.to !== 'c'
    cluster.propose('a', 'x')
    cluster.settle()
    cluster.heal()
    cluster.node('a').crash()
    const behind = cluster.node('c')
    for (let at = 0; at < 5; at += 1) {
      cluster.forgetLeader(cluster.node('b'))
      cluster.messages = []
      behind.step({ kind: 'campaign' })
      cluster.settle()
    }
    expect(behind.status.role).not.toBe('leader')
  })

  it('§5.5 requests may arrive twice', () => {
    const bench = new Bench('a', diskWith(ABC))
    const message = append('b', 'a', 1, MEMBERSHIP_ID, [op(1, 2)], 2)
    bench.receive(message)
    const before = bench.raft.describe()
    const first = bench.sent()
    bench.receive(message)
    expect(bench.raft.describe()).toBe(before)
    expect(bench.sent()).toEqual(first)
  })

  it('§6.3 (thesis) a new leader appends a no-op, with which all before is committed', () => {
    const bench = leader([1])
    expect(bench.node.disk.at(3)).toEqual(noop(2, 3))
  })

  it('§4.1 (thesis) a membership is in force when it is appended', () => {
    const cluster = Cluster.of(ABC)
    cluster.elect('a')
    cluster.passes = () => false
    cluster.change('a', [...ABC, 'd'])
    expect(cluster.node('a').status.membership).toMatchObject({
      committed: false,
      membership: { voters: ['a', 'b', 'c', 'd'] },
    })
  })

  it('§4.1 (thesis) requests are taken from nodes that are not in the own membership', () => {
    const bench = new Bench('n', new Disk())
    bench.receive(
      append(
        'z',
        'n',
        4,
        { term: 0, index: 0 },
        [{ term: 1, index: 1, kind: 'membership', data: encodeMembership(['z']) }],
        1,
      ),
    )
    expect(bench.status).toMatchObject({ leader: 'z', term: 4, commitIndex: 1 })
    const stranger = new Bench('a', diskWith(ABC))
    stranger.receive(vote('stranger', 'a', 5, { term: 3, index: 7 }))
    expect(stranger.sent()[0]).toMatchObject({ granted: true })
  })

  it('the log of a node alone is committed by itself', () => {
    const bench = new Bench(
      'a',
      diskWith(
        ['a'],
        [],
        entriesOfTerms([1]).map(({ term }) => term),
      ),
    )
    bench.tick(2 * ELECTION_TICKS)
    expect(bench.status).toMatchObject({ role: 'leader', term: 2, commitIndex: 3, appliedIndex: 3 })
  })
})
