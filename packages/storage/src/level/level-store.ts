/**
 * One LevelDB database behind the key-value port.
 *
 * V1 One batch is in flight at a time: LevelDB's worker threads would not keep the order of two.
 * V2 `sync` covers everything before it. LevelDB syncs only the write-ahead log that it writes now: unsynced batches may lie in
 *    the one before, whose table is still being written. Then that table is waited for.
 * V3 After a failed batch nothing more reaches LevelDB: it would write on behind a torn record, and drop both at the next open.
 */
import { readdir } from 'node:fs/promises'

import { CorruptError, StoppedError } from '@pinset/interface'
import type { ClassicLevel, Iterator, Snapshot } from 'classic-level'

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

type Database = ClassicLevel<Uint8Array, Uint8Array>

/** Above every key that this package writes. */
const BEYOND_ALL_KEYS = Uint8Array.of(0xff, 0xff)

/** What LevelDB itself sees of damage while reading. */
async function attempt<Value>(reading: Promise<Value>): Promise<Value> {
  try {
    return await reading
  } catch (err) {
    if (!(err instanceof Error && 'code' in err)) throw err
    if (err.code === 'LEVEL_CORRUPTION') throw new CorruptError(`LevelDB: ${err.message}`, { cause: err })
    // Closed between two chunks.
    if (err.code === 'LEVEL_ITERATOR_NOT_OPEN')
      throw new StoppedError('the database, or this snapshot of it, is closed', { cause: err })
    throw err
  }
}

/** LevelDB says in words alone what the system has told it. */
const OUT_OF_SPACE = [
  { code: 'ENOSPC', ending: /: No space left on device$/ },
  { code: 'EDQUOT', ending: /: Dis[ck] quota exceeded$/ },
] as const

function writeError(err: unknown): Error {
  if (!(err instanceof Error)) return new Error(String(err))
  const code = OUT_OF_SPACE.find(({ ending }) => ending.test(err.message))?.code
  return code === undefined ? err : Object.assign(new Error(`${code}: ${err.message}`), { code })
}

/** LevelDB gives Buffers, whose `slice` shares memory; nothing beyond this file must have to know. */
function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

class LevelReader implements KeyValueReader {
  protected readonly db: Database
  readonly #snapshot: Snapshot | undefined
  readonly #iterators = new Set<Iterator<Database, Uint8Array, Uint8Array>>()
  protected closed = false

  constructor(db: Database, snapshot?: Snapshot) {
    this.db = db
    this.#snapshot = snapshot
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    const [value] = await this.getMany([key])
    return value
  }

