/**
 * Turns persist operations into one batch. Decides nothing about Raft and writes nothing itself.
 *
 * B1 Terms never decrease along the log, and no entry is above the hard state's term (P6).
 * B2 Within a term a vote is never changed (P5).
 * B3 Entries are contiguous after what is then last; nothing at or below the base is touched.
 * B4 The log is compacted only to where the state is durable.
 * B5 What was applied is neither truncated nor replaced by an older state.
 */
import type { Entry, HardState, Index, LogBase, PersistOp, SnapshotMeta, Term } from '@pinset/raft'
import { invariant } from '@pinset/raft'

import type { BatchOperation } from '../key-value/port.ts'
import { BASE_KEY, encodeBase, encodeEntry, entryKey, impossibleBase } from './log-records.ts'
import type { LogState } from './log-records.ts'

/** What the log must know of the states beside it. */
export interface StateView {
  /** Of the newest write to the state in use. */
  readonly appliedIndex: Index
  /** Applied index up to which the state in use is durable. */
  readonly durableAppliedIndex: Index
  /** A state that was received whole and is not in use yet. */
  readonly received: FinishedState | null
}

export interface FinishedState {
  readonly stateNumber: number
  readonly appliedIndex: Index
  readonly appliedTerm: Term
  /** The switch to it is about to be written: from now on only a start may delete it. */
  claim(): void
}

/** Term and checksum of the last entry after a truncation. */
export type ReadTail = (index: Index) => Promise<{ readonly term: Term; readonly checksum: number }>

interface PendingRecord {
  readonly key: Uint8Array
  readonly value: Uint8Array
  readonly checksum: number
  readonly term: Term
}

export class LogBatch {
  readonly #seq: number
  readonly #states: StateView
  readonly #readTail: ReadTail
  #state: LogState
  #baseOperation: BatchOperation | null = null
  /** What becomes of the entries that this batch touches; null is deleted. */
  readonly #entries = new Map<Index, PendingRecord | null>()

  constructor(state: LogState, states: StateView, readTail: ReadTail) {
    this.#state = state
    this.#seq = state.head.seq + 1
    this.#states = states
    this.#readTail = readTail
  }

  async add(op: PersistOp): Promise<void> {
    if (op.hardState !== undefined) this.#setHardState(op.hardState)
    if (op.installSnapshot !== undefined) this.#install(op.installSnapshot.snapshot, op.installSnapshot.keepEntries)
    if (op.truncateFrom !== undefined) await this.#truncate(op.truncateFrom)
    if (op.entries !== undefined) this.#append(op.entries)
    if (op.compact !== undefined) this.#compact(op.compact)
  }

  /** The operations, without the head, and the log after them. */
  finish(): { readonly operations: readonly BatchOperation[]; readonly state: LogState } {
    const operations: BatchOperation[] = this.#baseOperation === null ? [] : [this.#baseOperation]
    for (const [index, record] of this.#entries) {
      if (record === null) operations.push({ kind: 'delete', key: entryKey(index) })
      else operations.push({ kind: 'put', key: record.key, value: record.value })
    }
    return { operations, state: this.#state }
  }

  #setHardState(next: HardState): void {
    const now = this.#state.head.hardState
    invariant(
      Number.isSafeInteger(next.term) && next.term >= now.term,
      () => `B1 the term never decreases: ${now.term} to ${next.term}`,
    )
    invariant(
      next.term > now.term || now.vote === null || now.vote === next.vote,
      () => `B2 a vote is never changed: term ${now.term}, ${now.vote} to ${next.vote}`,
    )
    invariant(next.vote !== '', 'B2 a vote names a node')
    this.#setHead({ hardState: { term: next.term, vote: next.vote } })
  }

  #append(entries: readonly Entry[]): void {
    const { term } = this.#state.head.hardState
    let { lastTerm } = this.#state
    let { lastIndex, lastChecksum } = this.#state.head
    for (const entry of entries) {
      invariant(entry.index === lastIndex + 1, () => `B3 entry ${entry.index} follows ${lastIndex}`)
      invariant(
        Number.isSafeInteger(entry.term) && entry.term >= Math.max(1, lastTerm) && entry.term <= term,
        () => `B1 term ${entry.term} of entry ${entry.index}: at least ${lastTerm}, at most ${term}`,
      )
      const { key, value, checksum } = encodeEntry(entry, this.#seq, lastChecksum)
      this.#entries.set(entry.index, { key, value, checksum, term: entry.term })
      lastIndex = entry.index
      lastTerm = entry.term
      lastChecksum = checksum
    }
    this.#setHead({ lastIndex, lastChecksum }, lastTerm)
  }

