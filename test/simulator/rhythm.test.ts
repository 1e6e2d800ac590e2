import { describe, expect, it } from 'vitest'

import { EventHeap } from './event-heap.ts'
import { Ordinals } from './ordinals.ts'
import { Rhythms, type Occurrence, type RhythmOptions } from './rhythm.ts'

interface Setting extends Omit<RhythmOptions, 'seed'> {
  readonly seed?: number
  readonly means?: Readonly<Record<string, number>>
}

const usual = { crash: 100, pause: 150, write: 20 }

/** What occurs in 5 000 µs; a crash draws a number of times that depends on what it drew. */
function occurrencesOf({ seed = 7, means = usual, ...options }: Setting = {}): Occurrence[] {
  const heap = new EventHeap()
  const host = {
    get now() {
      return heap.now
    },
    schedule: (delay: number, run: () => void) => heap.schedule(delay, run),
    occurred: () => undefined,
  }
  const rhythms = new Rhythms(host, { seed, ...options })
  for (const [kind, mean] of Object.entries(means)) {
    rhythms.repeat(kind === 'write' ? 'operation' : 'fault', kind, mean, (random) => {
      for (let draws = kind === 'crash' ? random.int(5) : 0; draws > 0; draws--) {
        random.u32()
      }
      const drawn = random.int(4)
      return drawn === 0 ? null : `n${drawn}`
    })
  }
  while (heap.now < 5000 && heap.runNext());
  return rhythms.occurrences
}

describe('Rhythms', () => {
  it('repeat() gives the same occurrences for a seed, others for another', () => {
    expect(occurrencesOf()).toEqual(occurrencesOf())
    expect(occurrencesOf({ seed: 8 })).not.toEqual(occurrencesOf())
    expect(occurrencesOf().filter(({ kind }) => kind === 'write').length).toBeGreaterThan(100)
  })

  it('repeat() with mean 0 is never, and leaves the other kinds where they were', () => {
    const place = ({ kind, time, text }: Occurrence): string => `${kind} ${time} ${text}`
    const fewer = occurrencesOf({ means: { ...usual, crash: 0 } })
    expect(fewer.map(place)).toEqual(
      occurrencesOf()
        .filter(({ kind }) => kind !== 'crash')
        .map(place),
    )
  })

  it('skip and without leave out what they name; all else keeps its ordinal, time and draws', () => {
    const all = occurrencesOf()
    const skip = Ordinals.of(all.filter((_, i) => i % 3 === 0).map(({ ordinal }) => ordinal))
    expect(occurrencesOf({ skip })).toEqual(all.filter((_, i) => i % 3 !== 0))
    expect(occurrencesOf({ without: new Set(['write']) })).toEqual(all.filter(({ kind }) => kind !== 'write'))
  })
})

describe('Rhythms, at the end', () => {
  it('an occurrence that ends the run is on the list', () => {
    const heap = new EventHeap()
    const occurred: string[] = []
    const rhythms = new Rhythms(
      {
        now: 0,
        schedule: (delay, run) => heap.schedule(delay, run),
        occurred: ({ kind }) => occurred.push(kind),
      },
      { seed: 1 },
    )
    rhythms.repeat('fault', 'crash', 100, () => {
      throw new Error('the end')
    })
    expect(() => heap.runNext()).toThrow('the end')
    expect(occurred).toEqual(['crash'])
    expect(rhythms.occurrences).toMatchObject([{ ordinal: 0, kind: 'crash', text: 'which ended the run' }])
  })
})

describe('Ordinals', () => {
  it('toString() is the shortest form, and tryParse() reads it', () => {
    const ordinals = Ordinals.of([12, 3, 4, 5, 9, 4, 6])
    expect(ordinals.toString()).toBe('3-6,9,12')
    expect(Ordinals.tryParse('3-6,9,12')?.toString()).toBe('3-6,9,12')
    expect([2, 3, 6, 7, 9, 12, 13].filter((ordinal) => ordinals.has(ordinal))).toEqual([3, 6, 9, 12])
  })

  it('allBut() keeps what it is given and nothing else, however high', () => {
    const ordinals = Ordinals.allBut([0, 4, 5])
    expect(ordinals.toString()).toBe('1-3,6-')
    expect(Ordinals.tryParse('1-3,6-')?.has(1_000_000)).toBe(true)
    expect(Ordinals.allBut([]).toString()).toBe('0-')
  })

  it.each(['', 'x', '3-1', '-3', '1,,2', '1.5'])('tryParse() refuses "%s"', (text) => {
    expect(Ordinals.tryParse(text)).toBeNull()
  })
})
