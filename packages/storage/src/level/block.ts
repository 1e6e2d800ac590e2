/**
 * Reads one block of a LevelDB table, and says what LevelDB would make of a destroyed one.
 *
 * LevelDB verifies no checksum of a block when it reads (and classic-level has no setting for it). It asserts instead: a key below
 * 8 bytes, keys out of order in a compaction and the like end the whole process. Worse, a changed sequence number or key can bring
 * back an older version of a record, which every checksum of this package's own finds right.
 *
 * BL1 A destroyed data block passes only when its checksum proves that a single byte has changed, and that this byte lies in a
 *     value, or in the checksum itself. A value means nothing to LevelDB; the record's own seal shows the damage to whoever reads it.
 */
import { crc32c } from '../record/crc32c.ts'
import { locateChangedByte, mask, unmask } from './checksum.ts'

/** Compression type (1) and masked checksum (4) behind each block. */
export const BLOCK_TRAILER_BYTES = 5
/** Sequence number and type at the end of each key. */
const KEY_TRAILER_BYTES = 8
const NO_COMPRESSION = 0
const MAX_KEY_TYPE = 1

/** Bytes are no encoding of LevelDB's. Caught where file and offset are known. */
export class MalformedError extends Error {
  override readonly name = 'MalformedError'
}

/** Reads numbers and bytes one after the other, never beyond the end. */
export class Cursor {
  at: number
  readonly #bytes: Uint8Array
  readonly #end: number

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.#bytes = bytes
    this.at = at
    this.#end = end
  }

  get isAtEnd(): boolean {
    return this.at >= this.#end
  }

  varint(): number {
    let value = 0
    for (let scale = 1; value <= Number.MAX_SAFE_INTEGER && scale < 2 ** 56; scale *= 128) {
      if (this.isAtEnd) throw new MalformedError('a number is cut off')
      const byte = this.#bytes[this.at++] ?? 0
      value += (byte & 0x7f) * scale
      if (byte < 0x80 && Number.isSafeInteger(value)) return value
    }
    throw new MalformedError('a number is too large')
  }

  take(length: number): Uint8Array {
    if (length > this.#end - this.at) throw new MalformedError('bytes are cut off')
    this.at += length
    return this.#bytes.subarray(this.at - length, this.at)
  }
}

export interface BlockEntry {
  readonly key: Uint8Array
  /** Where the value lies in the block. */
  readonly valueStart: number
  readonly valueEnd: number
}

/** @throws {MalformedError} */
export function parseBlock(contents: Uint8Array): readonly BlockEntry[] {
  const restarts = readRestarts(contents)
  const end = contents.length - 4 * (restarts.length + 1)
  const cursor = new Cursor(contents, 0, end)
  const entries: BlockEntry[] = []
  let previous: Uint8Array = new Uint8Array(0)
  let restart = 0
  while (!cursor.isAtEnd) {
    const isRestart = restarts[restart] === cursor.at
    if (isRestart) restart++
    const [shared, unshared, valueLength] = [cursor.varint(), cursor.varint(), cursor.varint()]
    if (shared > (isRestart ? 0 : previous.length)) throw new MalformedError('a key shares more than there is')
    const rest = cursor.take(unshared)
    const key = new Uint8Array(shared + unshared)
    key.set(previous.subarray(0, shared))
    key.set(rest, shared)
    cursor.take(valueLength)
    entries.push({ key, valueStart: cursor.at - valueLength, valueEnd: cursor.at })
    previous = key
  }
  const expected = entries.length === 0 ? 0 : restarts.length
  if (restart !== expected) throw new MalformedError('a restart point is at no entry')
  return entries
}

/** What must be true of a block's keys: they lie above `after`, up to `upTo`, as the index of the table says. */
export interface KeyBounds {
  readonly after: Uint8Array | null
  readonly upTo: Uint8Array
}

/** Why LevelDB must not read a data block, given with its trailer, or null (BL1). */
export function findBlockDamage(block: Uint8Array, bounds: KeyBounds): string | null {
  const end = block.length - BLOCK_TRAILER_BYTES
  const stored = storedChecksum(block)
  const actual = crc32c(block, 0, 0, end + 1)
  const difference = (mask(actual) ^ stored) >>> 0
  if (difference === 0) return null
  if (block[end] !== NO_COMPRESSION) return 'a data block with a wrong checksum and an unknown encoding'
  const contents = block.subarray(0, end)
  let entries: readonly BlockEntry[]
  try {
    entries = parseBlock(contents)
    checkKeys(entries, bounds)
  } catch (err) {
    if (!(err instanceof MalformedError)) throw err
    return `a data block with a wrong checksum (${err.message})`
  }
  if (isOneByte(difference)) return null
  const at = locateChangedByte(actual, unmask(stored), end + 1)
  const isInValue = at !== null && entries.some(({ valueStart, valueEnd }) => valueStart <= at && at < valueEnd)
  return isInValue ? null : 'a data block with a wrong checksum, not explained by one byte of a value'
}

/** Whether a block, given with its trailer, has the right checksum. */
export function isBlockWhole(block: Uint8Array): boolean {
  return mask(crc32c(block, 0, 0, block.length - 4)) === storedChecksum(block)
}

export function isUncompressed(block: Uint8Array): boolean {
  return block[block.length - BLOCK_TRAILER_BYTES] === NO_COMPRESSION
}

function readRestarts(contents: Uint8Array): readonly number[] {
  if (contents.length < 8) throw new MalformedError('no restart points')
  const count = readFixed32(contents, contents.length - 4)
  if (count < 1 || 4 * (count + 1) > contents.length) throw new MalformedError(`${count} restart points`)
  const start = contents.length - 4 * (count + 1)
  const restarts = Array.from({ length: count }, (_, at) => readFixed32(contents, start + 4 * at))
  if (restarts[0] !== 0) throw new MalformedError('the first restart point is not the first entry')
  return restarts
}

/** Keys of LevelDB, strictly ascending, within the bounds. @throws {MalformedError} */
function checkKeys(entries: readonly BlockEntry[], { after, upTo }: KeyBounds): void {
  let previous = after
  for (const { key } of entries) {
    if (key.length < KEY_TRAILER_BYTES) throw new MalformedError('a key is too short')
    if ((key[key.length - KEY_TRAILER_BYTES] ?? 0) > MAX_KEY_TYPE) throw new MalformedError('a key has an unknown type')
    if (previous !== null && compareKeys(previous, key) >= 0) throw new MalformedError('keys are out of order')
    previous = key
  }
  if (entries.length === 0) throw new MalformedError('no entries')
  if (previous !== null && compareKeys(previous, upTo) > 0) throw new MalformedError('a key lies beyond the block')
}

/** LevelDB's order: the bytes of the key ascending, then sequence number and type, as one little-endian number, descending. */
function compareKeys(left: Uint8Array, right: Uint8Array): number {
  const [leftEnd, rightEnd] = [left.length - KEY_TRAILER_BYTES, right.length - KEY_TRAILER_BYTES]
  const order = Buffer.compare(left.subarray(0, leftEnd), right.subarray(0, rightEnd))
  if (order !== 0) return order
  for (let at = KEY_TRAILER_BYTES - 1; at >= 0; at--) {
    const difference = (right[rightEnd + at] ?? 0) - (left[leftEnd + at] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

function storedChecksum(block: Uint8Array): number {
  return readFixed32(block, block.length - 4)
}

function readFixed32(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at, true)
}

function isOneByte(difference: number): boolean {
  return [0, 8, 16, 24].some((shift) => (difference & ~(0xff << shift)) === 0)
}
