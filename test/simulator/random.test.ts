import { describe, expect, it } from 'vitest'

import { Random } from './random.ts'

describe('Random', () => {
  it('gives the same sequence for a seed, another for another', () => {
    const sequence = (seed: number) => {
      const random = new Random(seed)
      return Array.from({ length: 20 }, () => random.u32())
    }
    expect(sequence(5)).toEqual(sequence(5))
    expect(sequence(5)).not.toEqual(sequence(6))
    expect(sequence(2 ** 40)).not.toEqual(sequence(0))
  })

  it('float() is uniform, exponential() has its mean', () => {
    const random = new Random(1)
    let sum = 0
    let waited = 0
    for (let i = 0; i < 20_000; i++) {
      sum += random.float()
      waited += random.exponential(1000)
    }
    expect(sum / 20_000).toBeCloseTo(0.5, 1)
    expect(waited / 20_000 / 1000).toBeCloseTo(1, 1)
  })
})
