import { describe, expect, it } from 'vitest'

import { Random } from '../simulator/random.ts'
import { checkKey } from './checker.ts'
import { explain } from './explain.ts'
import { at, open, pin, pinned, present, read, unpin, unpinned } from './hand-written.ts'
import { randomHistory, registerHistory } from './random-history.ts'

describe('explain', () => {
  it('shows the first return that fails, the state then, what was expected, and the time', () => {
    const operations = [
      at('a', 1, 2, pin('x'), pinned(1)),
      open('c', 2, pin('z')),
      at('a', 3, 6, pin('y'), pinned(2)),
      at('b', 4, 5, read, present('x', 1, 1)),
      { ...at('b', 7, 8, read, present('x', 1, 1)), note: 'through peer 2' },
      at('a', 9, 10, read, present('y', 2, 2)),
      at('a', 11, 12, unpin(), unpinned('q', 3)),
    ]
    expect(`\n${explain(operations)}`).toBe(`
cid: not linearizable. The first 4 of its 7 operations to return have no possible order, and would have without
  b read -> present x, modifiedIndex 1, revision 1  (through peer 2)

An order of what returned before:
  a pin x -> pinned, changed, modifiedIndex 1, revision 1
  b read -> present x, modifiedIndex 1, revision 1
  a pin y -> pinned, changed, modifiedIndex 2, revision 2
      here: pinned as y, written at 2, within revision 2; expected present y, modifiedIndex 2, seen present x, modifiedIndex 1, revision 1; the log is beyond revision 1 already

In time ("[" call, "]" return, ">" still open):
  a [---]                           pin x: pinned, changed, modifiedIndex 1, revision 1
  a         [-----------]           pin y: pinned, changed, modifiedIndex 2, revision 2
  b             [---]               read: present x, modifiedIndex 1, revision 1
  b                         [---]   read: present x, modifiedIndex 1, revision 1
`)
  })

  it('shows where the last answer of the part that fails would have to fit, and that it fits nowhere', () => {
    const histories = Array.from({ length: 2000 }, (_, n) => randomHistory(n + 1))
    const texts = histories
      .filter((history) => checkKey(history).kind === 'not-linearizable')
      .map((bad) => explain(bad))
    expect(texts.length).toBeGreaterThan(500)
    for (const text of texts) {
      expect(text).toMatch(/^ {6}here: /m)
      expect(text).not.toMatch(/it fits$/m)
    }
  })

  it('says so when there is an order', () => {
    expect(explain([at('a', 1, 2, pin('x'), pinned(1)), open('b', 1, unpin())])).toBe('an order exists\n')
  })

  it('is short for a long history', () => {
    const operations = registerHistory(new Random(3), {
      clients: 8,
      operations: 1000,
      slow: 20,
      unknown: 0,
      unknownRate: 0,
      vague: 0,
    })
    const end = Math.max(...operations.map(({ invokedAt }) => invokedAt)) + 100
    operations.push({ ...at('late', end, end + 1, read, present('never', 1, 1)), key: 'k' })
    const text = explain(operations)
    expect(text).toContain('The first 1001 of its 1001 operations')
    expect(text.split('\n').length).toBeLessThan(45)
  })
})
