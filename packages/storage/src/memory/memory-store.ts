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

/** Reads of a store and of its snapshots that have not ended (M5). */
class ReadsInFlight {
  readonly #reads = new Set<Promise<void>>()
  /** Of the store, for a snapshot of it. */
  readonly #whole: ReadsInFlight | null

  constructor(whole: ReadsInFlight | null) {
    this.#whole = whole
  }

  add(read: Promise<void>): void {
    const ended = read.catch(() => {})
    this.#reads.add(ended)
    void ended.then(() => this.#reads.delete(ended))
    this.#whole?.add(read)
  }

  get count(): number {
    return this.#reads.size
  }

  async ended(): Promise<void> {
    await Promise.all(this.#reads)
  }
}

class MemoryReader implements KeyValueReader {
  protected isClosed = false
  protected readonly inFlight: ReadsInFlight
  readonly #backing: StoreBacking
  readonly #table: () => SortedTable
  readonly #isSnapshot: boolean

  /** @param store - that this is a snapshot of. */
  constructor(backing: StoreBacking, store: ReadsInFlight | null) {
    const frozen = store === null ? null : backing.table().freeze()
    this.inFlight = new ReadsInFlight(store)
    this.#backing = backing
    this.#table = () => frozen ?? backing.table()
    this.#isSnapshot = frozen !== null
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    this.assertOpen()
    const found = this.#table().get(key)?.slice() // M5
    const read = this.#read()
    if (read !== undefined) await read
    return found
  }

  async getMany(keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]> {
    this.assertOpen()
    const table = this.#table()
    const found = keys.map((key) => table.get(key)?.slice()) // M5
    const read = this.#read()
    if (read !== undefined) await read
    return found
  }

  async *range(range: KeyRange = {}): AsyncGenerator<readonly KeyValue[], void, void> {
    range.signal?.throwIfAborted()
    this.assertOpen()
    const { chunkBytes = DEFAULT_CHUNK_BYTES, chunkEntries = DEFAULT_CHUNK_ENTRIES, reverse = false } = range
    const most = Math.min(chunkEntries, this.#backing.mostPerChunk())
    const table = this.#table().freeze() // M5
    const low = lowest(table, range)
    const high = range.lt === undefined ? table.size : table.lowerBound(range.lt, false)
    const count = Math.min(Math.max(0, high - low), range.limit ?? Infinity)
    for (let done = 0; done === 0 || done < count;) {
      const read = this.#read()
      if (read !== undefined) await read
      if (count === 0) return // That there is nothing has to be read too.
      const chunk: KeyValue[] = []
      for (let bytes = 0; done < count && chunk.length < most && bytes < chunkBytes; done++) {
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

  /** @returns nothing when it takes no time. */
  #read(): Promise<void> | undefined {
    const read = this.#backing.read(this.#isSnapshot)
    if (read === undefined) return undefined
    const ended = read.then(() => this.#backing.assertAlive())
    this.inFlight.add(ended)
    return ended
  }
}

function lowest(table: SortedTable, range: KeyRange): number {
  if (range.gt !== undefined) return table.lowerBound(range.gt, true)
  return range.gte === undefined ? 0 : table.lowerBound(range.gte, false)
}

class MemorySnapshot extends MemoryReader implements KeyValueSnapshot {
  readonly #assertStoreOpen: () => void

  constructor(backing: StoreBacking, store: ReadsInFlight, assertStoreOpen: () => void) {
    super(backing, store)
    this.#assertStoreOpen = assertStoreOpen
  }

  async close(): Promise<void> {
    this.isClosed = true
    if (this.inFlight.count > 0) await this.inFlight.ended()
  }

  protected override assertOpen(): void {
    super.assertOpen()
    this.#assertStoreOpen()
  }
}

/** What a store needs of the disk that it lies on. */
export interface StoreBacking {
  damage(): StoreDamage | null
  table(): SortedTable
  mostPerChunk(): number
  /** @throws once the disk has crashed since the store was opened. */
  assertAlive(): void
  /** A read takes so long, or no time; throws, or rejects, when it fails. */
  read(isOfSnapshot: boolean): Promise<void> | undefined
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
    super(backing, null)
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
    return new MemorySnapshot(this.#backing, this.inFlight, () => this.assertOpen())
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
    if (this.inFlight.count > 0) await this.inFlight.ended()
    this.isClosed = true
    this.#backing.onClose()
  }

  protected override assertOpen(): void {
    if (this.#isClosing) throw new StoppedError(`the database ${this.path} is closed`)
    super.assertOpen()
    this.#backing.assertAlive()
  }
}
