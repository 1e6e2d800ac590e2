import { describe, expect, it } from 'vitest'

import { isLinearizable } from './brute-force.ts'
import { checkKey } from './checker.ts'
import { randomHistory } from './random-history.ts'

const seeds = 20_000

describe('checkKey', () => {
  it('agrees with the search through all orders, on small random histories', () => {
    const counts = { true: 0, false: 0, 'with unknown': 0, 'unknown, false': 0 }
    for (let seed = 1; seed <= seeds; seed++) {
      const operations = randomHistory(seed)
      const expected = isLinearizable(operations)
      const verdict = checkKey(operations)
      if ((verdict.kind === 'linearizable') !== expected || verdict.kind === 'exceeded') {
        throw new Error(`seed ${seed}: ${expected}, but ${verdict.kind}\n${JSON.stringify(operations, null, 1)}`)
      }
      counts[`${expected}`] += 1
      if (operations.some(({ fate }) => fate.kind === 'unknown')) {
        counts['with unknown'] += 1
        counts['unknown, false'] += expected ? 0 : 1
      }
    }
    expect(counts['true']).toBeGreaterThan(seeds / 4)
    expect(counts['false']).toBeGreaterThan(seeds / 4)
    expect(counts['with unknown']).toBeGreaterThan(seeds / 4)
    expect(counts['unknown, false']).toBeGreaterThan(seeds / 20)
  })
})
