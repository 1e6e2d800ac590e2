/**
 * A state that comes in from another peer, in a database of its own beside the one in use.
 *
 * Q1 Without meta data it is no state: a crash before `finish` leaves something that no start ever opens.
 * Q2 What it is told comes from another peer: an impossible order is refused, not asserted.
 */
import { CorruptError, StoppedError } from '@pinset/interface'
import type { Row, StateMeta, StateReceiver } from '@pinset/interface'
import { invariant } from '@pinset/raft'

import type { KeyValueStore } from '../key-value/port.ts'
import type { FinishedState } from '../log/log-batch.ts'
import { compareBytes, toHex } from '../record/bytes.ts'
import { impossibleMeta, metaToPut, rowToPut } from './state-records.ts'

type Phase =
  | { readonly kind: 'filling' }
  | { readonly kind: 'finishing' }
  | { readonly kind: 'finished'; readonly meta: StateMeta }
  | { readonly kind: 'failed'; readonly cause: unknown }
  /** The log is about to switch to it, or has: it is no longer ours to delete. */
  | { readonly kind: 'claimed'; readonly meta: StateMeta }
  | { readonly kind: 'adopted' }
  | { readonly kind: 'aborted' }

export class ReceivedState implements StateReceiver {
  readonly stateNumber: number
  readonly #store: KeyValueStore
  readonly #remove: () => Promise<void>
  #phase: Phase = { kind: 'filling' }
  #lastKey: Uint8Array | null = null
  #aborting: Promise<void> | null = null

  constructor(stateNumber: number, store: KeyValueStore, remove: () => Promise<void>) {
    this.stateNumber = stateNumber
    this.#store = store
    this.#remove = remove
  }

  /** What the log must know to switch to it; null before it is finished. */
  get finished(): FinishedState | null {
    if (this.#phase.kind !== 'finished') return null
    const { meta } = this.#phase
    const { appliedIndex, appliedTerm } = meta
    const claim = (): void => {
      this.#phase = { kind: 'claimed', meta }
    }
    return { stateNumber: this.stateNumber, appliedIndex, appliedTerm, claim }
  }

  /** The switch to it is being written, or was. */
  get isClaimed(): boolean {
    return this.#phase.kind === 'claimed'
  }

  async write(rows: readonly Row[]): Promise<void> {
    this.#mustFill()
    const operations = rows.map(rowToPut)
    let last = this.#lastKey
    for (const { key } of operations) {
      if (last !== null && compareBytes(last, key) >= 0) {
        throw new CorruptError(`received rows are out of order: ${toHex(key)} after ${toHex(last)}`) // Q2
      }
      last = key
    }
    this.#lastKey = last
    await this.#attempt(() => this.#store.batch(operations, { sync: false }))
  }

  async finish(meta: StateMeta): Promise<void> {
    this.#mustFill()
    const impossible = impossibleMeta(meta)
    if (impossible !== null) throw new CorruptError(`received meta data of a state have an impossible ${impossible}`) // Q2
    this.#phase = { kind: 'finishing' }
    await this.#attempt(() => this.#store.batch([metaToPut(meta)], { sync: true }))
    // An abort may have come in between.
    if (this.#phase.kind === 'finishing') this.#phase = { kind: 'finished', meta }
  }

  abort(): Promise<void> {
    if (this.#phase.kind === 'claimed' || this.#phase.kind === 'adopted') return Promise.resolve()
    this.#phase = { kind: 'aborted' }
    this.#aborting ??= this.#store.close().then(this.#remove)
    return this.#aborting
  }

  /** Hand over the open database. */
  adopt(): { readonly store: KeyValueStore; readonly meta: StateMeta } {
    invariant(this.#phase.kind === 'claimed', () => `Q1 only a finished state is switched to: ${this.#phase.kind}`)
    const { meta } = this.#phase
    this.#phase = { kind: 'adopted' }
    return { store: this.#store, meta }
  }

  /** Close without deleting; the next start does. */
  async close(): Promise<void> {
    await (this.#aborting ?? this.#store.close())
  }

  #mustFill(): void {
    if (this.#phase.kind === 'aborted') throw new StoppedError('receiving this state was given up')
    if (this.#phase.kind === 'failed')
      throw new StoppedError('receiving this state failed', { cause: this.#phase.cause })
    invariant(this.#phase.kind === 'filling', () => `Q1 a ${this.#phase.kind} state takes no more rows`)
  }

  async #attempt(write: () => Promise<void>): Promise<void> {
    try {
      await write()
    } catch (err) {
      if (this.#phase.kind !== 'aborted') this.#phase = { kind: 'failed', cause: err }
      throw err
    }
  }
}
