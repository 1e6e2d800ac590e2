import { describe, expect, it } from 'vitest'

import { interleaved } from './backlog.ts'
import { Random } from './random.ts'

describe('interleaved', () => {
  it('keeps the order of each source, and mixes the sources', () => {
    const backlog = Array.from({ length: 60 }, (_, i) => ({
      source: 'abc'[i % 3] as string,
      run: () => i,
      gone: () => undefined,
    }))
    const mixed = interleaved(backlog, new Random(1))
    expect(mixed).toHaveLength(60)
    expect(mixed).not.toEqual(backlog)
    for (const source of 'abc') {
      expect(mixed.filter((item) => item.source === source)).toEqual(backlog.filter((item) => item.source === source))
    }
  })
})
