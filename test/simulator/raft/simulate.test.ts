import { describe, expect, it } from 'vitest'

import { Ordinals } from '../ordinals.ts'
import { simulate } from './simulate.ts'
import { noiseKinds } from './swarm.ts'

describe('simulate', () => {
  it('same seed, same run: the trace hashes are equal (40 seeds)', () => {
    const hashes = new Set<string>()
    for (let seed = 1; seed <= 40; seed++) {
      const first = simulate(seed, { events: 2000 })
      const second = simulate(seed, { events: 2000 })
      expect(second.traceHash).toBe(first.traceHash)
      expect(second.happenings).toBe(first.happenings)
      expect(second.occurrences).toEqual(first.occurrences)
      hashes.add(first.traceHash)
    }
    expect(hashes.size).toBe(40)
  })

  it('printing changes nothing', () => {
    const lines: string[] = []
    expect(simulate(3, { events: 500, print: (line) => lines.push(line) }).traceHash).toBe(
      simulate(3, { events: 500 }).traceHash,
    )
    expect(lines.length).toBeGreaterThan(500)
  })

  it('what is left out does not happen, and everything up to there is as before', () => {
    const whole = simulate(5, { events: 2000 })
    const [left] = whole.occurrences.filter(({ sort }) => sort === 'fault').slice(-1)
    expect(left).toBeDefined()
    const { ordinal } = left as NonNullable<typeof left>
    const less = simulate(5, { events: 2000, skip: Ordinals.of([ordinal]) })
    const earlier = (run: typeof whole) => run.occurrences.filter((occurrence) => occurrence.ordinal < ordinal)
    expect(earlier(less)).toEqual(earlier(whole))
    expect(less.occurrences.map((occurrence) => occurrence.ordinal)).not.toContain(ordinal)
  })

  it('without all kinds, nothing happens to a cluster that nobody asks for anything', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { kinds } = simulate(seed, { events: 100 })
      const run = simulate(seed, { events: 500, without: new Set(kinds) })
      expect(run.violation).toBeNull()
      expect(run.occurrences).toEqual([])
      expect(run.noise).toEqual([])
      expect(kinds).toEqual(expect.arrayContaining([...noiseKinds]))
    }
  })
})
