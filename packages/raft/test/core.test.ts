import { describe, expect, it } from 'vitest'

import { createRaft, InvariantViolation, type Entry, type EntryId, type Message } from '../src/index.ts'
import { Bench, Cluster } from './cluster.ts'
import { decodeMembership, deepFreeze, diskWith, encodeMembership, op } from './disk.ts'

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
