/**
 * The digest of a state: the sum modulo 2²⁵⁶ of the SHA-256 of each row, so that a change costs what it touches.
 *
 * - SD1 A row's hash covers its table, key and value, each with its length: no two different rows have the same bytes hashed.
 * - SD2 A sum is kept in eight lanes of 32 bits that are carried before any lane could leave the safe integers.
 */
import { hash } from 'node:crypto'

import type { Row, StateTable } from '@pinset/interface'

export const DIGEST_BYTES = 32
const LANES = 8
/** 2²⁰ additions of less than 2³² stay below 2⁵³. */
const ADDITIONS_BEFORE_CARRY = 2 ** 20
const LANE_SIZE = 2 ** 32

export class StateDigest {
  readonly #lanes = new Float64Array(LANES)
  #additions = 0

  /** @param bytes - 32 bytes, big endian. */
  constructor(bytes: Uint8Array) {
    this.#sum(bytes, 1)
  }

  add(row: Row): void {
    this.#sum(rowHash(row), 1)
  }

  remove(row: Row): void {
    this.#sum(rowHash(row), -1)
  }

  bytes(): Uint8Array {
    this.#carry()
    const bytes = new Uint8Array(DIGEST_BYTES)
    const view = new DataView(bytes.buffer)
    for (let lane = 0; lane < LANES; lane++) view.setUint32(lane * 4, this.#lanes[lane] ?? 0)
    return bytes
  }

  #sum(bytes: Uint8Array, sign: 1 | -1): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, DIGEST_BYTES)
    for (let lane = 0; lane < LANES; lane++)
      this.#lanes[lane] = (this.#lanes[lane] ?? 0) + sign * view.getUint32(lane * 4)
    this.#additions += 1
    if (this.#additions >= ADDITIONS_BEFORE_CARRY) this.#carry() // SD2
  }

  #carry(): void {
    let carry = 0
    for (let lane = LANES - 1; lane >= 0; lane--) {
      const sum = (this.#lanes[lane] ?? 0) + carry
      carry = Math.floor(sum / LANE_SIZE)
      this.#lanes[lane] = sum - carry * LANE_SIZE
    }
    this.#additions = 1
  }
}

/** SHA-256 of the table's name, the key and the value, each after its length; SD1. */
function rowHash({ table, key, value }: Row): Uint8Array {
  const prefix = tablePrefix(table)
  const bytes = Buffer.allocUnsafe(prefix.length + 8 + key.length + value.length)
  bytes.set(prefix)
  bytes.writeUInt32BE(key.length, prefix.length)
  bytes.writeUInt32BE(value.length, prefix.length + 4)
  bytes.set(key, prefix.length + 8)
  bytes.set(value, prefix.length + 8 + key.length)
  return hash('sha256', bytes, 'buffer')
}

const prefixes = new Map<StateTable, Uint8Array>()

function tablePrefix(table: StateTable): Uint8Array {
  let prefix = prefixes.get(table)
  if (prefix === undefined) {
    prefix = Buffer.concat([Uint8Array.of(table.length), Buffer.from(table)])
    prefixes.set(table, prefix)
  }
  return prefix
}
