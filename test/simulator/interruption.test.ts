import { describe, expect, it } from 'vitest'

import { Interruption } from './interruption.ts'

describe('Interruption', () => {
  it('asks once for a ctrl-C that arrives twice, and ends at once for the next', () => {
    let now = 5
    let ended = 0
    const interruption = new Interruption({ now: () => now, endAtOnce: () => void (ended += 1) })
    expect(interruption.signal.aborted).toBe(false)

    interruption.heard()
    interruption.heard()
    expect([interruption.signal.aborted, ended]).toEqual([true, 0])

    now += 1001
    interruption.heard()
    expect(ended).toBe(1)
  })
})
