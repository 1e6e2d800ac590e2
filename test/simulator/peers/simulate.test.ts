/** The full stack under faults, seed by seed; the other half of the seeds is in the file beside this one. */
import { describe, expect, it } from 'vitest'

import { failureText, type Run } from '../run.ts'
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

  it('safety under faults, then a whole cluster that serves (30 seeds of 2000 events)', async () => {
    const failed: Run[] = []
    for (let seed = 1; seed <= 30; seed++) {
      const run = await simulatePeers(seed, { events })
      if (run.violation !== null) {
        failed.push(run)
      }
    }
    expect(failed.map((run) => failureText(run, { events }))).toEqual([])
  })
})
