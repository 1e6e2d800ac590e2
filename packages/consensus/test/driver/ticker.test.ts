import { describe, expect, it } from 'vitest'

import { Ticker } from '../../src/driver/ticker.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

describe('Ticker', () => {
  it('start() ticks at its cadence until stop()', () => {
    const clock = new VirtualClock()
    let ticks = 0
    const ticker = new Ticker(clock, 50, () => (ticks += 1))
    ticker.start()
    clock.advance(1_000)
    expect(ticks).toBe(20)
    ticker.stop()
    ticker.stop()
    clock.advance(1_000)
    expect(ticks).toBe(20)
    expect(clock.timerCount).toBe(0)
  })

  it('a stall of three seconds delivers one tick, not sixty', () => {
    const clock = new VirtualClock()
    let ticks = 0
    const ticker = new Ticker(clock, 50, () => (ticks += 1))
    ticker.start()
    clock.stall(3_000)
    clock.advance(0)
    expect(ticks).toBe(1)
    expect(ticker.stallCount).toBe(1)
    clock.advance(100)
    expect(ticks).toBe(3)
  })
})
