/**
 * Checks the table files of a closed database before LevelDB opens them. Only reads.
 *
 * TB1 What every read passes through must be whole: footer, index, the list of filters and the filter itself (a filter with a flipped
 *     bit hides the newest version of a record, and an older one appears).
 * TB2 On request, every data block is read and judged by itself (BL1).
 * TB3 Memory is bounded by one window, or by the largest block.
 */
import type { FileHandle } from 'node:fs/promises'
import { open } from 'node:fs/promises'
import { join } from 'node:path'

import { CorruptError } from '@pinset/interface'

import {
  BLOCK_TRAILER_BYTES,
  Cursor,
  MalformedError,
  findBlockDamage,
  isBlockWhole,
  isUncompressed,
  parseBlock,
} from './block.ts'
import type { BlockEntry } from './block.ts'
import { readLiveTables } from './manifest.ts'

const FOOTER_BYTES = 48
const MAGIC = 0xdb4775248b80fb57n
/** Read at once. */
const WINDOW_BYTES = 1024 * 1024

export interface TableOptions {
  /** Let a block pass whose only damage is one byte of a value: the record's own checksum shows it, and it can be healed. @default false */
  readonly leaveValues?: boolean
}

/**
 * Every table that the database in `directory` uses can be read by LevelDB without harm to the process.
 *
 * @throws {CorruptError} naming file and offset.
 */
export async function checkTables(directory: string, options: TableOptions = {}): Promise<void> {
  const tables = await readLiveTables(directory)
  for (const { number, size } of tables) {
    const name = String(number).padStart(6, '0')
    const file = await openFirst([join(directory, `${name}.ldb`), join(directory, `${name}.sst`)])
    // LevelDB finds missing files itself.
    if (file === null) continue
    try {
      await checkTable(new BlockReader(file.handle, file.path, size), options)
    } finally {
      await file.handle.close()
    }
  }
}

async function openFirst(paths: readonly string[]): Promise<{ handle: FileHandle; path: string } | null> {
  for (const path of paths) {
    try {
      return { handle: await open(path, 'r'), path }
    } catch (err) {
      if (!(err instanceof Error && 'code' in err && err.code === 'ENOENT')) throw err
    }
  }
  return null
}

interface Span {
  readonly offset: number
  readonly length: number
}

async function checkTable(reader: BlockReader, { leaveValues = false }: TableOptions): Promise<void> {
  const { metaIndex, index } = await readFooter(reader)
  const indexEntries = await readWholeBlock(reader, index, 'index') // TB1
  const filters = await readWholeBlock(reader, metaIndex, 'list of filters')
  for (const { span } of filters) await mustBeWhole(reader, span, 'filter')
  let after: Uint8Array | null = null
  for (const { key, span } of indexEntries) {
    const block = await reader.block(span)
    const isRefused = !leaveValues && !isBlockWhole(block)
    const damage = isRefused ? 'a data block with a wrong checksum' : findBlockDamage(block, { after, upTo: key }) // TB2
    if (damage !== null) throw damaged(reader.path, span.offset, damage)
    after = key
  }
}

async function readFooter(reader: BlockReader): Promise<{ readonly metaIndex: Span; readonly index: Span }> {
  const offset = reader.size - FOOTER_BYTES
  if (offset < 0) throw damaged(reader.path, 0, 'too short for a table')
  const footer = await reader.read(offset, FOOTER_BYTES)
  if (Buffer.from(footer.buffer, footer.byteOffset, FOOTER_BYTES).readBigUInt64LE(FOOTER_BYTES - 8) !== MAGIC) {
    throw damaged(reader.path, offset, 'no footer of a table')
  }
  return readable(reader, offset, 'footer', () => {
    const cursor = new Cursor(footer, 0, FOOTER_BYTES - 8)
    return { metaIndex: readSpan(cursor), index: readSpan(cursor) }
  })
}

interface IndexEntry {
  readonly key: Uint8Array
  readonly span: Span
}

async function readWholeBlock(reader: BlockReader, span: Span, what: string): Promise<readonly IndexEntry[]> {
  const block = await mustBeWhole(reader, span, what)
  if (!isUncompressed(block)) throw damaged(reader.path, span.offset, `an unknown encoding of the ${what}`)
  return readable(reader, span.offset, what, () =>
    parseBlock(block.subarray(0, span.length)).map((entry) => ({ key: entry.key, span: spanOf(block, entry) })),
  )
}

function spanOf(block: Uint8Array, { valueStart, valueEnd }: BlockEntry): Span {
  return readSpan(new Cursor(block, valueStart, valueEnd))
}

async function mustBeWhole(reader: BlockReader, span: Span, what: string): Promise<Uint8Array> {
  const block = await reader.block(span)
  if (!isBlockWhole(block)) throw damaged(reader.path, span.offset, `a wrong checksum of the ${what}`)
  return block
}

function readSpan(cursor: Cursor): Span {
  return { offset: cursor.varint(), length: cursor.varint() }
}

function readable<Value>(reader: BlockReader, offset: number, what: string, parse: () => Value): Value {
  try {
    return parse()
  } catch (err) {
    if (!(err instanceof MalformedError)) throw err
    throw damaged(reader.path, offset, `an unreadable ${what} (${err.message})`, err)
  }
}

function damaged(path: string, offset: number, what: string, cause?: Error): CorruptError {
  return new CorruptError(`LevelDB's table ${path} is damaged: ${what} at byte ${offset}`, { cause })
}

/** Reads a file from front to back through one window (TB3). What it gives is valid until the next read. */
class BlockReader {
  readonly path: string
  /** As the manifest has it; what a file has beyond it is not read by LevelDB either. */
  readonly size: number
  readonly #handle: FileHandle
  #window: Uint8Array = new Uint8Array(0)
  #windowAt = 0

  constructor(handle: FileHandle, path: string, size: number) {
    this.#handle = handle
    this.path = path
    this.size = size
  }

  /** A block with its trailer. */
  async block({ offset, length }: Span): Promise<Uint8Array> {
    if (offset + length + BLOCK_TRAILER_BYTES > this.size - FOOTER_BYTES) {
      throw damaged(this.path, this.size - FOOTER_BYTES, `a block of ${length} bytes at byte ${offset} beyond the end`)
    }
    return await this.read(offset, length + BLOCK_TRAILER_BYTES)
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    const from = offset - this.#windowAt
    if (from >= 0 && from + length <= this.#window.length) return this.#window.subarray(from, from + length)
    const wanted = Math.min(Math.max(length, WINDOW_BYTES), this.size - offset)
    const window = new Uint8Array(wanted)
    let filled = 0
    while (filled < wanted) {
      const { bytesRead } = await this.#readAt(window, filled, offset)
      if (bytesRead === 0) throw damaged(this.path, offset + filled, `the end, ${this.size} bytes are expected,`)
      filled += bytesRead
    }
    this.#window = window
    this.#windowAt = offset
    return window.subarray(0, length)
  }

  async #readAt(window: Uint8Array, filled: number, offset: number): Promise<{ readonly bytesRead: number }> {
    try {
      return await this.#handle.read(window, filled, window.length - filled, offset + filled)
    } catch (err) {
      throw new Error(`cannot read ${this.path}: ${err instanceof Error ? err.message : String(err)}`, { cause: err })
    }
  }
}
