/**
 * Owns sets of ordinals that a person can write down: `3-9,12,20-` is 3 to 9, 12, and everything from 20 on.
 *
 * Immutable; ranges ascend and neither touch nor overlap.
 */

interface Range {
  readonly first: number
  readonly last: number
}

export class Ordinals {
  readonly #ranges: readonly Range[]

  private constructor(ranges: readonly Range[]) {
    const merged: Range[] = []
    for (const range of ranges.toSorted((a, b) => a.first - b.first)) {
      const before = merged.at(-1)
      if (before !== undefined && range.first <= before.last + 1) {
        merged[merged.length - 1] = { first: before.first, last: Math.max(before.last, range.last) }
      } else {
        merged.push(range)
      }
    }
    this.#ranges = merged
  }

  static readonly none = new Ordinals([])

  static of(ordinals: Iterable<number>): Ordinals {
    return new Ordinals([...ordinals].map((ordinal) => ({ first: ordinal, last: ordinal })))
  }

  /** Everything but these. */
  static allBut(kept: Iterable<number>): Ordinals {
    const ranges: Range[] = []
    let first = 0
    for (const ordinal of [...new Set(kept)].sort((a, b) => a - b)) {
      if (ordinal > first) {
        ranges.push({ first, last: ordinal - 1 })
      }
      first = ordinal + 1
    }
    return new Ordinals([...ranges, { first, last: Infinity }])
  }

  /** Null when the text is not a list of ordinals and ranges. */
  static tryParse(text: string): Ordinals | null {
    const ranges: Range[] = []
    for (const part of text.split(',')) {
      const found = /^(\d+)(-(\d*))?$/.exec(part.trim())
      if (found === null) {
        return null
      }
      const first = Number(found[1])
      const last = found[2] === undefined ? first : found[3] === '' ? Infinity : Number(found[3])
      if (!Number.isSafeInteger(first) || last < first) {
        return null
      }
      ranges.push({ first, last })
    }
    return new Ordinals(ranges)
  }

  get isEmpty(): boolean {
    return this.#ranges.length === 0
  }

  has(ordinal: number): boolean {
    return this.#ranges.some(({ first, last }) => first <= ordinal && ordinal <= last)
  }

  toString(): string {
    return this.#ranges
      .map(({ first, last }) => (first === last ? `${first}` : `${first}-${last === Infinity ? '' : last}`))
      .join(',')
  }
}
