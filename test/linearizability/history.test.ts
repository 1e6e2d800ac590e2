import { describe, expect, it } from 'vitest'

import { pin, pinned, read } from './hand-written.ts'
import { partitionByKey, Recorder } from './history.ts'

describe('Recorder', () => {
  it('numbers calls and returns in the order in which it hears of them', () => {
    const recorder = new Recorder()
    const one = recorder.begin('a', 'k', pin('x'), 'through 1')
    const other = recorder.begin('b', 'k', read)
    other.unknown()
    one.answered(pinned(4), '2 attempts')
    recorder.begin('b', 'k', pin('y')).notHappened()
    recorder.begin('b', 'k', pin('z'))
    expect(recorder.operations.map(({ invokedAt, fate, note }) => [invokedAt, fate, note])).toEqual([
      [1, { kind: 'answered', returnedAt: 3, answer: pinned(4) }, 'through 1, 2 attempts'],
      [2, { kind: 'unknown' }, ''],
      [4, { kind: 'not-happened' }, ''],
      [5, { kind: 'unknown' }, ''],
    ])
  })

  it('takes one fate for each operation', () => {
    const operation = new Recorder().begin('a', 'k', pin('x'))
    operation.unknown()
    expect(() => operation.answered(pinned(1))).toThrow(/told twice/)
  })
})

describe('partitionByKey', () => {
  it('leaves out what did not happen and reads without an answer (HI4)', () => {
    const recorder = new Recorder()
    recorder.begin('a', 'k', pin('x'))
    recorder.begin('a', 'l', read)
    recorder.begin('b', 'k', pin('y')).notHappened()
    recorder.begin('b', 'm', pin('y')).answered(pinned(1))
    expect([...partitionByKey(recorder.operations)].map(([key, of]) => [key, of.length])).toEqual([
      ['k', 1],
      ['m', 1],
    ])
  })
})
