import { describe, expect, it } from 'vitest'

import { EventHeap } from './event-heap.ts'
import { Random } from './random.ts'

describe('EventHeap', () => {
  it('runs by time, and in the order of scheduling at one time', () => {
    const heap = new EventHeap()
    const random = new Random(3)
    const ran: [number, number][] = []
    for (let i = 0; i < 500; i++) {
      const at = random.int(20)
      heap.schedule(at, () => ran.push([at, i]))
    }
    while (heap.runNext());
    expect(ran).toHaveLength(500)
    expect(ran).toEqual(ran.toSorted(([a, i], [b, j]) => a - b || i - j))
    expect(heap.now).toBe(19)
  })
})
