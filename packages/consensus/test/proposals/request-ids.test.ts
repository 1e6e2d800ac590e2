import { describe, expect, it } from 'vitest'

import { LOG_LIMITS } from '../../src/codec/limits.ts'
import { RequestIds } from '../../src/proposals/request-ids.ts'

const wallMs = Date.UTC(2026, 10, 20)

describe('RequestIds', () => {
  it('next() starts above every serial that the applied state remembers, though the clock has jumped back', () => {
    const before = new RequestIds({ wallMs, highestKnownSerial: 0, random: () => 0.5 })
    const known = before.next()
    const after = new RequestIds({ wallMs: 0, highestKnownSerial: known, random: () => 0 })
    expect(after.next()).toBeGreaterThan(known + 1_000_000)
  })

  it('next() of two starts from the same remembered state and the same clock does not meet', () => {
    const one = new RequestIds({ wallMs, highestKnownSerial: 0, random: () => 0.25 })
    const two = new RequestIds({ wallMs, highestKnownSerial: 0, random: () => 0.5 })
    expect(Math.abs(one.next() - two.next())).toBeGreaterThan(1_000_000)
  })

  it('lowWater is directly below the oldest serial without an answer', () => {
    const ids = new RequestIds({ wallMs, highestKnownSerial: 0, random: () => 0 })
    const [a, b, c] = [ids.next(), ids.next(), ids.next()]
    expect(ids.lowWater).toBe(a - 1)
    ids.answered(b)
    expect(ids.lowWater).toBe(a - 1)
    ids.answered(a)
    expect(ids.lowWater).toBe(c - 1)
    ids.answered(c)
    expect(ids.lowWater).toBe(c)
    expect(ids.next()).toBe(c + 1)
  })

  it('windowFull tells when one old call holds up the mark', () => {
    const ids = new RequestIds({ wallMs, highestKnownSerial: 0, random: () => 0 })
    const oldest = ids.next()
    for (let count = 1; count < LOG_LIMITS.maxOpenRequests; count += 1) {
      ids.answered(ids.next())
    }
    expect(ids.windowFull).toBe(true)
    ids.answered(oldest)
    expect(ids.windowFull).toBe(false)
  })
})
