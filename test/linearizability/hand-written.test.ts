import { describe, expect, it } from 'vitest'

import { isLinearizable } from './brute-force.ts'
import { checkKey } from './checker.ts'
import {
  absent,
  at,
  conflict,
  notPinned,
  open,
  pin,
  pinDirect,
  pinned,
  present,
  read,
  refused,
  unchanged,
  unpin,
  unpinned,
  vague,
} from './hand-written.ts'
import type { Operation } from './history.ts'

const good: Readonly<Record<string, readonly Operation[]>> = {
  'nothing at all': [],
  'one after the other': [
    at('a', 1, 2, pin('x'), pinned(1)),
    at('a', 3, 4, read, present('x', 1, 1)),
    at('a', 5, 6, unpin(), unpinned('x', 2)),
    at('a', 7, 8, read, absent(2)),
    at('a', 9, 10, unpin(), notPinned(3)),
  ],
  'a read during a write sees the state before': [
    at('a', 1, 2, pin('x'), pinned(1)),
    at('a', 3, 9, pin('y'), pinned(2)),
    at('b', 4, 5, read, present('x', 1, 1)),
  ],
  'a read during a write sees the state after': [
    at('a', 1, 2, pin('x'), pinned(1)),
    at('a', 3, 9, pin('y'), pinned(2)),
    at('b', 4, 5, read, present('y', 2, 2)),
  ],
  'the write that was called later comes first': [
    at('a', 1, 9, pin('x'), pinned(2)),
    at('b', 3, 8, pin('y'), pinned(1)),
    at('c', 10, 11, read, present('x', 2, 2)),
  ],
  'an unknown write takes effect later, after other answers': [
    open('a', 1, pin('x')),
    at('b', 2, 3, pin('y'), pinned(4)),
    at('b', 4, 5, read, present('y', 4, 5)),
    at('b', 6, 7, read, present('x', 6, 7)),
  ],
  'an unknown write never takes effect': [
    at('a', 1, 2, pin('y'), pinned(1)),
    open('a', 3, pin('x')),
    at('b', 4, 5, read, present('y', 1, 8)),
    at('b', 6, 7, unpin(1), unpinned('y', 9)),
    at('b', 8, 9, read, absent(9)),
  ],
  'an unknown unpin takes effect between two reads': [
    at('a', 1, 2, pin('x'), pinned(1)),
    open('b', 3, unpin()),
    at('a', 4, 5, read, present('x', 1, 1)),
    at('a', 6, 7, read, absent(3)),
  ],
  'two unknown writes take effect in the order opposite to that of their calls': [
    open('a', 1, pin('x')),
    open('b', 2, pin('y')),
    at('c', 3, 4, read, present('y', 5, 5)),
    at('c', 5, 6, read, present('x', 6, 6)),
  ],
  'an equal pin changes nothing and names the old index': [
    at('a', 1, 2, pin('x'), pinned(1)),
    at('b', 3, 4, pin('x'), unchanged(1, 5)),
    at('b', 5, 6, read, present('x', 1, 6)),
  ],
  'two conditional writes: one wins, the other is told of it': [
    at('a', 1, 2, pin('x'), pinned(3)),
    at('b', 3, 9, pin('y', 3), pinned(5)),
    at('c', 3, 9, pin('z', 3), conflict(5, 6)),
  ],
  'a pin only if there is none, after an unpin': [
    at('a', 1, 2, pin('x'), pinned(1)),
    at('a', 3, 9, unpin(), unpinned('x', 2)),
    at('b', 4, 8, pin('y', 0), pinned(3)),
  ],
  'a conflict shows that an unknown write happened, and where': [
    at('a', 1, 2, pin('x'), pinned(1)),
    open('b', 3, pin('y')),
    at('c', 4, 5, unpin(1), conflict(7, 8)),
    at('c', 6, 7, unpin(7), unpinned('y', 9)),
  ],
  'a recursive pin does not become direct, an unpin allows it': [
    at('a', 1, 2, pin('x'), pinned(1)),
    at('a', 3, 4, pinDirect('d'), refused(2)),
    at('a', 5, 6, unpin(), unpinned('x', 3)),
    at('a', 7, 8, pinDirect('d'), pinned(4)),
    at('a', 9, 10, pin('x'), pinned(5)),
  ],
  'nobody was told an index': [
    at('a', 1, 2, pin('x'), vague(pinned(1))),
    at('b', 3, 8, pin('y'), vague(pinned(2))),
    at('c', 4, 5, read, vague(present('y', 2, 2))),
    at('c', 6, 7, read, vague(present('y', 2, 2))),
  ],
}

