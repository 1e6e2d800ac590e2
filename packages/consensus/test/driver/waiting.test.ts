import { describe, expect, it } from 'vitest'

import { waitFor, type Settle } from '../../src/driver/waiting.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

function setUp(deadlineMs: number, signal?: AbortSignal) {
  const clock = new VirtualClock()
  const state: { settle: Settle<number> | null; left: number } = { settle: null, left: 0 }
  const waited = waitFor<number>({ clock, deadlineMs, signal }, (settle) => {
    state.settle = settle
    return () => {
      state.left += 1
    }
  })
  return { clock, state, waited }
}

describe('waitFor', () => {
  it('waitFor() ends with the value, and leaves nothing behind', async () => {
    const { clock, state, waited } = setUp(100)
    state.settle?.done(7)
    state.settle?.done(8)
    expect(await waited).toEqual({ kind: 'done', value: 7 })
    expect(state.left).toBe(1)
    expect(clock.timerCount).toBe(0)
  })

  it('waitFor() ends with its deadline', async () => {
    const { clock, state, waited } = setUp(100)
    clock.advance(100)
    expect(await waited).toEqual({ kind: 'deadline' })
    expect(state.left).toBe(1)
  })

  it('waitFor() rejects with the reason of its signal, unchanged', async () => {
    const controller = new AbortController()
    const { clock, state, waited } = setUp(100, controller.signal)
    const reason = new DOMException('enough', 'TimeoutError')
    controller.abort(reason)
    await expect(waited).rejects.toBe(reason)
    expect(state.left).toBe(1)
    expect(clock.timerCount).toBe(0)
  })

  it('waitFor() does not subscribe for a signal that has ended', async () => {
    const { state, waited } = setUp(100, AbortSignal.abort())
    await expect(waited).rejects.toThrow('aborted')
    expect(state.settle).toBeNull()
  })

  it('waitFor() takes its subscription back when it is settled while subscribing', async () => {
    let left = 0
    const waited = waitFor<string>({ clock: new VirtualClock(), deadlineMs: 10 }, (settle) => {
      settle.done('at once')
      return () => {
        left += 1
      }
    })
    expect(await waited).toEqual({ kind: 'done', value: 'at once' })
    expect(left).toBe(1)
  })
})
