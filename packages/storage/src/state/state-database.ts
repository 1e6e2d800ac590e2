/**
 * One state: its rows, and what belongs to its applied index, in one database.
 *
 * T1 Rows and meta data that belong together are in one batch; batches take effect in call order.
 * T2 The applied index never goes back.
 * T3 Once another state has been switched to, nothing is written to this one; it is deleted when its last snapshot is closed, those
 *    that were still being opened included.
 */
import { CorruptError } from '@pinset/interface'
import type { Row, RowKey, RowRange, StateMeta, StateSnapshot, StateStore, StateWrite } from '@pinset/interface'
import { invariant } from '@pinset/raft'

import type { FailStop } from '../fail-stop.ts'
import type { BatchOperation, KeyValueReader, KeyValueSnapshot, KeyValueStore } from '../key-value/port.ts'
import { checkFormat } from '../record/format.ts'
import {
  META_KEY,
  decodeMeta,
  decodeRow,
  decodeRowValue,
  impossibleMeta,
  metaToPut,
  rowKeyToKey,
  rowRangeToKeys,
  rowToPut,
} from './state-records.ts'

/** Rows, and bytes, of one chunk. */
const CHUNK_ROWS = 256
const CHUNK_BYTES = 64 * 1024

/** Check format and meta data of an opened state. @throws {CorruptError} when it cannot be used. */
export async function readStateMeta(store: KeyValueStore): Promise<StateMeta> {
  const { path, damage } = store
  if (damage !== null) throw new CorruptError(`${damage.path}: ${damage.what}; rows of the state may be lost`)
  await checkFormat(store, 'pinset-state', path)
  return decodeMeta(await store.get(META_KEY), path)
}

async function readMany(
  reader: KeyValueReader,
  keys: readonly RowKey[],
  path: string,
): Promise<readonly (Uint8Array | undefined)[]> {
  const stored = keys.map(rowKeyToKey)
  const values = await reader.getMany(stored)
  return values.map((value, at) =>
    value === undefined ? undefined : decodeRowValue(stored[at] as Uint8Array, value, path),
  )
}

export class StateDatabase implements StateStore {
  readonly stateNumber: number
  readonly #store: KeyValueStore
  readonly #failStop: FailStop
  /** Of snapshots that are open, or being opened. */
  readonly #handles = new Set<KeyValueSnapshot>()
  #meta: StateMeta
  #durableAppliedIndex: number
  readonly #numberInUse: () => number
  #onUnused: (() => void) | null = null

  /** `meta` is what the database holds, durably; `numberInUse` is what the log says. */
  constructor(
    stateNumber: number,
    store: KeyValueStore,
    failStop: FailStop,
    meta: StateMeta,
    numberInUse: () => number,
  ) {
    this.stateNumber = stateNumber
    this.#store = store
    this.#failStop = failStop
    this.#numberInUse = numberInUse
    this.#meta = meta
    this.#durableAppliedIndex = meta.appliedIndex
  }

  get meta(): StateMeta {
    return this.#meta
  }

  /** Applied index of the newest synced write. */
  get durableAppliedIndex(): number {
    return this.#durableAppliedIndex
  }

  getMany(keys: readonly RowKey[]): Promise<readonly (Uint8Array | undefined)[]> {
    return readMany(this.#store, keys, this.#store.path)
  }

  async write(write: StateWrite, options: { readonly sync: boolean }): Promise<void> {
    this.#failStop.check()
    const { meta } = write
    invariant(
      this.#numberInUse() === this.stateNumber,
      () => `T3 state ${this.stateNumber} is not written to after the switch to another`,
    )
    invariant(
      meta.appliedIndex >= this.#meta.appliedIndex,
      () => `T2 the applied index never goes back: ${this.#meta.appliedIndex} to ${meta.appliedIndex}`,
    )
    const impossible = impossibleMeta(meta)
    invariant(impossible === null, () => `T1 meta data of a state are possible: ${impossible}`)
    const operations: BatchOperation[] = write.puts.map(rowToPut)
    for (const rowKey of write.deletes) operations.push({ kind: 'delete', key: rowKeyToKey(rowKey) })
    operations.push(metaToPut(meta)) // T1
    this.#meta = meta
    try {
      await this.#store.batch(operations, options)
    } catch (err) {
      throw this.#failStop.fail('the state', err, { suspendVoting: false })
    }
    if (options.sync) this.#durableAppliedIndex = Math.max(this.#durableAppliedIndex, meta.appliedIndex)
  }

  async snapshot(): Promise<StateSnapshot> {
    const handle = this.#store.snapshot()
    this.#handles.add(handle) // T3
    try {
      const meta = decodeMeta(await handle.get(META_KEY), this.#store.path)
      return new OpenSnapshot(meta, handle, this.#store.path, () => this.#release(handle))
    } catch (err) {
      await handle.close()
      this.#release(handle)
      throw err
    }
  }

  get hasSnapshots(): boolean {
    return this.#handles.size > 0
  }

  /** Resolves once no snapshot is open. */
  unused(): Promise<void> {
    if (!this.hasSnapshots) return Promise.resolve()
    return new Promise((resolve) => {
      this.#onUnused = resolve
    })
  }

  /** Waits for writes in flight; closes every snapshot. Idempotent. */
  async close(): Promise<void> {
    await Promise.all(
      [...this.#handles].map(async (handle) => {
        await handle.close()
        this.#release(handle)
      }),
    )
    await this.#store.close()
  }

  #release(handle: KeyValueSnapshot): void {
    if (this.#handles.delete(handle) && !this.hasSnapshots) this.#onUnused?.()
  }
}

class OpenSnapshot implements StateSnapshot {
  readonly meta: StateMeta
  readonly #handle: KeyValueSnapshot
  readonly #path: string
  readonly #onClose: () => void
  #closing: Promise<void> | null = null

  constructor(meta: StateMeta, handle: KeyValueSnapshot, path: string, onClose: () => void) {
    this.meta = meta
    this.#handle = handle
    this.#path = path
    this.#onClose = onClose
  }

  async get(key: RowKey): Promise<Uint8Array | undefined> {
    const [value] = await readMany(this.#handle, [key], this.#path)
    return value
  }

  async *rows(range: RowRange = {}): AsyncGenerator<readonly Row[], void, void> {
    const { limit, signal } = range
    const keys = rowRangeToKeys(range)
    const options = { ...(limit === undefined ? {} : { limit }), ...(signal === undefined ? {} : { signal }) }
    for await (const chunk of this.#handle.range({
      ...keys,
      ...options,
      chunkEntries: CHUNK_ROWS,
      chunkBytes: CHUNK_BYTES,
    })) {
      yield chunk.map((row) => decodeRow(row, this.#path))
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#handle.close().finally(this.#onClose)
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
