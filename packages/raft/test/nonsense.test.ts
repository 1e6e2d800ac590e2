import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { InvariantViolation, type Entry, type EntryId, type Input, type Message } from '../src/index.ts'
import { Bench } from './cluster.ts'
import { diskWith, encodeMembership, op, text } from './disk.ts'

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

describe('nonsense', () => {
  const prev = { term: 1, index: 1 }

  it.each<[string, Message]>([
    ['entries with a hole', append(prev, [op(2, 2), op(2, 4)])],
    ['entries that do not follow', append(prev, [op(2, 3)])],
    ['terms that go back', append(prev, [op(2, 2), op(1, 3)])],
    ['an entry of a later term than the message', append(prev, [op(3, 2)])],
    ['an entry without a term', append({ term: 0, index: 0 }, [op(0, 1)])],
    ['a place with a term and no index', append({ term: 1, index: 0 }, [])],
    ['a negative index', append({ term: 1, index: -1 }, [])],
    ['a fraction', append({ term: 1, index: 1.5 }, [])],
    [
      'an index beyond what numbers hold',
      append({ term: 1, index: Number.MAX_SAFE_INTEGER }, [op(2, Number.MAX_SAFE_INTEGER + 1)]),
    ],
    ['a commit index that is no number', append(prev, [], { commitIndex: Number.NaN })],
    ['no term', append(prev, [], { term: 0 })],
    ['an absurd term', append(prev, [], { term: Number.MAX_SAFE_INTEGER })],
    ['a message for another', append(prev, [], { to: 'c' })],
    ['a message from itself', append(prev, [], { from: 'a' })],
    [
      'a vote request with a log of its own future',
      { kind: 'requestVote', from: 'b', to: 'a', term: 5, last: { term: 5, index: 9 }, transfer: false },
    ],
    [
      'a refusal with a hint beyond',
      {
        kind: 'appendEntriesResponse',
        from: 'b',
        to: 'a',
        term: 5,
        readRound: 0,
        outcome: { kind: 'rejected', rejectedIndex: 3, hint: { term: 1, index: 4 } },
      },
    ],
    [
      'a snapshot of nothing',
      {
        kind: 'installSnapshot',
        from: 'b',
        to: 'a',
        term: 5,
        snapshot: { id: 's', term: 0, index: 0, membership: new Uint8Array(), membershipIndex: 0 },
      },
    ],
    [
      'a snapshot with a later membership',
      {
        kind: 'installSnapshot',
        from: 'b',
        to: 'a',
        term: 5,
        snapshot: { id: 's', term: 1, index: 4, membership: encodeMembership(ABC), membershipIndex: 5 },
      },
    ],
  ])('%s is ignored, with no change of state', (_name, message) => {
    const bench = new Bench('a', diskWith(ABC))
    const before = bench.raft.describe()
    bench.receive(message)
    expect(bench.raft.describe()).toBe(before)
    expect(bench.sent()).toEqual([])
    expect(bench.raft.hasReady()).toBe(false)
  })

  it('no message, however odd, stops a node; only a contradiction of what is committed does', () => {
    const index = fc.oneof(fc.nat({ max: 8 }), fc.constantFrom(-1, 1.5, Number.MAX_SAFE_INTEGER))
    const term = fc.oneof(fc.nat({ max: 6 }), fc.constantFrom(2 ** 52, Number.MAX_SAFE_INTEGER))
    const id = fc.record({ term, index })
    const from = fc.constantFrom('b', 'c', 'stranger', 'a')
    const base = { from, to: fc.constant('a'), term }
    const entry = fc.record({
      term,
      index,
      kind: fc.constantFrom('noop', 'operations', 'membership'),
      data: fc.constantFrom(text('x'), encodeMembership(['a', 'b']), new Uint8Array()),
    })
    const entries = fc.oneof(
      fc.array(entry, { maxLength: 4 }),
      fc
        .tuple(fc.nat({ max: 6 }), fc.integer({ min: 1, max: 5 }), fc.nat({ max: 4 }))
        .map(([after, of, count]) => Array.from({ length: count }, (_, at) => op(of, after + 1 + at))),
    )
    const message = fc.oneof(
      fc.record({
        kind: fc.constant('appendEntries'),
        ...base,
        prev: id,
        entries,
        commitIndex: index,
        readRound: index,
      }),
      fc.record({
        kind: fc.constant('appendEntriesResponse'),
        ...base,
        readRound: index,
        outcome: fc.oneof(
          fc.record({ kind: fc.constant('accepted'), matchIndex: index }),
          fc.record({ kind: fc.constant('rejected'), rejectedIndex: index, hint: id }),
        ),
      }),
      fc.record({ kind: fc.constant('heartbeat'), ...base, commitIndex: index, readRound: index }),
      fc.record({ kind: fc.constant('heartbeatResponse'), ...base, readRound: index }),
      fc.record({ kind: fc.constantFrom('requestVote', 'preVote'), ...base, last: id, transfer: fc.boolean() }),
      fc.record({ kind: fc.constantFrom('requestVoteResponse', 'preVoteResponse'), ...base, granted: fc.boolean() }),
      fc.record({ kind: fc.constant('timeoutNow'), ...base, last: id }),
      fc.record({
        kind: fc.constant('installSnapshot'),
        ...base,
        snapshot: fc.record({
          id: fc.constantFrom('s', 't'),
          term,
          index,
          membership: fc.constantFrom(text('?'), encodeMembership(ABC)),
          membershipIndex: fc.nat({ max: 3 }),
        }),
      }),
    )
    const input = fc.oneof(
      { weight: 6, arbitrary: message.map((item) => ({ kind: 'message', message: item }) as unknown as Input) },
      {
        weight: 2,
        arbitrary: fc.constantFrom<Input>(
          { kind: 'tick' },
          { kind: 'campaign' },
          { kind: 'propose', data: text('x'), context: 1 },
          { kind: 'readIndex', context: 2 },
        ),
      },
    )
    let contradictions = 0
    let runs = 0
    fc.assert(
      fc.property(fc.array(input, { maxLength: 60 }), fc.constantFrom(ABC, ['a'], ['a', 'b']), (inputs, voters) => {
        const bench = new Bench('a', diskWith(voters, [], [1, 2]))
        runs += 1
        try {
          for (const item of inputs) {
            bench.step(item)
            bench.raft.checkInvariants()
          }
        } catch (error) {
          if (!(error instanceof InvariantViolation) || !/^(F1|Z5) /.test(error.message)) throw error
          contradictions += 1
        }
      }),
      { numRuns: 3000 },
    )
    expect(contradictions).toBeLessThan(runs / 2)
  })
})
