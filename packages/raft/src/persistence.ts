/**
 * The ordered stream of durable writes: what is still to be written, and what a completed number makes durable.
 *
 * W1 Numbers ascend by one and are acknowledged cumulatively, in order (P8).
 * W2 What is durable follows from numbers alone, never from (index, term) (P7).
 * W3 Term and vote are in the same or an earlier operation than the entries that rest on them (P6).
 * W4 An operation that has been handed out is never changed.
 * W5 `compact` and `installSnapshot` stand in operations of their own.
 */
import { invariant } from './invariant.ts'
import type { Entry, HardState, Index, LogBase, PersistOp, SnapshotMeta } from './types.ts'

interface OpenOp {
  readonly seq: number
  hardState: HardState | null
  truncateFrom: Index | null
  entries: Entry[]
}

/** The index up to which the present log is on disk once operation `seq` is durable. */
interface Promised {
  readonly seq: number
  lastIndex: Index
}

export class Persistence {
  #durableIndex: Index
  #durableSeq = 0
  #lastSeq = 0
  #handedOutSeq = 0
  #promised: Promised[] = []
  #open: OpenOp | null = null
  #sealed: PersistOp[] = []

  constructor(durableIndex: Index) {
    this.#durableIndex = durableIndex
  }

  /** Up to here the present log survives a crash. */
  get durableIndex(): Index {
    return this.#durableIndex
  }

  get durableSeq(): number {
    return this.#durableSeq
  }

  /** Once this is durable, everything recorded until now is. */
  get lastSeq(): number {
    return this.#lastSeq
  }

  get handedOutSeq(): number {
    return this.#handedOutSeq
  }

  get hasWork(): boolean {
    return this.#open !== null || this.#sealed.length > 0
  }

  hardState(hardState: HardState): void {
    this.#opened().hardState = hardState
  }

  append(entry: Entry): void {
    const open = this.#opened()
    open.entries.push(entry)
    ;(this.#promised.at(-1) as Promised).lastIndex = entry.index
  }

  truncate(from: Index): void {
    const open = this.#opened()
    const onDiskBefore = this.#promised.at(-2)?.lastIndex ?? this.#durableIndex
    while (open.entries.length > 0 && (open.entries.at(-1) as Entry).index >= from) open.entries.pop()
    if (from <= onDiskBefore) open.truncateFrom = Math.min(open.truncateFrom ?? from, from)
    this.#clip(from - 1)
  }

  compact(base: LogBase): void {
    this.#alone({ compact: base })
  }

  /** `agreedIndex`: up to here the log on disk and the snapshot are known to be the same. */
  installSnapshot(snapshot: SnapshotMeta, keepEntries: boolean, agreedIndex: Index): number {
    if (!keepEntries) this.#clip(agreedIndex)
    const promised = this.#alone({ installSnapshot: { snapshot, keepEntries } })
    if (!keepEntries) promised.lastIndex = snapshot.index
    return promised.seq
  }

  /** Hand out what is to be written; ownership moves. */
  take(): readonly PersistOp[] {
    this.#seal()
    const ops = this.#sealed
    this.#sealed = []
    this.#handedOutSeq = this.#lastSeq
    return ops
  }

  acknowledge(seq: number): void {
    invariant(seq <= this.#handedOutSeq, () => `W1 operation ${seq} was handed out; ${this.#handedOutSeq} is the last`)
    invariant(seq >= this.#durableSeq, () => `W1 completions ascend: ${seq} after ${this.#durableSeq}`)
    this.#durableSeq = seq
    while (this.#promised.length > 0 && (this.#promised[0] as Promised).seq <= seq) {
      this.#durableIndex = (this.#promised.shift() as Promised).lastIndex
    }
  }

  /** Nothing more is written, ever. */
  discard(): void {
    this.#open = null
    this.#sealed = []
  }

  #opened(): OpenOp {
    this.#open ??= { seq: this.#promise().seq, hardState: null, truncateFrom: null, entries: [] }
    return this.#open
  }

  #promise(): Promised {
    this.#lastSeq += 1
    const promised = { seq: this.#lastSeq, lastIndex: this.#promised.at(-1)?.lastIndex ?? this.#durableIndex }
    this.#promised.push(promised)
    return promised
  }

  #alone(op: Omit<PersistOp, 'seq'>): Promised {
    this.#seal()
    const promised = this.#promise()
    this.#sealed.push({ seq: promised.seq, ...op })
    return promised
  }

  #seal(): void {
    const open = this.#open
    if (open === null) return
    this.#open = null
    this.#sealed.push({
      seq: open.seq,
      ...(open.hardState === null ? {} : { hardState: open.hardState }),
      ...(open.truncateFrom === null ? {} : { truncateFrom: open.truncateFrom }),
      ...(open.entries.length === 0 ? {} : { entries: open.entries }),
    })
  }

  #clip(lastIndex: Index): void {
    this.#durableIndex = Math.min(this.#durableIndex, lastIndex)
    for (const promised of this.#promised) promised.lastIndex = Math.min(promised.lastIndex, lastIndex)
  }
}
