/**
 * Owns chance: one seeded generator (xoshiro128**, seeded by splitmix32), the only source of it in a run.
 *
 * R1 The same seed gives the same sequence. R2 A fork is independent of how often its parent is used afterwards.
 */

const rotateLeft = (x: number, k: number): number => (x << k) | (x >>> (32 - k))

export class Random {
  #a: number
  #b: number
  #c: number
  #d: number

  constructor(seed: number, stream = 0) {
    let s = (seed ^ Math.imul(Math.floor(seed / 4294967296), 0x85ebca6b) ^ Math.imul(stream, 0xc2b2ae35)) | 0
    const next = (): number => {
      s = (s + 0x9e3779b9) | 0
      let z = s ^ (s >>> 16)
      z = Math.imul(z, 0x21f0aaad)
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
      return z ^ (z >>> 15)
    }
    this.#a = next()
    this.#b = next()
    this.#c = next()
    this.#d = next() | 1
  }

  u32(): number {
    const result = Math.imul(rotateLeft(Math.imul(this.#b, 5), 7), 9) >>> 0
    const t = this.#b << 9
    this.#c ^= this.#a
    this.#d ^= this.#b
    this.#b ^= this.#c
    this.#a ^= this.#d
    this.#c ^= t
    this.#d = rotateLeft(this.#d, 11)
    return result
  }

  /** Uniform in [0, 1). */
  float(): number {
    return this.u32() / 4294967296
  }

  /** Uniform integer in [0, below). */
  int(below: number): number {
    return Math.floor(this.float() * below)
  }

  /** Uniform integer in [low, high]. */
  between(low: number, high: number): number {
    return low + this.int(high - low + 1)
  }

  chance(probability: number): boolean {
    return probability > 0 && this.float() < probability
  }

  /** Exponential with this mean, an integer ≥ 0. */
  exponential(mean: number): number {
    return Math.floor(-Math.log(1 - this.float()) * mean)
  }

  pick<T>(items: readonly T[]): T {
    return items[this.int(items.length)] as T
  }

  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.int(i + 1)
      const swapped = items[i] as T
      items[i] = items[j] as T
      items[j] = swapped
    }
    return items
  }

  fork(): Random {
    return new Random(this.u32(), this.u32())
  }
}
