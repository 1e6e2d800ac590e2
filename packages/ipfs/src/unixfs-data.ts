/** Decodes what a reader of files needs of a UnixFS message: its type and its own bytes. */

type UnixfsKind = 'raw' | 'directory' | 'file' | 'metadata' | 'symlink' | 'hamt-sharded-directory'

export interface UnixfsData {
  readonly kind: UnixfsKind
  readonly data: Uint8Array
}

const KINDS: readonly UnixfsKind[] = ['raw', 'directory', 'file', 'metadata', 'symlink', 'hamt-sharded-directory']
const FIELD_TYPE = 1
const FIELD_DATA = 2
const WIRE_VARINT = 0
const WIRE_FIXED64 = 1
const WIRE_BYTES = 2
const WIRE_FIXED32 = 5

/** Undefined when the bytes are not a UnixFS message. */
export function decodeUnixfsData(bytes: Uint8Array): UnixfsData | undefined {
  let offset = 0
  let kind: UnixfsKind | undefined
  let data: Uint8Array = new Uint8Array(0)
  const readVarint = (): number => {
    let value = 0
    for (let shift = 1; ; shift *= 128) {
      const byte = bytes[offset]
      if (byte === undefined || shift > 2 ** 63) return Number.NaN
      offset += 1
      value += (byte & 0x7f) * shift
      if (byte < 0x80) return value
    }
  }
  while (offset < bytes.byteLength) {
    const tag = readVarint()
    const field = Math.floor(tag / 8)
    const wire = tag % 8
    if (wire === WIRE_VARINT) {
      const value = readVarint()
      if (Number.isNaN(value)) return undefined
      if (field === FIELD_TYPE) kind = KINDS[value]
    } else if (wire === WIRE_BYTES) {
      const length = readVarint()
      if (!(length <= bytes.byteLength - offset)) return undefined
      if (field === FIELD_DATA) data = bytes.subarray(offset, offset + length)
      offset += length
    } else if (wire === WIRE_FIXED64) offset += 8
    else if (wire === WIRE_FIXED32) offset += 4
    else return undefined
  }
  if (kind === undefined || offset !== bytes.byteLength) return undefined
  return { kind, data }
}
