import { OverloadedError, StoppedError } from '@pinset/interface'
import { describe, expect, it } from 'vitest'

import { AppliedWaiters } from '../../src/driver/applied-waiters.ts'
import { microtasks } from '../support/manual-scheduler.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

describe('AppliedWaiters', () => {
  it('wait() ends in the order of indices, each not before its index is applied', async () => {
    const clock = new VirtualClock()
    const waiters = new AppliedWaiters(5)
    const ended: number[] = []
    for (const index of [9, 7, 12, 7, 8, 30, 11, 6]) {
      void waiters.wait(index, { clock, deadlineMs: 1_000 }).then(() => ended.push(index))
    }
    expect(await waiters.wait(5, { clock, deadlineMs: 0 })).toBe(true)
    waiters.applied(8)
    await microtasks()
    expect(ended).toEqual([6, 7, 7, 8])
    waiters.applied(12)
    await microtasks()
    expect(ended).toEqual([6, 7, 7, 8, 9, 11, 12])
  })

  it('wait() answers false at its deadline', async () => {
    const clock = new VirtualClock()
    const waiters = new AppliedWaiters(0)
    const waited = waiters.wait(1, { clock, deadlineMs: 10 })
    clock.advance(10)
    expect(await waited).toBe(false)
  })

  it('wait() refuses above its limit, and cancelled waiters do not count', async () => {
    const clock = new VirtualClock()
    const waiters = new AppliedWaiters(0, 1)
    const controller = new AbortController()
    const first = waiters.wait(1, { clock, deadlineMs: 10, signal: controller.signal })
    await expect(waiters.wait(1, { clock, deadlineMs: 10 })).rejects.toBeInstanceOf(OverloadedError)
    controller.abort()
    await expect(first).rejects.toThrow('aborted')
    const second = waiters.wait(1, { clock, deadlineMs: 10 })
    waiters.applied(1)
    expect(await second).toBe(true)
  })

  it('close() tells everyone who waits and who comes later', async () => {
    const clock = new VirtualClock()
    const waiters = new AppliedWaiters(3)
    const waiting = waiters.wait(4, { clock, deadlineMs: 10 })
    waiters.close()
    await expect(waiting).rejects.toBeInstanceOf(StoppedError)
    await expect(waiters.wait(4, { clock, deadlineMs: 10 })).rejects.toBeInstanceOf(StoppedError)
    expect(await waiters.wait(3, { clock, deadlineMs: 10 })).toBe(true)
  })

  it('wait() stays in order after many cancellations', async () => {
    const clock = new VirtualClock()
    const waiters = new AppliedWaiters(0)
    const ended: number[] = []
    const controllers: AbortController[] = []
    for (let index = 1; index <= 400; index += 1) {
      const controller = new AbortController()
      controllers.push(controller)
      void waiters.wait(index, { clock, deadlineMs: 10, signal: controller.signal }).then(
        () => ended.push(index),
        () => {},
      )
    }
    for (const [at, controller] of controllers.entries()) {
      if (at % 4 !== 0) {
        controller.abort()
      }
    }
    waiters.applied(400)
    await microtasks()
    expect(ended).toEqual(Array.from({ length: 100 }, (_, at) => at * 4 + 1))
  })
})
