/**
 * The one writer of the log database: keeps the head, commits batches, prunes what lies below the base.
 *
 * D1 Every batch writes the head; batches are built and written one at a time, each from the state that the one before left.
 * D2 Entries at or below the base are deleted after the base is durable, in bounded unsynced batches; nobody reads them.
 */
import { CorruptError, StoppedError } from '@pinset/interface'
import type { Entry, Index } from '@pinset/raft'

import { isOutOfSpace } from '../errors.ts'
import type { StorageFailedError } from '../errors.ts'
import type { FailStop } from '../fail-stop.ts'
import type { BatchOperation, KeyValueStore } from '../key-value/port.ts'
import { bytesEqual } from '../record/bytes.ts'
import { ENTRY_RANGE, HEAD_KEY, decodeEntry, encodeHead, entryKey } from './log-records.ts'
import type { EntryRecord, LogState } from './log-records.ts'

/** Deletions per batch while pruning: about a millisecond of LevelDB, so that a commit never waits long behind it. */
const PRUNE_CHUNK = 1000

const MAX_READ_CHUNK_BYTES = 1024 * 1024

export interface BuiltBatch {
  readonly operations: readonly BatchOperation[]
  readonly state: LogState
}

export class LogDatabase {
  readonly #store: KeyValueStore
  readonly #failStop: FailStop
  #state: LogState
  /** Lowest index that this process may have left on disk below the base. */
  #lowestStored: Index
  /** An earlier process left entries below the base. */
  #hasLeftovers: boolean
  #tail: Promise<void> = Promise.resolve()
  #pruning: Promise<void> | null = null
  #isClosing = false

  constructor(store: KeyValueStore, failStop: FailStop, state: LogState, hasLeftovers: boolean) {
    this.#store = store
    this.#failStop = failStop
    this.#state = state
    this.#lowestStored = state.base.index + 1
    this.#hasLeftovers = hasLeftovers
    this.#prune()
  }

  /** As of the last batch that was written. */
  get state(): LogState {
    return this.#state
  }

  get path(): string {
    return this.#store.path
  }

