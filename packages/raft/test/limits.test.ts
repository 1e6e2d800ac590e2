import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { createRaft, InvariantViolation, type Entry, type EntryId, type Input, type Message } from '../src/index.ts'
import { Bench, Cluster, decodeMembership, deepFreeze, diskWith, encodeMembership, op, text } from './cluster.ts'

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

describe('limits', () => {
  it('proposals are busy once too many bytes wait for their commit, and taken again afterwards', () => {
    const cluster = Cluster.of(ABC, { maxUncommittedBytes: 300 })
    cluster.elect('a')
    cluster.run(2)
    cluster.passes = () => false
    const contexts = [1, 2, 3].map(() => cluster.propose('a', 'x'.repeat(100)))
    expect(cluster.node('a').dropped.map(({ context, reason }) => [context, reason])).toEqual([[contexts[2], 'busy']])
    expect(cluster.node('a').status.uncommittedBytes).toBe(264)
    cluster.heal()
    cluster.run(4)
    expect(cluster.node('a').status.uncommittedBytes).toBe(0)
    expect(cluster.node('a').accepted.has(cluster.propose('a', 'x'))).toBe(true)
  })

  it('one entry larger than the limit is taken when nothing else waits', () => {
    const cluster = Cluster.of(ABC, { maxUncommittedBytes: 100 })
    cluster.elect('a')
    cluster.run(2)
    expect(cluster.node('a').accepted.has(cluster.propose('a', 'x'.repeat(500)))).toBe(true)
  })

  it('entries wait to be applied while too many bytes are with the state machine', () => {
    const bench = new Bench('a', diskWith(ABC), { maxApplyingBytes: 100, manualApply: true })
    const entries = [2, 3, 4, 5].map((index) => op(1, index, 'x'.repeat(30)))
    bench.receive(append({ term: 1, index: 1 }, entries, { commitIndex: 5 }))
    const handedOut = (): number[] => bench.node.readys.flatMap(({ apply }) => apply.map(({ index }) => index))
    expect(handedOut()).toEqual([1, 2])
    bench.step({ kind: 'applied', index: 1 })
    expect(handedOut()).toEqual([1, 2, 3])
    bench.node.reportApplied()
    bench.node.reportApplied()
    expect(handedOut()).toEqual([1, 2, 3, 4, 5])
  })

  it('reads are busy once too many wait', () => {
    const cluster = Cluster.of(ABC, { maxPendingReads: 2 })
    cluster.elect('a')
    cluster.passes = () => false
    const contexts = [1, 2, 3].map(() => cluster.read('a'))
    expect(cluster.node('a').dropped).toMatchObject([{ context: contexts[2], reason: 'busy' }])
  })

  it('memory holds no more than the limit of entries that are durable', () => {
    const cluster = Cluster.of(['a'], { maxCachedBytes: 1000 })
    cluster.elect('a')
    for (let at = 0; at < 200; at += 1) cluster.propose('a', 'x'.repeat(50))
    expect(cluster.node('a').status.cachedBytes).toBeLessThanOrEqual(1000)
    expect(cluster.node('a').status.appliedIndex).toBe(202)
    cluster.checkAll()
  })

  it('what is not durable stays in memory whatever the limit', () => {
    const bench = new Bench('a', diskWith(ABC), { maxCachedBytes: 1, manualSync: true })
    bench.receive(append({ term: 1, index: 1 }, [op(2, 2), op(2, 3)]))
    expect(bench.status.cachedBytes).toBeGreaterThan(64)
    bench.node.sync()
    bench.tick()
    bench.raft.takeReady()
    expect(bench.status.cachedBytes).toBe(0)
  })
})

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

describe('createRaft', () => {
  it('the same inputs give the same outputs, to the letter (P48)', () => {
    const traces = [1, 2].map(() => {
      const cluster = Cluster.of(['a', 'b', 'c', 'd'], { seed: 7 })
      cluster.run(40)
      for (let at = 0; at < 20; at += 1) {
        cluster.propose(cluster.leader().id, `v${at}`)
        cluster.run(1)
      }
      cluster.cut(cluster.leader().id)
      cluster.run(60)
      return [...cluster.log, ...[...cluster.nodes.values()].map((node) => node.raft.describe())].join('\n')
    })
    expect(traces[0]).toBe(traces[1])
    expect(traces[0]?.length).toBeGreaterThan(10_000)
  })

  it('what a Ready holds does not change when the core goes on (P45)', () => {
    const bench = new Bench('a', diskWith(ABC))
    const raft = bench.raft
    raft.step({ kind: 'message', message: append({ term: 1, index: 1 }, [op(2, 2), op(2, 3)]) })
    const ready = raft.takeReady()
    const copy = JSON.stringify(ready)
    raft.step({ kind: 'message', message: append({ term: 1, index: 1 }, [op(3, 2)], { term: 3, from: 'c' }) })
    raft.step({ kind: 'message', message: append({ term: 3, index: 2 }, [op(3, 3), op(3, 4)], { term: 3, from: 'c' }) })
    raft.takeReady()
    expect(JSON.stringify(ready)).toBe(copy)
  })

  it('works on inputs that cannot be written, and writes to none (P45)', () => {
    const bench = new Bench('a', diskWith(ABC))
    bench.receive(deepFreeze(append({ term: 1, index: 1 }, [op(2, 2), op(2, 3)])))
    bench.receive(deepFreeze(append({ term: 1, index: 1 }, [op(2, 2), op(2, 3), op(2, 4)])))
    expect(bench.status.lastId.index).toBe(4)
  })

  it('refuses a call from within another (P46)', () => {
    let inner: (() => void) | null = null
    const disk = diskWith(ABC)
    const raft = createRaft(
      {
        id: 'a',
        random: () => 0,
        decodeMembership: (data) => {
          inner?.()
          return decodeMembership(data)
        },
      },
      disk.boot(),
    )
    let thrown: unknown
    inner = () => {
      try {
        raft.step({ kind: 'tick' })
      } catch (error) {
        thrown = error
      }
    }
    const membership: Entry = { term: 2, index: 2, kind: 'membership', data: encodeMembership(ABC) }
    raft.step({ kind: 'message', message: append({ term: 1, index: 1 }, [membership]) })
    expect(thrown).toBeInstanceOf(InvariantViolation)
    expect(raft.status().lastId.index).toBe(2)
  })

  it('is not to be used after a violation', () => {
    const bench = new Bench('a', diskWith(ABC))
    expect(() => bench.raft.step({ kind: 'persisted', seq: 5 })).toThrow(InvariantViolation)
    expect(() => bench.raft.step({ kind: 'tick' })).toThrow('none after a violation')
    expect(bench.raft.describe()).toContain('a follower')
  })

  it('soft is there when role, term or leader changed, and only then', () => {
    const bench = new Bench('a', diskWith(ABC))
    const softs = (): unknown[] => bench.node.readys.flatMap(({ soft }) => (soft ? [soft] : []))
    bench.receive({ kind: 'heartbeat', from: 'b', to: 'a', term: 2, commitIndex: 0, readRound: 0 })
    bench.receive({ kind: 'heartbeat', from: 'b', to: 'a', term: 2, commitIndex: 0, readRound: 0 })
    bench.receive(append({ term: 1, index: 1 }, [op(2, 2)]))
    expect(softs()).toEqual([{ role: 'follower', term: 2, leader: 'b' }])
  })
})
