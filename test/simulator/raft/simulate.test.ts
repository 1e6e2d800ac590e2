import { describe, expect, it } from 'vitest'

import { Coverage } from '../coverage.ts'
import { failureText } from '../run.ts'
import { required } from './required.ts'
import { simulate } from './simulate.ts'

const seeds = 500
const events = 5000

describe('simulate', () => {
  it('same seed, same run: the trace hashes are equal (5 seeds)', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const first = simulate(seed, { events: 2000 })
      const second = simulate(seed, { events: 2000 })
      expect(second.traceHash).toBe(first.traceHash)
      expect(second.happenings).toBe(first.happenings)
      expect(simulate(seed + 100, { events: 2000 }).traceHash).not.toBe(first.traceHash)
    }
  })

  it('printing changes nothing', () => {
    const lines: string[] = []
    expect(simulate(3, { events: 500, print: (line) => lines.push(line) }).traceHash).toBe(
      simulate(3, { events: 500 }).traceHash,
    )
    expect(lines.length).toBeGreaterThan(500)
  })

  it(`safety under faults, then a whole cluster that serves (${seeds} seeds of ${events} events)`, () => {
    const coverage = new Coverage()
    for (let seed = 1; seed <= seeds; seed++) {
      const run = simulate(seed, { events })
      if (run.violation !== null) {
        throw new Error(failureText(run, { events }), { cause: run.violation })
      }
      expect(run.events).toBeGreaterThanOrEqual(events)
      expect(run.ticks * 2).toBeLessThanOrEqual(run.events)
      coverage.add(run.coverage)
    }
    expect(required.filter((what) => coverage.seeds(what) < seeds / 100)).toEqual([])
  })
})
