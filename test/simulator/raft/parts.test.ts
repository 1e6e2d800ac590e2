/** What the world of Raft alone is made of: its disk, and the content of entries. */
import type { Entry, Message, PersistOp } from '@pinset/raft'
import { describe, expect, it } from 'vitest'

import { Disk } from './disk.ts'
import { copyMessage, deepFreeze } from './frozen.ts'
import { decodeMembership, encodeMembership } from './membership-data.ts'
import { proposalData, proposalOf } from './proposal-data.ts'
import { Random } from '../random.ts'
import { emptyBase } from '../simulated-log.ts'
import { applyEntry, emptyState } from './state-machine.ts'

const entry = (term: number, index: number, kind: Entry['kind'] = 'operations'): Entry => ({
  term,
  index,
  kind,
  data: proposalData(index, 8),
})
const quiet = { carriedOut: () => undefined }

describe('Disk', () => {
  const ops = (...seqs: number[]): PersistOp[] => seqs.map((seq) => ({ seq, entries: [entry(1, seq)] }))

  it('damage() takes term and vote when it is told to, down to the term that the log shows', () => {
    const damaged = (takesTerms: boolean, term: number, vote: string | null): { disk: Disk; took: boolean } => {
      const disk = new Disk()
      disk.enqueue([{ seq: 1, hardState: { term, vote }, entries: [entry(2, 1)] }])
      disk.begin()
      disk.complete(quiet)
      // Whatever else is chosen, the log stays: its only entry is in the state.
      disk.state = applyEntry(emptyState, entry(2, 1))
      return { disk, took: disk.damage(new Random(1), takesTerms) }
    }
    expect(damaged(true, 5, 'b')).toMatchObject({ took: true, disk: { hardState: { term: 2, vote: null } } })
    expect(damaged(true, 2, 'b')).toMatchObject({ took: true, disk: { hardState: { term: 2, vote: null } } })
    expect(damaged(true, 2, null)).toMatchObject({ took: false, disk: { hardState: { term: 2, vote: null } } })
    expect(damaged(false, 5, 'b')).toMatchObject({ took: false, disk: { hardState: { term: 5, vote: 'b' } } })
    expect(damaged(true, 5, 'b').disk.boot().votingSuspended).toBe(true)
  })

  it('complete() makes one write of all that waited durable', () => {
    const disk = new Disk()
    disk.enqueue(ops(1, 2))
    expect(disk.begin()).toBe(true)
    disk.enqueue(ops(3))
    expect(disk.begin()).toBe(false)
    expect(disk.log.lastIndex).toBe(0)
    expect(disk.complete(quiet)).toBe(2)
    expect(disk.log.lastIndex).toBe(2)
    expect(disk.begin()).toBe(true)
  })

  it('crash() keeps each prefix of what waited for some seed, and nothing else', () => {
    const survived = new Set<number>()
    for (let seed = 0; seed < 100; seed++) {
      const disk = new Disk()
      disk.enqueue(ops(1, 2))
      disk.begin()
      disk.enqueue(ops(3))
      disk.crash(new Random(seed), quiet)
      expect(disk.idle).toBe(true)
      survived.add(disk.boot().lastIndex)
    }
    expect([...survived].toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3])
  })

  it('crash() keeps exactly as much as it is told', () => {
    for (const survivors of [0, 1, 2, 3]) {
      const disk = new Disk()
      disk.enqueue(ops(1, 2))
      disk.begin()
      disk.enqueue(ops(3))
      expect(disk.crash(new Random(1), quiet, survivors)).toBe(3 - survivors)
      expect([disk.log.lastIndex, disk.carriedOut]).toEqual([survivors, survivors])
    }
  })

  it('fail() without a mark leaves the next start as after a crash', () => {
    const disk = new Disk()
    disk.enqueue(ops(1, 2))
    disk.begin()
    disk.fail(1, false, quiet)
    disk.crash(new Random(1), quiet)
    expect(disk.boot()).toMatchObject({ votingSuspended: false, lastIndex: 1 })
  })

  it('fail() writes nothing more and suspends the next start', () => {
    const disk = new Disk()
    disk.enqueue(ops(1))
    disk.begin()
    disk.fail(1, true, quiet)
    disk.enqueue(ops(2))
    expect(disk.begin()).toBe(false)
    disk.crash(new Random(1), quiet)
    expect(disk.boot().votingSuspended).toBe(true)
  })

  it('refuses to compact beyond the durable state, to install what was not received, and numbers that fall', () => {
    const disk = new Disk()
    disk.enqueue([...ops(1), { seq: 2, compact: { ...emptyBase, index: 1, term: 1 } }])
    disk.begin()
    expect(() => disk.complete(quiet)).toThrow('compaction to 1, the durable state is at 0')
    const other = new Disk()
    other.enqueue([
      { seq: 1, installSnapshot: { snapshot: { ...emptyBase, index: 3, term: 1, id: 's' }, keepEntries: false } },
    ])
    other.begin()
    expect(() => other.complete(quiet)).toThrow('which was not received')
    expect(() => other.enqueue(ops(1))).toThrow('operation 1 after 1')
  })
})

describe('state machine, proposals, memberships, sharing', () => {
  it('applyEntry() makes the head depend on term, index and every byte', () => {
    const heads = [
      entry(1, 1),
      entry(2, 1),
      { ...entry(1, 1), data: proposalData(1, 9) },
      { ...entry(1, 1), data: proposalData(2, 8) },
    ].map((applied) => applyEntry(emptyState, applied).head)
    expect(new Set(heads).size).toBe(4)
    expect(heads.every((head) => Number.isSafeInteger(head))).toBe(true)
  })

  it('proposalOf() reads the number back, and none from other kinds', () => {
    expect(proposalOf({ ...entry(1, 1), data: proposalData(4_000_000_000, 4) })).toBe(4_000_000_000)
    expect(proposalOf(entry(1, 1, 'noop'))).toBeNull()
  })

  it('decodeMembership() reads what encodeMembership() wrote, sorted, and refuses other bytes', () => {
    expect(decodeMembership(encodeMembership({ voters: ['b', 'a'], learners: [] }))).toEqual({
      voters: ['a', 'b'],
      learners: [],
    })
    expect(() => decodeMembership(new Uint8Array(3))).toThrow('not a membership')
  })

  it('deepFreeze() freezes all but bytes; copyMessage() shares nothing', () => {
    const message: Message = {
      kind: 'appendEntries',
      from: 'a',
      to: 'b',
      term: 1,
      prev: { term: 0, index: 0 },
      entries: [entry(1, 1)],
      commitIndex: 0,
      readRound: 0,
    }
    const copy = copyMessage(message)
    expect(copy).toEqual(message)
    expect(copy.kind === 'appendEntries' && copy.entries[0]?.data).not.toBe(message.entries[0]?.data)
    deepFreeze(message)
    expect(Object.isFrozen(message.entries[0])).toBe(true)
  })
})