  async #truncate(from: Index): Promise<void> {
    const { base, head } = this.#state
    invariant(from > base.index, () => `B3 truncation from ${from} reaches the base ${base.index}`)
    const { appliedIndex } = this.#states
    invariant(from > appliedIndex, () => `B5 truncation from ${from}, applied is ${appliedIndex}`)
    if (from > head.lastIndex) return
    for (let index = from; index <= head.lastIndex; index++) this.#entries.set(index, null)
    if (from - 1 === base.index) {
      this.#setHead({ lastIndex: base.index, lastChecksum: 0 }, base.term)
      return
    }
    const { term, checksum } = this.#entries.get(from - 1) ?? (await this.#readTail(from - 1))
    this.#setHead({ lastIndex: from - 1, lastChecksum: checksum }, term)
  }

  #compact(base: LogBase): void {
    const { head, lastTerm } = this.#state
    const durable = this.#states.durableAppliedIndex
    invariant(
      base.index >= this.#state.base.index && base.index <= head.lastIndex,
      () => `B3 compaction to ${base.index} in [${this.#state.base.index}, ${head.lastIndex}]`,
    )
    invariant(base.index <= durable, () => `B4 compaction to ${base.index}, the state is durable up to ${durable}`)
    invariant(base.term <= lastTerm, () => `B1 base of term ${base.term} in a log that ends with term ${lastTerm}`)
    this.#setBase(base)
    // A log without entries has nothing to chain on.
    if (base.index === head.lastIndex) this.#setHead({ lastChecksum: 0 })
  }

  #install(snapshot: SnapshotMeta, keepEntries: boolean): void {
    const { base, head } = this.#state
    const { received } = this.#states
    invariant(received !== null, () => `B4 snapshot ${snapshot.index} is installed, but no state was received whole`)
    invariant(
      received.appliedIndex === snapshot.index && received.appliedTerm === snapshot.term,
      () =>
        `B4 snapshot ${snapshot.index} of term ${snapshot.term} is installed, ` +
        `the received state is at ${received.appliedIndex} of term ${received.appliedTerm}`,
    )
    invariant(snapshot.index >= base.index, () => `B3 snapshot ${snapshot.index} is before the base ${base.index}`)
    const { appliedIndex } = this.#states
    invariant(
      snapshot.index >= appliedIndex,
      () => `B5 snapshot ${snapshot.index} is before the applied index ${appliedIndex}`,
    )
    received.claim()
    this.#setBase(snapshot)
    this.#setHead({ stateNumber: received.stateNumber })
    if (keepEntries) {
      invariant(
        head.lastIndex >= snapshot.index,
        () => `B3 no entries to keep after ${snapshot.index}: the last is ${head.lastIndex}`,
      )
      if (head.lastIndex === snapshot.index) this.#setHead({ lastChecksum: 0 }, snapshot.term)
      return
    }
    for (let index = snapshot.index + 1; index <= head.lastIndex; index++) this.#entries.set(index, null)
    this.#setHead({ lastIndex: snapshot.index, lastChecksum: 0 }, snapshot.term)
  }

  #setBase(base: LogBase): void {
    const { index, term, membership, membershipIndex } = base
    const impossible = impossibleBase(base)
    invariant(impossible === null, () => `B3 a base is possible: ${impossible}`)
    const { value, checksum } = encodeBase(base)
    this.#baseOperation = { kind: 'put', key: BASE_KEY, value }
    this.#state = { ...this.#state, base: { index, term, membership, membershipIndex } }
    this.#setHead({ baseChecksum: checksum })
  }

  #setHead(change: Partial<LogState['head']>, lastTerm = this.#state.lastTerm): void {
    this.#state = { ...this.#state, lastTerm, head: { ...this.#state.head, ...change } }
  }
}