  async getMany(keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]> {
    this.#assertOpen()
    const values = await attempt(this.db.getMany([...keys], this.#options()))
    return values.map((value) => (value === undefined ? undefined : plain(value)))
  }

  async *range(range: KeyRange = {}): AsyncGenerator<readonly KeyValue[], void, void> {
    range.signal?.throwIfAborted()
    this.#assertOpen()
    const {
      gte,
      gt,
      lt,
      limit,
      reverse = false,
      chunkBytes = DEFAULT_CHUNK_BYTES,
      chunkEntries = DEFAULT_CHUNK_ENTRIES,
    } = range
    const iterator = this.db.iterator<Uint8Array, Uint8Array>({
      ...this.#options(),
      ...(gte === undefined ? {} : { gte }),
      ...(gt === undefined ? {} : { gt }),
      ...(lt === undefined ? {} : { lt }),
      ...(limit === undefined ? {} : { limit }),
      reverse,
      highWaterMarkBytes: chunkBytes,
      fillCache: false,
    })
    this.#iterators.add(iterator)
    try {
      for (;;) {
        const found = await attempt(iterator.nextv(chunkEntries))
        if (found.length === 0) return
        yield found.map(([key, value]) => ({ key: plain(key), value: plain(value) }))
        range.signal?.throwIfAborted()
        this.#assertOpen()
      }
    } finally {
      this.#iterators.delete(iterator)
      await iterator.close()
    }
  }

  protected async closeIterators(): Promise<void> {
    this.closed = true
    await Promise.all([...this.#iterators].map((iterator) => iterator.close()))
  }

  #options(): { readonly snapshot?: Snapshot } {
    return this.#snapshot === undefined ? {} : { snapshot: this.#snapshot }
  }

  #assertOpen(): void {
    if (this.closed) throw new StoppedError('the database, or this snapshot of it, is closed')
  }
}

class LevelSnapshot extends LevelReader implements KeyValueSnapshot {
  readonly #handle: Snapshot
  readonly #onClose: () => void

  constructor(db: Database, handle: Snapshot, onClose: () => void) {
    super(db, handle)
    this.#handle = handle
    this.#onClose = onClose
  }

  async close(): Promise<void> {
    if (this.closed) return
    await this.closeIterators()
    await this.#handle.close()
    this.#onClose()
  }
}

export class LevelStore extends LevelReader implements KeyValueStore {
  readonly path: string
  damage: StoreDamage | null
  readonly #forgetDamage: () => Promise<void>
  readonly #snapshots = new Set<LevelSnapshot>()
  #tail: Promise<void> = Promise.resolve()
  #hasUnsynced = false
  #failure: Error | null = null
  #closing: Promise<void> | null = null

  constructor(db: Database, path: string, damage: StoreDamage | null, forgetDamage: () => Promise<void>) {
    super(db)
    this.path = path
    this.damage = damage
    this.#forgetDamage = forgetDamage
  }

  batch(operations: readonly BatchOperation[], options: { readonly sync: boolean }): Promise<void> {
    if (this.closed) return Promise.reject(new StoppedError(`the database ${this.path} is closed`))
    const done = this.#tail.then(() => this.#attempt(operations, options.sync)) // V1
    this.#tail = done.catch(() => {})
    return done
  }

  snapshot(): KeyValueSnapshot {
    if (this.closed) throw new StoppedError(`the database ${this.path} is closed`)
    const snapshot: LevelSnapshot = new LevelSnapshot(this.db, this.db.snapshot(), () =>
      this.#snapshots.delete(snapshot),
    )
    this.#snapshots.add(snapshot)
    return snapshot
  }

  async clearDamage(): Promise<void> {
    await this.#forgetDamage()
    this.damage = null
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #attempt(operations: readonly BatchOperation[], sync: boolean): Promise<void> {
    if (this.#failure !== null) throw this.#failure // V3
    try {
      await this.#write(operations, sync)
    } catch (err) {
      this.#failure = writeError(err)
      throw this.#failure
    }
  }

  async #write(operations: readonly BatchOperation[], sync: boolean): Promise<void> {
    const batch = operations.map((operation) =>
      operation.kind === 'put'
        ? ({ type: 'put', key: operation.key, value: operation.value } as const)
        : ({ type: 'del', key: operation.key } as const),
    )
    await this.db.batch<Uint8Array, Uint8Array>(batch, { sync })
    if (!sync) {
      this.#hasUnsynced = true
    } else if (this.#hasUnsynced) {
      const logs = await this.#logs()
      // V2 compacting a range, even an empty one, first writes both tables and syncs them.
      if (logs.length > 1) await this.db.compactRange(BEYOND_ALL_KEYS, BEYOND_ALL_KEYS)
      if (logs.length > 1) await this.#assertWritten(logs)
      this.#hasUnsynced = false
    }
  }

  /** Compacting does not say when it fails, but then it deletes no log, and LevelDB refuses the next batch with the reason. */
  async #assertWritten(logs: readonly string[]): Promise<void> {
    const left = async (): Promise<readonly string[]> => (await this.#logs()).filter((name) => logs.includes(name))
    if ((await left()).length === 0) return
    await this.db.batch<Uint8Array, Uint8Array>([{ type: 'del', key: BEYOND_ALL_KEYS }], { sync: false })
    // Taken: then it may have been deleting them just now.
    const still = await left()
    if (still.length > 0) throw new Error(`LevelDB could not write the tables of ${still.join(', ')} in ${this.path}`)
  }

  async #logs(): Promise<readonly string[]> {
    return (await readdir(this.path)).filter((name) => name.endsWith('.log'))
  }

  async #close(): Promise<void> {
    this.closed = true
    await this.#tail
    await Promise.all([...this.#snapshots].map((snapshot) => snapshot.close()))
    await this.closeIterators()
    await this.db.close()
  }
}
