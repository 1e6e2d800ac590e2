/** Owns what LevelDB does with CRC-32C: the form in which it stores checksums, and what a wrong one tells. */
import { crc32c } from '../record/crc32c.ts'

const MASK_DELTA = 0xa282ead8

/** A checksum as LevelDB stores it. Unsigned 32 bit. */
export function mask(crc: number): number {
  return ((((crc >>> 15) | (crc << 17)) >>> 0) + MASK_DELTA) >>> 0
}

export function unmask(stored: number): number {
  const rotated = (stored - MASK_DELTA) >>> 0
  return ((rotated >>> 17) | (rotated << 15)) >>> 0
}

/**
 * The one byte of `length` bytes that must have changed when their checksum became `actual` instead of `expected`.
 *
 * A checksum is linear: the difference of two depends on nothing but where the bytes differ, and how. Null when no change of a
 * single byte explains it, or when two do.
 */
export function locateChangedByte(actual: number, expected: number, length: number): number | null {
  let found: number | null = null
  let state = (actual ^ expected) >>> 0
  if (state === 0) return null
  for (let at = length - 1; at >= 0; at--) {
    state = unstep(state)
    if (state > 0xff) continue
    if (found !== null) return null
    found = at
  }
  return found
}

/** What one zero byte does to the state of a CRC-32C, by the byte that falls out. */
const STEP = Uint32Array.from({ length: 256 }, (_, byte) => ~crc32c(Uint8Array.of(byte), 0xffff_ffff) >>> 0)
/** The highest byte of each step is different. */
const BYTE_OF_STEP = new Uint8Array(256)
for (const [byte, step] of STEP.entries()) BYTE_OF_STEP[step >>> 24] = byte

/** Take one zero byte back. */
function unstep(state: number): number {
  const byte = BYTE_OF_STEP[state >>> 24] ?? 0
  return (((state ^ (STEP[byte] ?? 0)) << 8) | byte) >>> 0
}
