/**
 * Reads the whole log once, at start, and says which stretches of it are whole.
 *
 * C1 A stretch is whole when its indices are contiguous, every checksum is right, every record names the checksum of the one
 *    before, terms and batch numbers never decrease, and the last record is the one that the head names.
 */
import { CorruptError } from '@pinset/interface'
import type { EntryId, Index, Term } from '@pinset/raft'

import type { KeyValueStore } from '../key-value/port.ts'
import { ENTRY_RANGE, decodeEntry, indexOfEntryKey } from './log-records.ts'
import type { EntryRecord, LogHead } from './log-records.ts'

/** A whole stretch of entries. Empty while `last < first`. */
export interface Stretch {
  first: Index
  last: Index
  lastTerm: Term
  lastChecksum: number
  readonly termRuns: EntryId[]
  readonly memberships: { readonly index: Index; readonly data: Uint8Array }[]
}

export interface LogScan {
  /** From the base up to the first damage. */
  readonly lower: Stretch
  /** From behind the last damage to the end; the same object when there is no damage. */
  readonly upper: Stretch
  /** The lowest damaged index. */
  readonly damage: { readonly index: Index; readonly what: string } | null
  /** Entries at or below the base are still on disk. */
  readonly hasLeftovers: boolean
  /** Highest term of an undamaged record. */
  readonly highestTerm: Term
}

function emptyStretch(first: Index, lastTerm: Term): Stretch {
  return { first, last: first - 1, lastTerm, lastChecksum: 0, termRuns: [], memberships: [] }
}

export async function scanLog(store: KeyValueStore, head: LogHead, base: EntryId): Promise<LogScan> {
  const scan = new Scanner(head, base)
  try {
    for await (const chunk of store.range({ ...ENTRY_RANGE, chunkBytes: 1024 * 1024, chunkEntries: 4096 })) {
      for (const { key, value } of chunk) scan.take(key, value)
    }
  } catch (err) {
    // The database gives up in the middle: what lies behind is lost.
    if (!(err instanceof CorruptError)) throw err
    scan.fail(err.message)
  }
  return scan.finish()
}

class Scanner {
  readonly #head: LogHead
  readonly #base: EntryId
  readonly #lower: Stretch
  #upper: Stretch
  #previous: EntryRecord | null = null
  #damage: LogScan['damage'] = null
  #expected: Index
  #hasLeftovers = false
  #highestTerm: Term

  constructor(head: LogHead, base: EntryId) {
    this.#head = head
    this.#base = base
    this.#expected = base.index + 1
    this.#lower = emptyStretch(base.index + 1, base.term)
    this.#upper = this.#lower
    this.#highestTerm = base.term
  }

  take(key: Uint8Array, value: Uint8Array): void {
    const index = indexOfEntryKey(key)
    if (index === null) {
      this.fail('a record that is no entry')
      return
    }
    if (index <= this.#base.index) {
      this.#hasLeftovers = true // compacted, not deleted yet
      return
    }
    if (index > this.#expected)
      this.fail(index === this.#expected + 1 ? 'missing' : `missing, up to ${index - 1}`, index)
    const record = decodeEntry(index, value)
    if (typeof record === 'string') {
      this.fail(record, index + 1)
      return
    }
    this.#highestTerm = Math.max(this.#highestTerm, record.entry.term)
    this.#check(index, record)
  }

  /** Note damage at the expected index; a new stretch begins at `next`. */
  fail(what: string, next = this.#expected): void {
    this.#damage ??= { index: this.#expected, what }
    this.#upper = emptyStretch(next, 0)
    this.#previous = null
    this.#expected = next
  }

  finish(): LogScan {
    if (this.#expected <= this.#head.lastIndex)
      this.fail(`missing, up to the end at ${this.#head.lastIndex}`, this.#head.lastIndex + 1)
    return {
      lower: this.#lower,
      upper: this.#upper,
      damage: this.#damage,
      hasLeftovers: this.#hasLeftovers,
      highestTerm: this.#highestTerm,
    }
  }

  /** C1 */
  #check(index: Index, record: EntryRecord): void {
    const { entry, seq, previousChecksum, checksum } = record
    if (index > this.#head.lastIndex) {
      this.fail(`beyond the end at ${this.#head.lastIndex} that the head names: the newest head is lost`, index + 1)
      return
    }
    const previous = this.#previous
    if (seq > this.#head.seq) {
      this.fail(`written by batch ${seq}, the newest is ${this.#head.seq}`, index + 1)
      return
    }
    if (index === this.#head.lastIndex && checksum !== this.#head.lastChecksum) {
      this.fail('not the last record that the head names', index + 1)
      return
    }
    if (previous !== null && previousChecksum !== previous.checksum) {
      this.fail('does not follow the record before it: a batch in between is lost', index)
    } else if (previous !== null && seq < previous.seq) {
      this.fail(`written by batch ${seq}, before the entry that it follows`, index)
    } else if (entry.term < this.#upper.lastTerm) {
      this.fail(`term ${entry.term} after term ${this.#upper.lastTerm}`, index)
    }
    this.#extend(record)
  }

  #extend(record: EntryRecord): void {
    const { entry, checksum } = record
    const stretch = this.#upper
    if (stretch.termRuns.at(-1)?.term !== entry.term) stretch.termRuns.push({ term: entry.term, index: entry.index })
    if (entry.kind === 'membership') stretch.memberships.push({ index: entry.index, data: entry.data })
    stretch.last = entry.index
    stretch.lastTerm = entry.term
    stretch.lastChecksum = checksum
    this.#previous = record
    this.#expected = entry.index + 1
  }
}
