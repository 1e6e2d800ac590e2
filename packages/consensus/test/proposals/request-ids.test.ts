import { OverloadedError } from '@pinset/interface'
import { describe, expect, it } from 'vitest'

import { LOG_LIMITS } from '../../src/codec/limits.ts'
import { RequestIds, SERIALS_PER_BLOCK } from '../../src/proposals/request-ids.ts'

/** Serials as the log database of one peer gives them out, over all starts of that peer. */
class Reservations {
  floor = 1
  broken = false

  readonly reserve = async ({ count, above }: { count: number; above: number }): Promise<number> => {
    if (this.broken) throw new Error('the disk has failed')
    const first = Math.max(this.floor, above + 1)
    this.floor = first + count
    return first
  }
}

async function started(reservations = new Reservations(), highestKnownSerial = 0): Promise<RequestIds> {
  const ids = new RequestIds(reservations)
  await ids.start(highestKnownSerial)
  return ids
}

describe('RequestIds', () => {
  it('RQ1 two starts never meet, though the second knows no more of the applied state than the first', async () => {
    const reservations = new Reservations()
    const first = await started(reservations, 7)
    const used = [first.next(), first.next(), first.next()]
    const second = await started(reservations, 7)
    expect(second.next()).toBeGreaterThan(Math.max(...used) + SERIALS_PER_BLOCK / 2)
  })

  it('RQ1 a database that was put back from an old copy starts above what the applied state remembers', async () => {
    const ids = await started(new Reservations(), 5 * SERIALS_PER_BLOCK)
    expect(ids.next()).toBeGreaterThan(5 * SERIALS_PER_BLOCK)
  })

  it('RQ1 next() gives nothing that is not reserved', async () => {
    const reservations = new Reservations()
    const unstarted = new RequestIds(reservations)
    expect(() => unstarted.next()).toThrow(OverloadedError)
    reservations.broken = true
    await expect(started(reservations)).rejects.toThrow('the disk has failed')
  })

  it('jump() leaves everything that was reserved far behind', async () => {
    const reservations = new Reservations()
    const ids = await started(reservations)
    const before = ids.next()
    ids.answered(before)
    await ids.jump()
    expect(ids.next()).toBeGreaterThan(before + SERIALS_PER_BLOCK)
  })

  it('lowWater is directly below the oldest serial without an answer', async () => {
    const ids = await started()
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

  it('windowFull tells when one old call holds up the mark', async () => {
    const ids = await started()
    const oldest = ids.next()
    for (let count = 1; count < LOG_LIMITS.maxOpenRequests; count += 1) {
      ids.answered(ids.next())
    }
    expect(ids.windowFull).toBe(true)
    ids.answered(oldest)
    expect(ids.windowFull).toBe(false)
  })
})