const bad: Readonly<Record<string, readonly Operation[]>> = {
  'stale read: the value before a write that had returned': [
    at('a', 1, 2, pin('x'), pinned(1)),
    at('a', 3, 4, pin('y'), pinned(2)),
    at('b', 5, 6, read, present('x', 1, 1)),
  ],
  'stale read, without any index': [
    at('a', 1, 2, pin('x'), vague(pinned(1))),
    at('a', 3, 4, pin('y'), vague(pinned(2))),
    at('b', 5, 6, read, vague(present('x', 1, 1))),
  ],
  'lost write: an acknowledged pin is not there': [at('a', 1, 2, pin('x'), pinned(1)), at('b', 3, 4, read, absent(5))],
  'a read of a value that nobody wrote': [at('a', 1, 2, pin('x'), pinned(1)), at('b', 3, 4, read, present('z', 2, 2))],
  'a read of a value before its write was called': [
    at('b', 1, 2, read, present('x', 3, 3)),
    at('a', 3, 4, pin('x'), pinned(3)),
  ],
  'an unpin comes back: the first attempt takes effect again after a new pin': [
    at('a', 1, 2, pin('x'), pinned(1)),
    at('b', 3, 4, unpin(), unpinned('x', 2)),
    at('a', 5, 6, pin('x'), pinned(3)),
    at('a', 7, 8, read, absent(5)),
  ],
  'a pin comes back: a late repetition of it undoes an unpin': [
    at('a', 1, 2, pin('x'), pinned(1)),
    at('b', 3, 4, unpin(), unpinned('x', 2)),
    at('b', 5, 6, read, present('x', 4, 4)),
  ],
  'a write that is said to have failed is seen': [
    // It is left out of the history, as what certainly did not happen is.
    at('a', 1, 2, pin('x'), pinned(1)),
    at('b', 3, 4, read, present('y', 2, 3)),
  ],
  'doubled write: one pin has two indexes': [
    at('a', 1, 2, pin('x'), pinned(1)),
    at('b', 3, 4, read, present('x', 3, 3)),
  ],
  'doubled unknown write: it takes effect, is undone, and takes effect again': [
    open('a', 1, pin('x')),
    at('b', 2, 3, read, present('x', 2, 2)),
    at('b', 4, 5, unpin(), unpinned('x', 3)),
    at('b', 6, 7, read, present('x', 4, 4)),
  ],
  'a conflict that cannot be: the index is the one that was asked for': [
    at('a', 1, 2, pin('x'), pinned(3)),
    at('b', 3, 4, unpin(3), conflict(3, 4)),
  ],
  'a conflict that cannot be: it names an index that no write has': [
    at('a', 1, 2, pin('x'), pinned(3)),
    at('b', 3, 4, unpin(2), conflict(5, 6)),
  ],
  'two conditional writes win on the same index': [
    at('a', 1, 2, pin('x'), pinned(3)),
    at('b', 3, 9, pin('y', 3), pinned(5)),
    at('c', 3, 9, pin('z', 3), pinned(6)),
  ],
  'two clients unpin the same pin': [
    at('a', 1, 2, pin('x'), pinned(1)),
    at('b', 3, 9, unpin(), unpinned('x', 2)),
    at('c', 3, 9, unpin(), unpinned('x', 3)),
  ],
  'an unknown write is seen, then not, then seen': [
    at('a', 1, 2, pin('y'), pinned(1)),
    open('a', 3, pin('x')),
    at('b', 4, 5, read, present('x', 2, 2)),
    at('b', 6, 7, read, present('y', 1, 3)),
    at('b', 8, 9, read, present('x', 2, 4)),
  ],
  'an unknown write takes effect before it was called': [
    at('b', 1, 2, read, present('x', 1, 1)),
    open('a', 3, pin('x')),
  ],
  'two reads see two writes in different orders': [
    at('a', 1, 9, pin('x'), vague(pinned(1))),
    at('b', 1, 9, pin('y'), vague(pinned(2))),
    at('c', 2, 3, read, vague(present('x', 1, 1))),
    at('c', 4, 5, read, vague(present('y', 2, 2))),
    at('d', 6, 7, read, vague(present('x', 1, 1))),
  ],
  'revisions run against real time': [at('a', 1, 2, pin('x'), pinned(5)), at('b', 3, 4, pin('y'), pinned(4))],
  'one index names two states of a pin': [
    at('a', 1, 9, pin('x'), pinned(4)),
    at('b', 1, 9, pin('y'), pinned(4)),
    at('d', 10, 11, read, present('y', 4, 4)),
  ],
  'a read shows what was written after its revision': [
    at('a', 1, 9, pin('x'), pinned(5)),
    at('b', 2, 8, read, present('x', 5, 4)),
  ],
  'an equal pin is said to have changed something': [
    at('a', 1, 2, pin('x'), pinned(1)),
    at('b', 3, 4, pin('x'), pinned(2)),
  ],
  'a recursive pin became direct': [at('a', 1, 2, pin('x'), pinned(1)), at('b', 3, 4, pinDirect('d'), pinned(2))],
  'a pin is refused without a reason': [at('a', 1, 2, pinDirect('d'), pinned(1)), at('b', 3, 4, pin('x'), refused(2))],
}

describe('checkKey, on histories written by hand', () => {
  it.each(Object.entries(good))('takes: %s', (_, operations) => {
    expect(checkKey(operations).kind).toBe('linearizable')
    expect(isLinearizable(operations)).toBe(true)
  })

  it.each(Object.entries(bad))('finds: %s', (_, operations) => {
    expect(checkKey(operations).kind).toBe('not-linearizable')
    expect(isLinearizable(operations)).toBe(false)
  })
})
