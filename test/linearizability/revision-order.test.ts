import { describe, expect, it } from 'vitest'

import { absent, at, open, pin, pinned, present, read, vague } from './hand-written.ts'
import type { Operation } from './history.ts'
import { findRevisionOutOfOrder } from './revision-order.ts'

function of(key: string, operation: Operation): Operation {
  return { ...operation, key }
}

describe('findRevisionOutOfOrder', () => {
  it('takes revisions that follow real time, across CIDs', () => {
    const operations = [
      of('k', at('a', 1, 4, pin('x'), pinned(2))),
      of('l', at('b', 2, 3, pin('x'), pinned(2))), // The same log entry.
      of('m', at('b', 5, 6, read, absent(2))),
      of('m', at('a', 7, 9, pin('y'), pinned(4))),
      of('k', at('b', 8, 10, read, present('x', 2, 3))), // Concurrent.
      of('k', open('c', 11, pin('z'))),
      of('k', at('b', 12, 13, read, vague(present('x', 2, 3)))),
    ]
    expect(findRevisionOutOfOrder(operations)).toBeNull()
  })

  it('RO1 finds a read of another CID that shows less than a write that had returned', () => {
    const operations = [of('k', at('a', 1, 2, pin('x'), pinned(5))), of('l', at('b', 3, 4, read, absent(4)))]
    expect(findRevisionOutOfOrder(operations)).toBe(
      'b read of l -> absent, revision 4 is before revision 5, although it was invoked after the return of a pin x of k -> pinned, changed, modifiedIndex 5, revision 5',
    )
  })

  it('RO1 finds a read that shows less than an earlier read', () => {
    const operations = [of('k', at('a', 1, 2, read, absent(9))), of('l', at('b', 3, 4, read, absent(8)))]
    expect(findRevisionOutOfOrder(operations)).toContain('b read of l')
  })

  it('RO2 finds a write that is decided no later than an answer that had come before it was called', () => {
    const operations = [of('k', at('a', 1, 2, read, absent(5))), of('l', at('b', 3, 4, pin('x'), pinned(5)))]
    expect(findRevisionOutOfOrder(operations)).toContain('b pin x of l')
  })
})
