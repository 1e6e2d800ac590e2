/** CRC-32C (Castagnoli, reflected polynomial 0x82F63B78), table-driven. Node's own crc32 has another polynomial. */

const POLYNOMIAL = 0x82f63b78

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = (value & 1) === 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1
  return value
})

/** The checksum of `bytes[start, end)`; pass the checksum of what came before as `previous` to go on. Unsigned 32 bit. */
export function crc32c(bytes: Uint8Array, previous = 0, start = 0, end = bytes.length): number {
  let state = ~previous
  for (let at = start; at < end; at++) {
    state = (TABLE[(state ^ (bytes[at] ?? 0)) & 0xff] ?? 0) ^ (state >>> 8)
  }
  return ~state >>> 0
}
