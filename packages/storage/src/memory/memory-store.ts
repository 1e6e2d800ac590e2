/** One open database of a `MemoryDisk`: the port's reading side over a table, and the way of a batch to the disk. */
import { StoppedError } from '@pinset/interface'

import type {
  BatchOperation,
  KeyRange,
  KeyValue,
  KeyValueReader,
  KeyValueSnapshot,
  KeyValueStore,
  StoreDamage,
} from '../key-value/port.ts'
import { DEFAULT_CHUNK_BYTES, DEFAULT_CHUNK_ENTRIES } from '../key-value/port.ts'
import type { SortedTable } from './sorted-table.ts'

class MemoryReader implements KeyValueReader {
  protected isClosed = false
  readonly #table: () => SortedTable

  constructor(table: () => SortedTable) {
    this.#table = table
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    this.assertOpen()
    return this.#table().get(key)?.slice()
  }

  async getMany(keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]> {
    this.assertOpen()
    const table = this.#table()
    return keys.map((key) => table.get(key)?.slice())
  }

  async *range(range: KeyRange = {}): AsyncGenerator<readonly KeyValue[], void, void> {
    range.signal?.throwIfAborted()
    this.assertOpen()
    const { chunkBytes = DEFAULT_CHUNK_BYTES, chunkEntries = DEFAULT_CHUNK_ENTRIES, reverse = false } = range
    const table = this.#table().freeze()
    const low = lowest(table, range)
    const high = range.lt === undefined ? table.size : table.lowerBound(range.lt, false)
    const count = Math.min(Math.max(0, high - low), range.limit ?? Infinity)
    for (let done = 0; done < count;) {
      const chunk: KeyValue[] = []
      for (let bytes = 0; done < count && chunk.length < chunkEntries && bytes < chunkBytes; done++) {
        const found = table.at(reverse ? high - 1 - done : low + done) as KeyValue
        chunk.push({ key: found.key.slice(), value: found.value.slice() })
        bytes += found.key.length + found.value.length
      }
      yield chunk
      range.signal?.throwIfAborted()
      this.assertOpen()
    }
  }

  protected assertOpen(): void {
    if (this.isClosed) throw new StoppedError('the database, or this snapshot of it, is closed')
  }
}

function lowest(table: SortedTable, range: KeyRange): number {
  if (range.gt !== undefined) return table.lowerBound(range.gt, true)
  return range.gte === undefined ? 0 : table.lowerBound(range.gte, false)
}

class MemorySnapshot extends MemoryReader implements KeyValueSnapshot {
  readonly #assertAlive: () => void

  constructor(table: SortedTable, assertAlive: () => void) {
    super(() => table)
    this.#assertAlive = assertAlive
  }

  async close(): Promise<void> {
    this.isClosed = true
  }

  protected override assertOpen(): void {
    super.assertOpen()
    this.#assertAlive()
  }
}

/** What a store needs of the disk that it lies on. */
export interface StoreBacking {
  damage(): StoreDamage | null
  table(): SortedTable
  /** @throws once the disk has crashed since the store was opened. */
  assertAlive(): void
  write(operations: readonly BatchOperation[], sync: boolean): Promise<void>
  clearDamage(): void
  onClose(): void
}

export class MemoryStore extends MemoryReader implements KeyValueStore {
  readonly path: string
  readonly #backing: StoreBacking
  #tail: Promise<void> = Promise.resolve()
  #closing: Promise<void> | null = null
  #isClosing = false

  constructor(path: string, backing: StoreBacking) {
    super(() => backing.table())
    this.path = path
    this.#backing = backing
  }

  get damage(): StoreDamage | null {
    return this.#backing.damage()
  }

  batch(operations: readonly BatchOperation[], options: { readonly sync: boolean }): Promise<void> {
    if (this.#isClosing) return Promise.reject(new StoppedError(`the database ${this.path} is closed`))
    const done = this.#tail.then(() => this.#backing.write(operations, options.sync))
    this.#tail = done.catch(() => {})
    return done
  }

  snapshot(): KeyValueSnapshot {
    this.assertOpen()
    return new MemorySnapshot(this.#backing.table().freeze(), () => this.assertOpen())
  }

  async clearDamage(): Promise<void> {
    this.#backing.clearDamage()
  }

  close(): Promise<void> {
    this.#isClosing = true
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    await this.#tail
    this.isClosed = true
    this.#backing.onClose()
  }

  protected override assertOpen(): void {
    if (this.#isClosing) throw new StoppedError(`the database ${this.path} is closed`)
    super.assertOpen()
    this.#backing.assertAlive()
  }
}