  /** Build a batch from the newest state, write it with the head, sync it (D1). A build that throws changes nothing. */
  commit(build: (state: LogState) => BuiltBatch | Promise<BuiltBatch>): Promise<void> {
    // Not a failed write, which would leave a mark.
    if (this.#isClosing) return Promise.reject(new StoppedError(`the log in ${this.path} is closed`))
    const done = this.#tail.then(() => this.#commit(build))
    this.#tail = done.catch(() => {})
    return done
  }

  /** @throws {CorruptError} naming path and index. */
  async readRecord(index: Index): Promise<EntryRecord> {
    const value = await this.#store.get(entryKey(index))
    return mustDecode(index, value, this.path)
  }

  /**
   * Entries from `from` on, verified. Fewer, or none, when the log was compacted or truncated while they were asked for.
   *
   * @throws {CorruptError} an entry that belongs to the log is damaged or missing.
   */
  async read(from: Index, to: Index, maxBytes: number): Promise<readonly Entry[]> {
    this.#failStop.check()
    if (to > this.#state.head.lastIndex) await this.#tail // still on their way to the disk
    const { entries, isComplete } = await this.#readStored(from, to, maxBytes)
    if (isComplete) return entries
    await this.#tail
    const next = from + entries.length
    const { base, head } = this.#state
    if (next > base.index && next <= head.lastIndex) throw missing(next, this.path)
    return entries
  }

  async close(): Promise<void> {
    this.#isClosing = true
    await this.#tail
    await this.#pruning
    await this.#store.close()
  }

  /** Complete when the end or the limit was reached; otherwise the entry after the last one was not found. */
  async #readStored(
    from: Index,
    to: Index,
    maxBytes: number,
  ): Promise<{ readonly entries: Entry[]; readonly isComplete: boolean }> {
    const entries: Entry[] = []
    let bytes = 0
    let previous: EntryRecord | null = null
    const range = {
      gte: entryKey(from),
      lt: entryKey(to + 1),
      chunkBytes: Math.min(maxBytes + 1, MAX_READ_CHUNK_BYTES),
    }
    for await (const chunk of this.#store.range(range)) {
      for (const { key, value } of chunk) {
        const index = from + entries.length
        if (!bytesEqual(key, entryKey(index))) return { entries, isComplete: false }
        const record = mustDecode(index, value, this.path)
        if (
          previous !== null &&
          (record.previousChecksum !== previous.checksum || record.entry.term < previous.entry.term)
        ) {
          throw new CorruptError(`entry ${index} in ${this.path} does not follow the entry before it`)
        }
        bytes += record.entry.data.length
        if (entries.length > 0 && bytes > maxBytes) return { entries, isComplete: true }
        entries.push(record.entry)
        previous = record
      }
    }
    return { entries, isComplete: entries.length === to - from + 1 }
  }

  async #commit(build: (state: LogState) => BuiltBatch | Promise<BuiltBatch>): Promise<void> {
    this.#failStop.check()
    const { operations, state } = await build(this.#state)
    const head = { ...state.head, seq: this.#state.head.seq + 1 }
    const headOperation = { kind: 'put', key: HEAD_KEY, value: encodeHead(head) } as const
    try {
      await this.#store.batch([...operations, headOperation], { sync: true })
    } catch (err) {
      throw this.#failed(err)
    }
    // Another database of this storage may have failed meanwhile; this batch is durable all the same.
    this.#state = { ...state, head }
    this.#prune()
  }

  #failed(err: unknown): StorageFailedError {
    return this.#failStop.fail('the log', err, { suspendVoting: !isOutOfSpace(err) })
  }

  #prune(): void {
    if (this.#pruning !== null || (!this.#hasLeftovers && this.#lowestStored > this.#state.base.index)) return
    this.#pruning = this.#pruneAll().finally(() => {
      this.#pruning = null
    })
  }

  async #pruneAll(): Promise<void> {
    try {
      if (this.#hasLeftovers) await this.#pruneLeftovers()
      while (!this.#isClosing && this.#lowestStored <= this.#state.base.index) {
        const end = Math.min(this.#lowestStored + PRUNE_CHUNK, this.#state.base.index + 1)
        const keys: Uint8Array[] = []
        for (let index = this.#lowestStored; index < end; index++) keys.push(entryKey(index))
        await this.#deleteKeys(keys)
        this.#lowestStored = end
      }
    } catch {
      // Only a failed write is final, and has been told. A read that fails leaves what it was to delete, for the next start.
    }
  }

  /** By the keys that are there: a damaged key may stand for any index. */
  async #pruneLeftovers(): Promise<void> {
    this.#hasLeftovers = false
    const range = { gte: ENTRY_RANGE.gte, lt: entryKey(this.#state.base.index + 1), chunkEntries: PRUNE_CHUNK }
    for await (const chunk of this.#store.range(range)) {
      if (this.#isClosing) return
      await this.#deleteKeys(chunk.map(({ key }) => key))
    }
  }

  async #deleteKeys(keys: readonly Uint8Array[]): Promise<void> {
    this.#failStop.check()
    const operations = keys.map((key): BatchOperation => ({ kind: 'delete', key }))
    try {
      await this.#store.batch(operations, { sync: false }) // D2
    } catch (err) {
      throw this.#failed(err)
    }
  }
}

function mustDecode(index: Index, value: Uint8Array | undefined, path: string): EntryRecord {
  if (value === undefined) throw missing(index, path)
  const record = decodeEntry(index, value)
  if (typeof record === 'string') throw new CorruptError(`entry ${index} in ${path}: ${record}`)
  return record
}

function missing(index: Index, path: string): CorruptError {
  return new CorruptError(`entry ${index} is missing in ${path}`)
}
