/**
 * Owns the look into LevelDB's write-ahead logs before LevelDB replays them. Only reads.
 *
 * LevelDB drops what has a wrong checksum together with the rest of its 32 KiB block and opens without a word: one flipped
 * byte can take back every acknowledged write of the last seconds. A crash, on the other hand, leaves a file that ends
 * within a record, or in zeros.
 *
 * W1 Only bytes that a crash can leave at the end of a file pass as a torn tail; everything else that is wrong is damage.
 */
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'

import type { StoreDamage } from '../key-value/port.ts'
import { crc32c } from '../record/crc32c.ts'
import { mask } from './checksum.ts'

const BLOCK_BYTES = 32 * 1024
const HEADER_BYTES = 7
/** full, first, middle, last. */
const MAX_TYPE = 4
const FULL = 1
const FIRST = 2
const LAST = 4
/** A file whose last bytes are all zero was extended before its data was written. */
const ZERO_TAIL_BYTES = 16

/** The first damage in the logs of a closed database, or null. */
export async function findLogDamage(directory: string): Promise<StoreDamage | null> {
  const files = (await readdir(directory)).filter((name) => name.endsWith('.log')).sort()
  for (const name of files) {
    const path = join(directory, name)
    const offset = findDamageOffset(await readFile(path))
    if (offset !== null) return { path, what: `wrong checksum in LevelDB's write-ahead log at byte ${offset}` }
  }
  return null
}

/** Where the first destroyed record begins; null when the file is whole but for a torn tail (W1). */
export function findDamageOffset(file: Uint8Array): number | null {
  let at = 0
  while (at < file.length) {
    const blockEnd = Math.min(file.length, at - (at % BLOCK_BYTES) + BLOCK_BYTES)
    const room = BLOCK_BYTES - (at % BLOCK_BYTES)
    if (room < HEADER_BYTES) {
      at += room
      continue
    }
    const end = recordEnd(file, at, blockEnd)
    if (end !== null) {
      at = end
      continue
    }
    if (isZero(file, at, blockEnd) && !hasRecordAfter(file, blockEnd)) return null
    return isTornTail(file, at, blockEnd) ? null : at
  }
  return null
}

/** The whole records of a file without damage, fragments put together, up to a torn tail. LevelDB's MANIFEST has the same form. */
export function* readLogRecords(file: Uint8Array): Generator<Uint8Array, void, void> {
  let fragments: Uint8Array[] = []
  let at = 0
  while (at < file.length) {
    const room = BLOCK_BYTES - (at % BLOCK_BYTES)
    if (room < HEADER_BYTES) {
      at += room
      continue
    }
    const end = recordEnd(file, at, Math.min(file.length, at + room))
    if (end === null) return
    const type = file[at + 6] ?? 0
    if (type === FULL || type === FIRST) fragments = []
    fragments.push(file.subarray(at + HEADER_BYTES, end))
    if (type === FULL || type === LAST) yield Buffer.concat(fragments)
    at = end
  }
}

/** The end of the valid record that begins at `at`, or null. */
function recordEnd(file: Uint8Array, at: number, blockEnd: number): number | null {
  if (at + HEADER_BYTES > blockEnd) return null
  const length = (file[at + 4] ?? 0) | ((file[at + 5] ?? 0) << 8)
  return isRecord(file, at, length, blockEnd) ? at + HEADER_BYTES + length : null
}

function isRecord(file: Uint8Array, at: number, length: number, blockEnd: number): boolean {
  const type = file[at + 6] ?? 0
  const end = at + HEADER_BYTES + length
  if (type < 1 || type > MAX_TYPE || end > blockEnd) return false
  const stored =
    ((file[at] ?? 0) | ((file[at + 1] ?? 0) << 8) | ((file[at + 2] ?? 0) << 16) | ((file[at + 3] ?? 0) << 24)) >>> 0
  return mask(crc32c(file, 0, at + 6, end)) === stored
}

function isTornTail(file: Uint8Array, at: number, blockEnd: number): boolean {
  if (blockEnd < file.length && hasRecordAfter(file, blockEnd)) return false
  for (let next = at + 1; next + HEADER_BYTES < blockEnd; next++) {
    if (recordEnd(file, next, blockEnd) !== null) return false
  }
  const length = (file[at + 4] ?? 0) | ((file[at + 5] ?? 0) << 8)
  const isShort = at + HEADER_BYTES + length > file.length || at + HEADER_BYTES > file.length
  // A whole record whose length was destroyed ends with the file.
  if (isShort && file.length - at > HEADER_BYTES && isRecord(file, at, file.length - at - HEADER_BYTES, blockEnd))
    return false
  return isShort || isZero(file, Math.max(at, file.length - ZERO_TAIL_BYTES), file.length)
}

function hasRecordAfter(file: Uint8Array, from: number): boolean {
  for (let at = from; at < file.length; at += BLOCK_BYTES) {
    if (recordEnd(file, at, Math.min(file.length, at + BLOCK_BYTES)) !== null) return true
  }
  return false
}

function isZero(file: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (file[at] !== 0) return false
  return true
}
