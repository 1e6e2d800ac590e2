import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { Inflights } from '../src/inflights.ts'
import { Progress } from '../src/progress.ts'

function replicating(matchIndex: number, nextIndex: number): Progress {
  const progress = new Progress('b', 1, 0, 8, 1000)
  progress.accept(matchIndex)
  progress.becomeReplicate()
  if (nextIndex - matchIndex > 1) progress.sent(nextIndex - matchIndex - 1, 10, 0)
  return progress
}

describe('Inflights', () => {
  it('full holds at the limit of messages', () => {
    const inflights = new Inflights(3, 1_000_000)
    for (const index of [5, 6, 9]) inflights.add(index, 10)
    expect(inflights.full).toBe(true)
    expect(() => inflights.add(10, 1)).toThrow('room in flight')
  })

  it('full holds once the limit of bytes is reached, by the message that reaches it', () => {
    const inflights = new Inflights(100, 25)
    inflights.add(1, 10)
    inflights.add(2, 10)
    expect(inflights.full).toBe(false)
    inflights.add(3, 10)
    expect(inflights.full).toBe(true)
  })

  it('freeTo() frees what ends at or before the index', () => {
    const inflights = new Inflights(4, 1000)
    for (const index of [2, 4, 6]) inflights.add(index, 7)
    inflights.freeTo(1)
    expect(inflights.count).toBe(3)
    inflights.freeTo(5)
    expect([inflights.count, inflights.bytes]).toEqual([1, 7])
    inflights.freeTo(100)
    expect([inflights.count, inflights.bytes]).toEqual([0, 0])
  })

  it('add() refuses an index that does not ascend', () => {
    const inflights = new Inflights(4, 1000)
    inflights.add(5, 1)
    expect(() => inflights.add(5, 1)).toThrow('ascend')
  })

  it('behaves as a list that is filtered, bytes included (P13)', () => {
    const command = fc.oneof(
      fc.record({ add: fc.integer({ min: 1, max: 5 }), bytes: fc.nat({ max: 50 }) }),
      fc.record({ free: fc.nat({ max: 60 }) }),
    )
    fc.assert(
      fc.property(fc.array(command, { maxLength: 100 }), fc.integer({ min: 1, max: 9 }), (commands, limit) => {
        const inflights = new Inflights(limit, 200)
        let model: { index: number; bytes: number }[] = []
        let index = 0
        for (const step of commands) {
          if ('free' in step) {
            inflights.freeTo(step.free)
            model = model.filter((item) => item.index > step.free)
          } else if (!inflights.full) {
            index += step.add
            inflights.add(index, step.bytes)
            model.push({ index, bytes: step.bytes })
          }
          expect(inflights.count).toBe(model.length)
          expect(inflights.bytes).toBe(model.reduce((sum, item) => sum + item.bytes, 0))
        }
      }),
      { numRuns: 2000 },
    )
  })
})

describe('Progress', () => {
  it('accept() never goes back, and next stays above match (P12)', () => {
    const progress = new Progress('b', 1, 0, 8, 1000)
    expect(progress.accept(5)).toBe(true)
    expect(progress.accept(3)).toBe(false)
    expect(progress.accept(5)).toBe(false)
    expect([progress.matchIndex, progress.nextIndex]).toEqual([5, 6])
  })

  it('reject() ignores what a replicating node has acknowledged meanwhile (P12)', () => {
    const progress = replicating(5, 10)
    expect(progress.reject(5, 2)).toBe(false)
    expect(progress.reject(3, 2)).toBe(false)
    expect([progress.flow.kind, progress.matchIndex, progress.nextIndex]).toEqual(['replicate', 5, 10])
  })

  it('reject() of something in flight probes after the match', () => {
    const progress = replicating(5, 10)
    expect(progress.reject(9, 9)).toBe(true)
    expect([progress.flow.kind, progress.nextIndex, progress.inflights.count]).toEqual(['probe', 6, 0])
  })

  it('reject() in a probe ignores answers to other probes', () => {
    const progress = new Progress('b', 10, 0, 8, 1000)
    expect(progress.reject(7, 3)).toBe(false)
    expect(progress.nextIndex).toBe(10)
    expect(progress.reject(9, 3)).toBe(true)
    expect(progress.nextIndex).toBe(4)
  })

  it('reject() with a hint at or above the probe still goes back', () => {
    const progress = new Progress('b', 10, 0, 8, 1000)
    progress.reject(9, 9)
    expect(progress.nextIndex).toBe(9)
  })

  it('reject() believes in lost entries only after three denials at the match point, and an acceptance starts the count again', () => {
    const progress = replicating(5, 10)
    progress.becomeProbe()
    progress.reject(5, 2)
    progress.reject(5, 2)
    progress.accept(5)
    progress.reject(5, 2)
    progress.reject(5, 2)
    expect([progress.matchIndex, progress.nextIndex]).toEqual([5, 6])
    progress.reject(5, 2)
    expect([progress.matchIndex, progress.nextIndex]).toEqual([0, 3])
  })

  it('sent() pauses a probe, and moves next ahead when replicating', () => {
    const probing = new Progress('b', 4, 0, 8, 1000)
    probing.sent(0, 0, 2)
    expect([probing.paused, probing.nextIndex]).toEqual([true, 4])
    const ahead = replicating(5, 6)
    ahead.sent(3, 30, 5)
    expect([ahead.nextIndex, ahead.inflights.count, ahead.inflights.bytes]).toEqual([9, 1, 30])
  })

  it('wantsCommit() only when the commit is news that the node can use', () => {
    const progress = replicating(5, 6)
    progress.sent(0, 0, 3)
    expect(progress.wantsCommit(3)).toBe(false)
    expect(progress.wantsCommit(4)).toBe(true)
    progress.sent(0, 0, 5)
    expect(progress.wantsCommit(6)).toBe(false)
  })

  it('becomeProbe() and becomeSnapshot() leave nothing in flight', () => {
    const progress = replicating(1, 5)
    progress.becomeSnapshot(9)
    expect([progress.paused, progress.inflights.count, progress.inflights.bytes]).toEqual([true, 0, 0])
    progress.becomeProbe(10)
    expect([progress.paused, progress.nextIndex]).toEqual([false, 10])
  })
})
