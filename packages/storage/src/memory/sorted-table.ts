/** Keys in order with their values. Cheap to freeze: the next change after `freeze` works on a copy. */
import type { BatchOperation, KeyValue } from '../key-value/port.ts'

interface Cell {
  /** The key as Latin-1: its code units are its bytes, so strings compare as bytes do. */
  readonly text: string
  readonly entry: KeyValue
}

export class SortedTable {
  #cells: readonly Cell[]
  #isShared: boolean

  constructor(cells: readonly Cell[] = []) {
    this.#cells = cells
    this.#isShared = true
  }

  get size(): number {
    return this.#cells.length
  }

  get bytes(): number {
    return this.#cells.reduce((sum, { entry }) => sum + entry.key.length + entry.value.length, 0)
  }

  /** The same content, independent of later changes. */
  freeze(): SortedTable {
    this.#isShared = true
    return new SortedTable(this.#cells)
  }

  get(key: Uint8Array): Uint8Array | undefined {
    const text = toText(key)
    const cell = this.#cells[this.#position(text)]
    return cell?.text === text ? cell.entry.value : undefined
  }

  apply(operations: readonly BatchOperation[]): void {
    const cells = this.#own()
    for (const operation of operations) {
      const text = toText(operation.key)
      const at = this.#position(text)
      const replaced = cells[at]?.text === text ? 1 : 0
      if (operation.kind === 'delete') cells.splice(at, replaced)
      else cells.splice(at, replaced, { text, entry: { key: operation.key, value: operation.value } })
    }
  }

  /** Position of the first key ≥ `key`, or > `key`. */
  lowerBound(key: Uint8Array, isExclusive: boolean): number {
    const text = toText(key)
    const at = this.#position(text)
    return isExclusive && this.#cells[at]?.text === text ? at + 1 : at
  }

  at(position: number): KeyValue | undefined {
    return this.#cells[position]?.entry
  }

  #own(): Cell[] {
    if (this.#isShared) {
      this.#cells = [...this.#cells]
      this.#isShared = false
    }
    return this.#cells as Cell[]
  }

  #position(text: string): number {
    let low = 0
    let high = this.#cells.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#cells[middle] as Cell).text < text) low = middle + 1
      else high = middle
    }
    return low
  }
}

function toText(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1')
}
