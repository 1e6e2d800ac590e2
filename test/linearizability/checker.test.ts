import { describe, expect, it } from 'vitest'

import { Random } from '../simulator/random.ts'
import { checkHistory, checkKey } from './checker.ts'
import { absent, at, open, pin, pinned, present, read } from './hand-written.ts'
import type { Operation } from './history.ts'
import { registerHistory } from './random-history.ts'

function large(seed: number, shape: { readonly unknown?: number; readonly vague?: number } = {}): Operation[] {
  const { unknown = 0, vague: notTold = 0 } = shape
  return registerHistory(new Random(seed), {
    clients: 8,
    operations: 2000,
    slow: 20,
    unknown,
    unknownRate: 0.02,
    vague: notTold,
  })
}

describe('checkKey', () => {
  it.each([{}, { unknown: 12 }, { vague: 1 }, { unknown: 12, vague: 1 }])(
    'finds an order of 2000 operations of 8 clients: %o',
    (shape) => {
      for (let seed = 1; seed <= 5; seed++) {
        const verdict = checkKey(large(seed, shape))
        expect(verdict.kind).toBe('linearizable')
        expect(verdict.kind === 'linearizable' && verdict.order.length).toBeGreaterThanOrEqual(
          2000 - (shape.unknown ?? 0),
        )
      }
    },
  )

  it('finds one value that was never written among 2000 operations', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const operations = large(seed, { unknown: 2 })
      const n = operations.findIndex(
        ({ call, fate }, n) => n > 1200 && call.kind === 'read' && fate.kind === 'answered',
      )
      const { client, invokedAt, fate } = operations[n] as Operation
      if (fate.kind === 'answered') {
        const { revision } = fate.answer
        const answer = { kind: 'present', content: 'never', modifiedIndex: null, revision } as const
        operations[n] = { ...at(client, invokedAt, fate.returnedAt, read, answer), key: 'k' }
      }
      expect(checkKey(operations).kind).toBe('not-linearizable')
    }
  })

  it('takes an unknown operation with a return at the end as one that may have happened', () => {
    const tail = [open('a', 1, pin('x')), at('b', 2, 3, read, absent(1))]
    const verdict = checkKey(tail)
    expect(verdict.kind === 'linearizable' && verdict.order).toEqual([tail[1]])
  })

  it('says that its steps are used up, and does not pass', () => {
    const operations = large(1)
    expect(checkKey(operations, { maxSteps: 1000 }).kind).toBe('exceeded')
  })

  it('takes as many steps in every run', () => {
    const operations = large(7, { unknown: 12 })
    const [one, other] = [checkKey(operations), checkKey(operations)]
    expect(one.kind === 'linearizable' && one.steps).toBe(other.kind === 'linearizable' && other.steps)
  })

  it('does not search what is too large', () => {
    const many = Array.from({ length: 2001 }, (_, n) => at('a', 2 * n + 1, 2 * n + 2, read, absent(1)))
    expect(checkKey(many)).toEqual({ kind: 'too-large', operations: 2001, unknown: 0 })
    expect(checkKey(many.slice(1)).kind).toBe('linearizable')
    const unknown = Array.from({ length: 13 }, (_, n) => open('a', n, pin('x')))
    expect(checkKey(unknown)).toEqual({ kind: 'too-large', operations: 13, unknown: 13 })
  })
})

describe('checkHistory', () => {
  it('judges each CID by itself, and leaves out what says nothing', () => {
    const one = at('a', 1, 2, pin('x'), pinned(1))
    const notHappened: Operation = { ...open('a', 3, pin('y')), fate: { kind: 'not-happened' } }
    const verdicts = checkHistory([
      one,
      notHappened,
      open('b', 4, read),
      at('a', 5, 6, read, present('x', 1, 1)),
      { ...at('c', 7, 8, read, present('x', 1, 1)), key: 'other' },
    ])
    expect([...verdicts].map(([key, { kind }]) => [key, kind])).toEqual([
      ['cid', 'linearizable'],
      ['other', 'not-linearizable'],
    ])
  })
})
