import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { EntryCache } from '../src/entry-cache.ts'
import { RaftLog } from '../src/log.ts'
import { changedNodes, isWellFormed, MembershipHistory } from '../src/membership-history.ts'
import { Persistence } from '../src/persistence.ts'
import { TermIndex } from '../src/term-index.ts'
import type { Entry, PersistOp } from '../src/types.ts'
import { decodeMembership, encodeMembership, entriesOfTerms, op, present } from './disk.ts'

const EMPTY = new Uint8Array()
const BASE = { term: 0, index: 0, membership: EMPTY, membershipIndex: 0 }

function logOf(terms: readonly number[]): RaftLog {
  const log = new RaftLog({ base: BASE, termRuns: [], lastIndex: 0, memberships: [], decodeMembership })
  for (const entry of entriesOfTerms(terms)) log.append(entry, null)
  return log
}

describe('TermIndex', () => {
  it('answers as an array of terms does, through appends, truncations and compactions', () => {
    const command = fc.oneof(
      fc.record({ append: fc.nat({ max: 2 }) }),
      fc.record({ truncate: fc.nat({ max: 50 }) }),
      fc.record({ compact: fc.nat({ max: 50 }) }),
    )
    fc.assert(
      fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
        const index = new TermIndex({ term: 0, index: 0 })
        let terms: number[] = [0]
        let base = 0
        for (const step of commands) {
          const last = terms.length - 1
          if ('append' in step) {
            const term = Math.max(1, present(terms[last]) + (step.append === 2 ? 1 : 0))
            terms.push(term)
            index.append(last + 1, term)
          } else if ('truncate' in step && step.truncate > base && step.truncate <= last) {
            terms = terms.slice(0, step.truncate)
            index.truncate(step.truncate)
          } else if ('compact' in step && step.compact > base && step.compact <= last) {
            base = step.compact
            index.compact(base)
          }
        }
        for (let at = base; at < terms.length; at += 1) {
          expect(index.termAt(at)).toBe(terms[at])
          for (const term of [0, 1, 2, 5]) {
            let expected = at
            while (expected >= base && present(terms[expected]) > term) expected -= 1
            const found = index.lastAtMost(at, term)
            expect(found.index).toBe(Math.max(expected, 0))
            expect(found.term).toBe(expected >= base ? terms[expected] : 0)
          }
        }
      }),
      { numRuns: 3000 },
    )
  })

  it('append() refuses a term that goes back', () => {
    const index = new TermIndex({ term: 3, index: 7 })
    expect(() => index.append(8, 2)).toThrow('X1')
  })
})

