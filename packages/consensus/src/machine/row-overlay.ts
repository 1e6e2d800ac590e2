/**
 * Rows that were read before apply, and what apply makes of them.
 *
 * - RO1 Apply reads only rows that were loaded or that it wrote itself: what is missing is a bug of `missingKeys`.
 * - RO2 A row is written at most once per state write, whatever happened to it in between.
 */
import type { Row, RowKey } from '@pinset/interface'
import { invariant } from '@pinset/raft'

import { bytesEqual } from '../codec/checks.ts'
import { StateDigest } from './state-digest.ts'

/** Rows as the state holds them before a write; undefined when there is no such row. */
export class LoadedRows {
  readonly #rows = new Map<string, Uint8Array | undefined>()

  add(keys: readonly RowKey[], values: readonly (Uint8Array | undefined)[]): void {
    for (const [at, key] of keys.entries()) this.#rows.set(rowId(key), values[at])
  }

  has(key: RowKey): boolean {
    return this.#rows.has(rowId(key))
  }

  get(key: RowKey): Uint8Array | undefined {
    return this.read(rowId(key))
  }

  read(id: string): Uint8Array | undefined {
    const value = this.#rows.get(id)
    invariant(value !== undefined || this.#rows.has(id), () => `RO1 row ${JSON.stringify(id)} was not loaded`)
    return value
  }
}

interface Change {
  readonly key: RowKey
  readonly before: Uint8Array | undefined
  after: Uint8Array | undefined
}

export class RowOverlay {
  readonly #loaded: LoadedRows
  readonly #changes = new Map<string, Change>()

  constructor(loaded: LoadedRows) {
    this.#loaded = loaded
  }

  get(key: RowKey): Uint8Array | undefined {
    const id = rowId(key)
    const change = this.#changes.get(id)
    return change === undefined ? this.#loaded.read(id) : change.after
  }

  put(key: RowKey, value: Uint8Array): void {
    this.#change(key, value, false)
  }

  /** Put a row of which the caller knows that there is none, without having loaded it. */
  insert(key: RowKey, value: Uint8Array): void {
    this.#change(key, value, true)
  }

  delete(key: RowKey): void {
    this.#change(key, undefined, false)
  }

  /** All changes and the digest after them. RO2: a row is in it at most once, and not at all when it ends as it began. */
  finish(digest: Uint8Array): {
    readonly puts: readonly Row[]
    readonly deletes: readonly RowKey[]
    readonly digest: Uint8Array
  } {
    const sum = new StateDigest(digest)
    const puts: Row[] = []
    const deletes: RowKey[] = []
    for (const { key: rowKey, before, after } of this.#changes.values()) {
      const { table, key } = rowKey
      if (before !== undefined && after !== undefined && bytesEqual(before, after)) continue
      if (before !== undefined) sum.remove({ table, key, value: before })
      if (after === undefined) {
        if (before !== undefined) deletes.push(rowKey)
        continue
      }
      const row = { table, key, value: after }
      sum.add(row)
      puts.push(row)
    }
    return { puts, deletes, digest: sum.bytes() }
  }

  #change(key: RowKey, after: Uint8Array | undefined, isNew: boolean): void {
    const id = rowId(key)
    const change = this.#changes.get(id)
    if (change === undefined) this.#changes.set(id, { key, before: isNew ? undefined : this.#loaded.read(id), after })
    else change.after = after
  }
}

/** One text per row, cheap to make: the table's first letter is its own. */
export function rowId({ table, key }: RowKey): string {
  return table[0] + Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1')
}
