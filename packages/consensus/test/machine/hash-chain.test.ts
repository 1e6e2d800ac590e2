import { createHash } from 'node:crypto'

import { describe, expect, it } from 'vitest'

import { clusterIdOf, extendChain, FIRST_HEAD } from '../../src/machine/index.ts'
import { entryOf } from '../fakes/samples.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

describe('hash-chain', () => {
  it('extendChain() hashes the head before, term, index, kind and data', () => {
    const head = new Uint8Array(32).fill(7)
    const bytes = Buffer.from(`${'07'.repeat(32)}0000000000000003000000000000010201aabb`, 'hex')
    const entry = entryOf(0x102, 'operations', Uint8Array.of(0xaa, 0xbb), 3)
    expect(hex(extendChain(head, entry))).toBe(createHash('sha256').update(bytes).digest('hex'))
  })

  it('extendChain() differs with everything that an entry is', () => {
    const data = Uint8Array.of(1)
    const heads = [
      extendChain(FIRST_HEAD, entryOf(1, 'operations', data, 1)),
      extendChain(FIRST_HEAD, entryOf(2, 'operations', data, 1)),
      extendChain(FIRST_HEAD, entryOf(1, 'operations', data, 2)),
      extendChain(FIRST_HEAD, entryOf(1, 'membership', data, 1)),
      extendChain(FIRST_HEAD, entryOf(1, 'noop', data, 1)),
      extendChain(FIRST_HEAD, entryOf(1, 'operations', Uint8Array.of(2), 1)),
      extendChain(new Uint8Array(32).fill(1), entryOf(1, 'operations', data, 1)),
    ]
    expect(new Set(heads.map(hex)).size).toBe(heads.length)
  })

  it('clusterIdOf() is the SHA-256 of the kind and the data of the founding entry', () => {
    const bytes = Uint8Array.of(2, 5, 6)
    expect(clusterIdOf(entryOf(1, 'membership', Uint8Array.of(5, 6)))).toBe(
      createHash('sha256').update(bytes).digest('hex'),
    )
  })
})