describe('EntryCache', () => {
  it('is a window of the log, and counts its bytes', () => {
    const command = fc.oneof(
      fc.record({ append: fc.nat({ max: 20 }) }),
      fc.record({ truncate: fc.nat({ max: 10 }) }),
      fc.record({ evict: fc.nat({ max: 300 }) }),
      fc.record({ drop: fc.nat({ max: 3 }) }),
    )
    fc.assert(
      fc.property(fc.array(command, { maxLength: 80 }), (commands) => {
        const cache = new EntryCache(1)
        let model: Entry[] = []
        let start = 1
        for (const step of commands) {
          const end = start + model.length
          if ('append' in step) {
            const entry = op(1, end, 'x'.repeat(step.append))
            cache.append(entry)
            model.push(entry)
          } else if ('truncate' in step) {
            const from = Math.max(start, end - step.truncate)
            cache.truncate(from)
            model = model.slice(0, from - start)
          } else if ('drop' in step) {
            const to = Math.min(end - 1, start - 1 + step.drop)
            cache.dropTo(to)
            model = model.slice(to + 1 - start)
            start = Math.max(start, to + 1)
          } else {
            cache.evict(end - 3, step.evict)
            model = model.slice(cache.start - start)
            start = cache.start
          }
          expect([cache.start, cache.end]).toEqual([start, start + model.length])
          for (const [at, entry] of model.entries()) expect(cache.get(start + at)).toBe(entry)
          expect(cache.bytes).toBe(model.reduce((sum, entry) => sum + entry.data.byteLength + 32, 0))
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('evict() leaves what is above the limit, whatever its size', () => {
    const cache = new EntryCache(1)
    for (let index = 1; index <= 10; index += 1) cache.append(op(1, index, 'x'.repeat(100)))
    cache.evict(7, 0)
    expect([cache.start, cache.end]).toEqual([8, 11])
  })
})

describe('RaftLog', () => {
  it('isUpToDate() compares terms first, then lengths (§5.4.1)', () => {
    const log = logOf([1, 1, 2])
    expect(log.isUpToDate({ term: 2, index: 3 })).toBe(true)
    expect(log.isUpToDate({ term: 2, index: 2 })).toBe(false)
    expect(log.isUpToDate({ term: 3, index: 1 })).toBe(true)
    expect(log.isUpToDate({ term: 1, index: 9 })).toBe(false)
  })

  it('lastAtMost() skips all that the other term rules out', () => {
    const log = logOf([1, 3, 3, 3, 5, 5])
    expect(log.lastAtMost(6, 2)).toEqual({ term: 1, index: 1 })
    expect(log.lastAtMost(6, 4)).toEqual({ term: 3, index: 4 })
    expect(log.lastAtMost(6, 9)).toEqual({ term: 5, index: 6 })
    expect(log.lastAtMost(99, 9)).toEqual({ term: 5, index: 6 })
    expect(log.lastAtMost(6, 0)).toEqual({ term: 0, index: 0 })
  })

  it('truncate() takes back the memberships above (P30)', () => {
    const log = logOf([1])
    for (const [index, voters] of [
      [2, ['a']],
      [4, ['a', 'b']],
    ] as const) {
      while (log.lastIndex < index - 1) log.append(op(1, log.lastIndex + 1), null)
      const data = encodeMembership(voters)
      log.append({ term: 1, index, kind: 'membership', data }, decodeMembership(data))
    }
    expect(log.memberships.current?.index).toBe(4)
    log.truncate(4)
    expect(log.memberships.current?.index).toBe(2)
    log.truncate(2)
    expect(log.memberships.current).toBeNull()
  })

  it('baseAt() and compact() keep the membership in force at the index, and no other (P33)', () => {
    const log = logOf([1])
    for (const index of [2, 3, 5]) {
      while (log.lastIndex < index - 1) log.append(op(1, log.lastIndex + 1), null)
      const data = encodeMembership([`v${index}`])
      log.append({ term: 1, index, kind: 'membership', data }, decodeMembership(data))
    }
    const base = log.baseAt(4)
    expect(base).toEqual({ term: 1, index: 4, membership: encodeMembership(['v3']), membershipIndex: 3 })
    log.compact(base)
    log.compact(log.baseAt(5))
    expect(log.memberships.items.map(({ index }) => index)).toEqual([5])
    expect(log.baseAt(5).membershipIndex).toBe(5)
  })

  it('baseAt() has no membership before the first', () => {
    expect(logOf([1, 1]).baseAt(1)).toEqual({ term: 1, index: 1, membership: EMPTY, membershipIndex: 0 })
  })

  it('slice() keeps to both limits and gives at least one entry', () => {
    const log = logOf([1, 1, 1, 1])
    expect(log.slice(1, 4, 2, 1000).map(({ index }) => index)).toEqual([1, 2])
    expect(log.slice(2, 4, 10, 1).map(({ index }) => index)).toEqual([2])
    expect(log.slice(1, 4, 10, 35 * 3).map(({ index }) => index)).toEqual([1, 2, 3])
  })

  it('slice() gives a new array each time (P45)', () => {
    const log = logOf([1, 1])
    expect(log.slice(1, 2, 9, 99_999)).not.toBe(log.slice(1, 2, 9, 99_999))
  })

  it('append() refuses a hole', () => {
    expect(() => logOf([1]).append(op(1, 3), null)).toThrow('L1')
  })
})

describe('MembershipHistory', () => {
  it('isWellFormed() wants sorted, disjoint lists with a voter', () => {
    expect(isWellFormed({ voters: ['a', 'b'], learners: ['c'] })).toBe(true)
    expect(isWellFormed({ voters: [], learners: ['c'] })).toBe(false)
    expect(isWellFormed({ voters: ['b', 'a'], learners: [] })).toBe(false)
    expect(isWellFormed({ voters: ['a', 'a'], learners: [] })).toBe(false)
    expect(isWellFormed({ voters: ['a'], learners: ['a'] })).toBe(false)
    expect(isWellFormed({ voters: ['', 'a'], learners: [] })).toBe(false)
  })

  it('changedNodes() names those whose part differs', () => {
    const before = { voters: ['a', 'b'], learners: ['c'] }
    expect(changedNodes(before, before)).toEqual([])
    expect(changedNodes(before, { voters: ['a', 'b', 'c'], learners: [] })).toEqual(['c'])
    expect(changedNodes(before, { voters: ['a', 'd'], learners: ['c'] })).toEqual(['b', 'd'])
    expect(changedNodes(before, { voters: ['a'], learners: ['b', 'c'] })).toEqual(['b'])
  })

  it('at() finds what is in force', () => {
    const history = new MembershipHistory()
    const membership = { voters: ['a'], learners: [] }
    history.append({ index: 2, data: EMPTY, membership })
    history.append({ index: 5, data: EMPTY, membership })
    expect([1, 2, 4, 5, 9].map((index) => history.at(index)?.index ?? 0)).toEqual([0, 2, 2, 5, 5])
  })
})

describe('Persistence', () => {
  it('acknowledge() never makes an overwritten entry durable (P7)', () => {
    const persistence = new Persistence(0)
    for (const entry of entriesOfTerms([1, 1, 1])) persistence.append(entry)
    persistence.take()
    persistence.truncate(2)
    persistence.append(op(2, 2))
    persistence.take()
    persistence.acknowledge(1)
    expect(persistence.durableIndex).toBe(1)
    persistence.acknowledge(2)
    expect(persistence.durableIndex).toBe(2)
  })

  it('acknowledge() is refused for what was not handed out, and backwards (P8)', () => {
    const persistence = new Persistence(0)
    persistence.append(op(1, 1))
    expect(() => persistence.acknowledge(1)).toThrow('W1')
    persistence.take()
    persistence.acknowledge(1)
    expect(() => persistence.acknowledge(0)).toThrow('W1')
  })

  it('take() hands over operations that later changes leave alone (P45)', () => {
    const persistence = new Persistence(0)
    persistence.append(op(1, 1))
    const [first] = persistence.take()
    persistence.append(op(1, 2))
    persistence.truncate(1)
    expect(first).toEqual({ seq: 1, entries: [op(1, 1)] })
    expect(persistence.take()).toEqual([{ seq: 2, truncateFrom: 1 }])
  })

  it('take() merges what came in between into one operation, term and vote first', () => {
    const persistence = new Persistence(5)
    persistence.hardState({ term: 2, vote: null })
    persistence.truncate(4)
    persistence.append(op(2, 4))
    persistence.append(op(2, 5))
    persistence.truncate(5)
    persistence.append(op(2, 5, 'new'))
    expect(persistence.take()).toEqual([
      { seq: 1, hardState: { term: 2, vote: null }, truncateFrom: 4, entries: [op(2, 4), op(2, 5, 'new')] },
    ])
    expect(persistence.durableIndex).toBe(3)
  })

  it('compact() and installSnapshot() stand alone and in order', () => {
    const persistence = new Persistence(3)
    const snapshot = { ...BASE, id: 's', term: 2, index: 9 }
    persistence.append(op(1, 4))
    persistence.compact({ ...BASE, term: 1, index: 2 })
    persistence.installSnapshot(snapshot, false, 3)
    persistence.append(op(2, 10))
    expect(persistence.take().map((item) => Object.keys(item).sort().join())).toEqual([
      'entries,seq',
      'compact,seq',
      'installSnapshot,seq',
      'entries,seq',
    ])
    persistence.acknowledge(2)
    expect(persistence.durableIndex).toBe(3)
    persistence.acknowledge(3)
    expect(persistence.durableIndex).toBe(9)
    persistence.acknowledge(4)
    expect(persistence.durableIndex).toBe(10)
  })

  it('the durable index is exactly the prefix that the disk shares with the log, whatever is lost in a crash (P7)', () => {
    const command = fc.oneof(
      fc.record({ append: fc.integer({ min: 1, max: 4 }) }),
      fc.record({ truncate: fc.nat({ max: 5 }) }),
      fc.constant('take' as const),
      fc.record({ acknowledge: fc.integer({ min: 1, max: 3 }) }),
    )
    fc.assert(
      fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
        const persistence = new Persistence(0)
        let log: Entry[] = []
        let disk: Entry[] = []
        const writing: PersistOp[] = []
        let version = 0
        for (const step of commands) {
          version += 1
          if (step === 'take') writing.push(...persistence.take())
          else if ('append' in step) {
            for (let at = 0; at < step.append; at += 1) {
              const entry = op(1, log.length + 1, `v${version}`)
              log.push(entry)
              persistence.append(entry)
            }
          } else if ('truncate' in step) {
            const from = Math.max(1, log.length - step.truncate)
            if (log.length === 0) continue
            log = log.slice(0, from - 1)
            persistence.truncate(from)
          } else {
            const done = writing.splice(0, step.acknowledge)
            for (const item of done) {
              if (item.truncateFrom !== undefined) disk = disk.slice(0, item.truncateFrom - 1)
              for (const entry of item.entries ?? []) {
                if (entry.index !== disk.length + 1) throw new Error(`hole at ${entry.index}`)
                disk.push(entry)
              }
            }
            const last = done.at(-1)
            if (last) persistence.acknowledge(last.seq)
          }
          for (let at = 0; at < persistence.durableIndex; at += 1) expect(disk[at]).toBe(log[at])
        }
        writing.push(...persistence.take())
        for (const item of writing) {
          if (item.truncateFrom !== undefined) disk = disk.slice(0, item.truncateFrom - 1)
          disk.push(...(item.entries ?? []))
        }
        expect(disk).toEqual(log)
        persistence.acknowledge(persistence.lastSeq)
        expect(persistence.durableIndex).toBe(log.length)
      }),
      { numRuns: 3000 },
    )
  })
})
