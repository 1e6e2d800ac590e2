/** A seed is a run: everything that happens comes from it. */
import { describe, expect, it } from 'vitest'

import { simulatePeers } from './simulate.ts'

const events = 2000

describe('simulatePeers', () => {
  it('same seed, same run: the trace hashes are equal, printed or not (5 seeds)', async () => {
    for (let seed = 1; seed <= 5; seed++) {
      const lines: string[] = []
      const first = await simulatePeers(seed, { events })
      const printed = await simulatePeers(seed, { events, print: (line) => lines.push(line) })
      expect(printed.traceHash).toBe(first.traceHash)
      expect(printed.happenings).toBe(first.happenings)
      expect(lines.length).toBeGreaterThan(events)
    }
  })
})
