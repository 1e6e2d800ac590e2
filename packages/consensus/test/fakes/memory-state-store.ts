/** A state store in memory: rows in order, snapshots that do not change. */
import {
  type Row,
  type RowKey,
  type RowRange,
  type StateMeta,
  type StateSnapshot,
  type StateStore,
  type StateWrite,
} from '@pinset/interface'

import { EMPTY_STATE_META } from '../../src/machine/index.ts'
import { rowId } from '../../src/machine/row-overlay.ts'
import { compareRowKeys } from '../../src/snapshot/chunk-codec.ts'

export class MemoryStateStore implements StateStore {
  meta: StateMeta = EMPTY_STATE_META
  readonly rows = new Map<string, Row>()
  /** Rows that were read since the beginning. */
  rowsRead = 0

  getMany(keys: readonly RowKey[]): Promise<readonly (Uint8Array | undefined)[]> {
    return Promise.resolve(this.getManyNow(keys))
  }

  getManyNow(keys: readonly RowKey[]): readonly (Uint8Array | undefined)[] {
    this.rowsRead += keys.length
    return keys.map((key) => this.rows.get(rowId(key))?.value)
  }

  write(write: StateWrite): Promise<void> {
    this.writeNow(write)
    return Promise.resolve()
  }

  writeNow({ puts, deletes, meta }: StateWrite): void {
    for (const key of deletes) this.rows.delete(rowId(key))
    for (const row of puts) this.rows.set(rowId(row), row)
    this.meta = meta
  }

  ordered(): readonly Row[] {
    return [...this.rows.values()].sort(compareRowKeys)
  }

  snapshot(): Promise<StateSnapshot> {
    return Promise.resolve(new MemorySnapshot(this.meta, this.ordered()))
  }
}

class MemorySnapshot implements StateSnapshot {
  readonly meta: StateMeta
  readonly #rows: readonly Row[]

  constructor(meta: StateMeta, rows: readonly Row[]) {
    this.meta = meta
    this.#rows = rows
  }

  get(key: RowKey): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.#rows.find((row) => compareRowKeys(row, key) === 0)?.value)
  }

  async *rows({ table, after, limit = Infinity }: RowRange = {}): AsyncGenerator<readonly Row[]> {
    const rows = this.#rows
      .filter(
        (row) =>
          (table === undefined || row.table === table) && (after === undefined || compareRowKeys(row, after) > 0),
      )
      .slice(0, limit)
    for (let at = 0; at < rows.length; at += 256) {
      await Promise.resolve()
      yield rows.slice(at, at + 256)
    }
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
