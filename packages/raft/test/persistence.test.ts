import { describe, expect, it } from 'vitest'

import { createRaft, InvariantViolation, type Entry, type EntryId, type Message, type RaftBoot } from '../src/index.ts'
import { Bench, Cluster } from './cluster.ts'
import { decodeMembership, diskWith, op } from './disk.ts'

const ABC = ['a', 'b', 'c']

function append(from: string, term: number, prev: EntryId, entries: Entry[] = [], commitIndex = 0): Message {
  return { kind: 'appendEntries', from, to: 'a', term, prev, entries, commitIndex, readRound: 0 }
}

describe('persistence', () => {
  it('term and entries of one step are in one operation, term first (P6)', () => {
    const bench = new Bench('a', diskWith(ABC), { manualSync: true })
    bench.receive(append('b', 4, { term: 1, index: 1 }, [op(4, 2)]))
    expect(bench.node.writing).toEqual([{ seq: 1, hardState: { term: 4, vote: null }, entries: [op(4, 2)] }])
  })

  it('an old write`s completion makes nothing durable that has replaced its entries (P7, the ABA race)', () => {
    // The disk is slow; two leaders come and go, and the second brings entries like the first again.
    const bench = new Bench('a', diskWith(ABC), { manualSync: true })
    const prev = { term: 1, index: 1 }
    bench.receive(append('b', 2, prev, [op(2, 2), op(2, 3)]))
    bench.receive(append('c', 3, prev, [op(3, 2)]))
    bench.receive(append('b', 4, prev, [op(2, 2), op(2, 3), op(4, 4)], 4))
    expect(bench.node.writing.map(({ seq }) => seq)).toEqual([1, 2, 3])
    bench.node.sync(1)
    expect(bench.status).toMatchObject({ durableIndex: 1, commitIndex: 4, appliedIndex: 1 })
    bench.node.sync(1)
    expect(bench.status.durableIndex).toBe(1)
    // The first acknowledgement left as promised, with its own term; the third waits for its own write.
    expect(bench.sent().map(({ to, term }) => [to, term])).toEqual([
      ['b', 2],
      ['c', 3],
    ])
    bench.node.sync(1)
    expect(bench.status).toMatchObject({ durableIndex: 4, appliedIndex: 4 })
    expect(bench.sent()).toMatchObject([{ to: 'b', term: 4, outcome: { kind: 'accepted', matchIndex: 4 } }])
  })

  it('a crash at any point of the ABA race leaves a log that some prefix of the writes explains', () => {
    for (let survive = 0; survive <= 3; survive += 1) {
      const bench = new Bench('a', diskWith(ABC), { manualSync: true })
      const prev = { term: 1, index: 1 }
      bench.receive(append('b', 2, prev, [op(2, 2), op(2, 3)]))
      bench.receive(append('c', 3, prev, [op(3, 2)]))
      bench.receive(append('b', 4, prev, [op(2, 2), op(2, 3), op(4, 4)], 4))
      bench.node.crash(survive)
      bench.node.restart()
      const expected = [
        [1, 0],
        [3, 2],
        [2, 3],
        [4, 4],
      ][survive]
      expect([bench.status.lastId.index, bench.status.lastId.term]).toEqual(
        [
          [1, 1],
          [3, 2],
          [2, 3],
          [4, 4],
        ][survive],
      )
      expect(expected).toBeDefined()
      bench.raft.checkInvariants()
    }
  })

  it('a completion that was not announced, or goes back, is the driver`s mistake (P8)', () => {
    const bench = new Bench('a', diskWith(ABC), { manualSync: true })
    bench.receive(append('b', 2, { term: 1, index: 1 }, [op(2, 2)]))
    expect(() => bench.step({ kind: 'persisted', seq: 2 })).toThrow(InvariantViolation)
  })

  it('several operations are acknowledged by the last number', () => {
    const bench = new Bench('a', diskWith(ABC), { manualSync: true })
    for (const index of [2, 3, 4])
      bench.receive(append('b', 2, { term: index === 2 ? 1 : 2, index: index - 1 }, [op(2, index)]))
    bench.node.sync()
    expect(bench.status.durableIndex).toBe(4)
    expect(bench.sent()).toHaveLength(3)
  })

  it('answers keep their order, and none leaves before its write', () => {
    const bench = new Bench('a', diskWith(ABC), { manualSync: true })
    bench.receive(append('b', 2, { term: 1, index: 1 }, [op(2, 2)]))
    bench.receive(append('b', 2, { term: 2, index: 2 }, [op(2, 3)]))
    bench.receive(append('b', 2, { term: 2, index: 9 }))
    const seqs = bench.node.readys.flatMap(({ sendAfter }) => sendAfter.map(({ seq }) => seq))
    expect(seqs).toEqual([1, 2, 2])
  })

  it('a restart begins with what is applied as committed, and believes nothing else', () => {
    const cluster = Cluster.of(ABC)
    cluster.elect('a')
    cluster.propose('a', 'x')
    cluster.run(3)
    const node = cluster.node('b')
    node.disk.stateIndex = 2
    node.disk.state.length = 2
    node.restart()
    expect(node.status).toMatchObject({
      commitIndex: 2,
      appliedIndex: 2,
      durableIndex: 3,
      lastId: { index: 3 },
      role: 'follower',
      leader: null,
    })
    cluster.run(5)
    expect(node.status.appliedIndex).toBe(3)
  })

  describe('boot', () => {
    const boot: RaftBoot = diskWith(ABC, [], [1, 2]).boot()
    const init = { id: 'a', random: () => 0, decodeMembership }

    it.each([
      ['a state ahead of the log (P11)', { appliedIndex: 9 }],
      ['a term below that of the last entry', { hardState: { term: 1, vote: null } }],
      ['a log that ends before its base', { base: { ...boot.base, index: 9, term: 2 } }],
      [
        'terms that go back',
        {
          termRuns: [
            { term: 2, index: 1 },
            { term: 1, index: 2 },
          ],
        },
      ],
    ])('with %s is refused', (_name, wrong) => {
      expect(() => createRaft(init, { ...boot, ...wrong })).toThrow(InvariantViolation)
    })

    it.each([
      ['no id', { id: '' }],
      ['an election as short as a heartbeat', { electionTicks: 2, heartbeatTicks: 2 }],
      ['a fraction', { maxPendingReads: 1.5 }],
      ['a window smaller than a message', { maxBytesPerMessage: 100, maxInflightBytes: 50 }],
    ])('with %s in the settings is refused', (_name, wrong) => {
      expect(() => createRaft({ ...init, ...wrong }, boot)).toThrow(RangeError)
    })

    it('has nothing to do', () => {
      const raft = createRaft(init, boot)
      expect(raft.hasReady()).toBe(false)
      expect(raft.status()).toMatchObject({
        term: 2,
        commitIndex: 0,
        lastId: { term: 2, index: 3 },
        membership: { index: 1 },
        halted: null,
      })
      raft.checkInvariants()
    })
  })
})
