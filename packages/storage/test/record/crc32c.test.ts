import { describe, expect, it } from 'vitest'

import { crc32c } from '../../src/record/crc32c.ts'

describe('crc32c', () => {
  // RFC 3720, B.4, and the check value of the catalogue of CRC algorithms.
  it.each([
    ['nothing', new Uint8Array(0), 0],
    ['"123456789"', new TextEncoder().encode('123456789'), 0xe3069283],
    ['32 zeros', new Uint8Array(32), 0x8a9136aa],
    ['32 ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ['32 ascending', Uint8Array.from({ length: 32 }, (_, at) => at), 0x46dd794e],
    ['32 descending', Uint8Array.from({ length: 32 }, (_, at) => 31 - at), 0x113fdb5c],
  ])('crc32c() of %s is the published value', (_, input, expected) => {
    expect(crc32c(input)).toBe(expected)
  })

  it('crc32c() goes on from a previous checksum and within bounds', () => {
    const input = new TextEncoder().encode('xx123456789yy')
    expect(crc32c(input, crc32c(input, 0, 2, 6), 6, 11)).toBe(0xe3069283)
  })
})
