import { describe, expect, it } from 'vitest'

import { TimeSlices } from '../src/time-slices.ts'

async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}

describe('TimeSlices', () => {
  it('begin() lets one of those who wait work in one turn of the event loop, in the order in which they came', async () => {
    const slices = new TimeSlices()
    const worked: string[] = []
    for (const name of ['a', 'b', 'c']) void slices.begin().then(() => worked.push(name))
    const seen: string[][] = []
    for (let round = 0; round < 3; round += 1) {
      await turn()
      seen.push([...worked])
    }

    expect(seen).toEqual([['a'], ['a', 'b'], ['a', 'b', 'c']])
  })

  it('who begins again waits behind those who waited already', async () => {
    const slices = new TimeSlices()
    const worked: string[] = []
    const work = async (name: string): Promise<void> => {
      for (let round = 0; round < 2; round += 1) {
        await slices.begin()
        worked.push(name)
      }
    }
    await Promise.all(['a', 'b', 'c'].map(work))

    expect(worked).toEqual(['a', 'b', 'c', 'a', 'b', 'c'])
  })

  it('a slice is over after some milliseconds of work, counted from its own beginning', async () => {
    let nowMs = 1000
    const slices = new TimeSlices(() => nowMs)
    const beginning = slices.begin()
    nowMs += 1000
    const isOver = await beginning
    const before = isOver()
    nowMs += 3
    const within = isOver()
    nowMs += 1

    expect([before, within, isOver()]).toEqual([false, false, true])
  })
})
