import type { Entry } from '@pinset/raft'
import { describe, expect, it } from 'vitest'

import { bootOf, emptyBase, SimulatedLog, writtenCommitIndex } from './simulated-log.ts'

const entry = (term: number, index: number, kind: Entry['kind'] = 'operations'): Entry => ({
  term,
  index,
  kind,
  data: new Uint8Array(8),
})

describe('SimulatedLog', () => {
  const log = () =>
    new SimulatedLog(emptyBase, [entry(1, 1, 'membership'), entry(1, 2), entry(3, 3, 'membership'), entry(3, 4)])

  it('carryOut() truncates, rolls the membership back and appends', () => {
    const changed = log()
    changed.carryOut({ seq: 1, truncateFrom: 3, entries: [entry(4, 3), entry(4, 4)] })
    expect(changed.membershipAt(4).index).toBe(1)
    expect(bootOf(changed)).toMatchObject({
      lastIndex: 4,
      termRuns: [
        { term: 1, index: 1 },
        { term: 4, index: 3 },
      ],
    })
  })

  it('carryOut() compacts only to what the log holds', () => {
    const changed = log()
    const { data } = entry(3, 3)
    changed.carryOut({ seq: 1, compact: { index: 3, term: 3, membership: data, membershipIndex: 3 } })
    expect([changed.termAt(2), changed.termAt(3), changed.termAt(4), changed.lastIndex]).toEqual([undefined, 3, 3, 4])
    expect(() =>
      changed.carryOut({ seq: 2, compact: { index: 4, term: 2, membership: data, membershipIndex: 3 } }),
    ).toThrow('persist order')
    expect(() =>
      changed.carryOut({ seq: 2, compact: { index: 4, term: 3, membership: data, membershipIndex: 1 } }),
    ).toThrow('persist order')
  })

  it('carryOut() refuses a gap, a falling term and a truncation outside the log', () => {
    expect(() => log().carryOut({ seq: 1, entries: [entry(3, 6)] })).toThrow('entry 6 written directly after 4')
    expect(() => log().carryOut({ seq: 1, entries: [entry(2, 5)] })).toThrow('persist order')
    expect(() => log().carryOut({ seq: 1, truncateFrom: 5 })).toThrow('truncation from 5')
  })
})

describe('writtenCommitIndex', () => {
  const log = new SimulatedLog(emptyBase, [entry(1, 1), entry(1, 2), entry(2, 3)])
  const of = (role: 'follower' | 'halted', commitIndex: number, lastId: { term: number; index: number }) =>
    writtenCommitIndex({ role, commitIndex, lastId }, 1, log)

  it('is what is committed, unless the node has halted', () => {
    expect(of('follower', 9, { term: 3, index: 9 })).toBe(9)
    expect(of('halted', 2, { term: 2, index: 3 })).toBe(2)
  })

  it('ends with the log when more was appended, and does not move when something was cut off', () => {
    expect(of('halted', 5, { term: 2, index: 5 })).toBe(3)
    expect(of('halted', 3, { term: 3, index: 3 })).toBe(1)
    expect(of('halted', 2, { term: 2, index: 2 })).toBe(1)
  })
})
