import { describe, expect, it } from 'vitest'

import {
  describeEntry,
  describeMembership,
  describeMessage,
  describePersistOp,
  describeReady,
  type Message,
} from '../src/index.ts'
import { Bench, Cluster } from './cluster.ts'
import { diskWith, encodeMembership, noop, op, text } from './disk.ts'

const ABC = ['a', 'b', 'c']

describe('text of', () => {
  it.each([
    [noop(2, 5), '2/5 noop'],
    [op(2, 6, 'abc'), '2/6 operations "abc"'],
    [{ term: 2, index: 7, kind: 'operations', data: Uint8Array.of(0, 255) } as const, '2/7 operations 0x00ff'],
    [op(2, 8, 'a very long operation indeed'), '2/8 operations "a very long oper"… 28B'],
  ])('gives an entry as text, case %#', (entry, expected) => {
    expect(describeEntry(entry)).toBe(expected)
  })

  it.each<[Message, string]>([
    [
      {
        kind: 'appendEntries',
        from: 'a',
        to: 'b',
        term: 2,
        prev: { term: 1, index: 4 },
        entries: [op(2, 5, 'x')],
        commitIndex: 4,
        readRound: 3,
      },
      'a->b appendEntries term=2 prev=1/4 commit=4 round=3 entries=[2/5 operations "x"]',
    ],
    [
      {
        kind: 'appendEntriesResponse',
        from: 'b',
        to: 'a',
        term: 2,
        readRound: 0,
        outcome: { kind: 'accepted', matchIndex: 5 },
      },
      'b->a appendEntriesResponse term=2 accepted match=5',
    ],
    [
      {
        kind: 'appendEntriesResponse',
        from: 'b',
        to: 'a',
        term: 2,
        readRound: 1,
        outcome: { kind: 'rejected', rejectedIndex: 5, hint: { term: 1, index: 2 } },
      },
      'b->a appendEntriesResponse term=2 round=1 rejected index=5 hint=1/2',
    ],
    [
      { kind: 'heartbeat', from: 'a', to: 'b', term: 2, commitIndex: 4, readRound: 0 },
      'a->b heartbeat term=2 commit=4',
    ],
    [{ kind: 'heartbeatResponse', from: 'b', to: 'a', term: 2, readRound: 9 }, 'b->a heartbeatResponse term=2 round=9'],
    [
      { kind: 'requestVote', from: 'a', to: 'b', term: 3, last: { term: 2, index: 9 }, transfer: true },
      'a->b requestVote term=3 last=2/9 transfer',
    ],
    [
      { kind: 'preVote', from: 'a', to: 'b', term: 3, last: { term: 2, index: 9 }, transfer: false },
      'a->b preVote term=3 last=2/9',
    ],
    [
      { kind: 'requestVoteResponse', from: 'b', to: 'a', term: 3, granted: true },
      'b->a requestVoteResponse term=3 granted',
    ],
    [{ kind: 'preVoteResponse', from: 'b', to: 'a', term: 3, granted: false }, 'b->a preVoteResponse term=3 rejected'],
    [
      { kind: 'timeoutNow', from: 'a', to: 'b', term: 3, last: { term: 2, index: 9 } },
      'a->b timeoutNow term=3 last=2/9',
    ],
    [
      {
        kind: 'installSnapshot',
        from: 'a',
        to: 'b',
        term: 3,
        snapshot: { id: 's1', term: 2, index: 9, membership: encodeMembership(ABC), membershipIndex: 1 },
      },
      'a->b installSnapshot term=3 snapshot=s1@2/9 membership@1',
    ],
  ])('describeMessage() of %j', (message, expected) => {
    expect(describeMessage(message)).toBe(expected)
  })

  it('describePersistOp() tells all that is written', () => {
    expect(
      describePersistOp({ seq: 4, hardState: { term: 3, vote: null }, truncateFrom: 7, entries: [noop(3, 7)] }),
    ).toBe('#4 term=3 vote=- truncate>=7 append [3/7 noop]')
    expect(
      describePersistOp({ seq: 5, compact: { term: 2, index: 6, membership: text(''), membershipIndex: 1 } }),
    ).toBe('#5 compact<=2/6 membership@1')
  })

  it('describeMembership() leaves out learners when there are none', () => {
    expect(describeMembership({ voters: ['a', 'b'], learners: [] })).toBe('voters=(a b)')
    expect(describeMembership({ voters: ['a'], learners: ['b'] })).toBe('voters=(a) learners=(b)')
  })

  it('describeReady() has a line per effect', () => {
    const bench = new Bench('a', diskWith(['a']))
    bench.raft.step({ kind: 'readIndex', context: 1 })
    bench.raft.step({ kind: 'campaign' })
    expect(describeReady(bench.raft.takeReady())).toBe(
      [
        'soft candidate term=2 leader=-',
        'persist #1 term=2 vote=a',
        'dropped 1 not-leader leader=- (this node does not lead)',
      ].join('\n'),
    )
    bench.raft.step({ kind: 'persisted', seq: 1 })
    bench.raft.step({ kind: 'propose', data: text('x'), context: 2 })
    expect(describeReady(bench.raft.takeReady())).toBe(
      ['soft leader term=2 leader=a', 'persist #2 append [2/2 noop, 2/3 operations "x"]', 'accepted 2 at 2/3'].join(
        '\n',
      ),
    )
    expect(describeReady(bench.raft.takeReady())).toBe('(nothing)')
  })

  it('describe() shows a leader with its followers', () => {
    const cluster = Cluster.of(ABC)
    cluster.elect('a')
    cluster.propose('a', 'x')
    cluster.run(2)
    expect(cluster.node('a').raft.describe()).toBe(
      [
        'a leader since=2 round=0 reads=0 uncommittedBytes=0 term=2 vote=a leader=a',
        'log base=0/0 last=2/3 cached=[2, 3] terms=0/0 1/1 2/2',
        'commit=3 durable=3 applied=3 handedOut=3 outstandingBytes=0',
        'persist last=#3 handedOut=#3 durable=#3',
        'membership @1 voters=(a b c)',
        '-> b replicate match=3 next=4',
        '-> c replicate match=3 next=4',
      ].join('\n'),
    )
  })

  it('describe() is stable: asking changes nothing', () => {
    const cluster = Cluster.of(ABC)
    cluster.run(30)
    for (const node of cluster.nodes.values()) expect(node.raft.describe()).toBe(node.raft.describe())
  })
})

describe('status', () => {
  it('tells of progress on a leader only, by id', () => {
    const cluster = Cluster.of(ABC, { learners: ['l'] })
    const leader = cluster.elect('a')
    cluster.run(4)
    expect(leader.status).toMatchObject({
      role: 'leader',
      leader: 'a',
      commitIndex: 2,
      durableIndex: 2,
      votingSuspended: false,
      halted: null,
      transferTo: null,
      pendingReads: 0,
      progress: ['b', 'c', 'l'].map((id) => ({
        id,
        state: 'replicate',
        matchIndex: 2,
        nextIndex: 3,
        inflight: 0,
        paused: false,
        recentActive: true,
        leaving: false,
      })),
    })
    expect(cluster.node('b').status.progress).toEqual([])
  })
})
