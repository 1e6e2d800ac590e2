/**
 * The log as this node has it: base, terms, memberships, and the newest entries.
 *
 * Owns what is where in the log. Not: what is committed or durable, which callers pass in or assert.
 *
 * L1 Entries are contiguous over (base.index, lastIndex].
 * L2 Entries above the durable index are always in memory; older ones may have to be loaded.
 * L3 Memberships are those of exactly these entries and the base (P30, P33).
 */
import { EntryCache } from './entry-cache.ts'
import { invariant } from './invariant.ts'
import { MembershipHistory, type MembershipAt } from './membership-history.ts'
import { entryBytes } from './settings.ts'
import { TermIndex } from './term-index.ts'
import type { Entry, EntryId, Index, LogBase, RaftMembership, SnapshotMeta, Term } from './types.ts'

export interface LogInit {
  readonly base: LogBase
  readonly termRuns: readonly EntryId[]
  readonly lastIndex: Index
  readonly memberships: readonly { readonly index: Index; readonly data: Uint8Array }[]
  readonly decodeMembership: (data: Uint8Array) => RaftMembership
}

export class RaftLog {
  #base: LogBase
  #terms: TermIndex
  #lastIndex: Index
  readonly #cache: EntryCache
  readonly memberships = new MembershipHistory()

  constructor(init: LogInit) {
    this.#base = init.base
    this.#lastIndex = init.lastIndex
    this.#terms = new TermIndex(init.base, init.termRuns)
    this.#cache = new EntryCache(init.lastIndex + 1)
    this.memberships.reset(baseMembership(init.base, init.decodeMembership))
    for (const { index, data } of init.memberships) {
      if (index > init.base.index) this.memberships.append({ index, data, membership: init.decodeMembership(data) })
    }
  }

  get base(): LogBase {
    return this.#base
  }

  get lastIndex(): Index {
    return this.#lastIndex
  }

  get lastId(): EntryId {
    return { term: this.#terms.lastTerm, index: this.#lastIndex }
  }

  /** First index in memory; lastIndex + 1 when there is none. */
  get cachedFrom(): Index {
    return this.#cache.start
  }

  get cachedBytes(): number {
    return this.#cache.bytes
  }

  get termRuns(): readonly EntryId[] {
    return this.#terms.runs()
  }

  /** Whether the term at `index` is known: from the base to the last entry. */
  knows(index: Index): boolean {
    return index >= this.#base.index && index <= this.#lastIndex
  }

  termAt(index: Index): Term {
    invariant(this.knows(index), () => `L1 the term at ${index} is known in [${this.#base.index}, ${this.#lastIndex}]`)
    return this.#terms.termAt(index)
  }

  idAt(index: Index): EntryId {
    return { term: this.termAt(index), index }
  }

  matches(id: EntryId): boolean {
    return this.knows(id.index) && this.#terms.termAt(id.index) === id.term
  }

  /** Whether a log that ends in `last` holds at least what this one does, as votes compare them (§5.4.1). */
  isUpToDate(last: EntryId): boolean {
    const term = this.#terms.lastTerm
    return last.term > term || (last.term === term && last.index >= this.#lastIndex)
  }

  /** The newest index ≤ `index` that can match a log whose entry there has `term`; see TermIndex.lastAtMost. */
  lastAtMost(index: Index, term: Term): EntryId {
    if (index < this.#base.index) return { index, term: 0 }
    return this.#terms.lastAtMost(Math.min(index, this.#lastIndex), term)
  }

  /** `membership` is what `entry` holds, when it is of that kind. */
  append(entry: Entry, membership: RaftMembership | null): void {
    invariant(entry.index === this.#lastIndex + 1, () => `L1 entry ${entry.index} follows ${this.#lastIndex}`)
    this.#terms.append(entry.index, entry.term)
    this.#cache.append(entry)
    this.#lastIndex = entry.index
    if (membership !== null) this.memberships.append({ index: entry.index, data: entry.data, membership })
  }

  truncate(from: Index): void {
    invariant(from > this.#base.index && from <= this.#lastIndex, () => `L1 ${from} can be truncated`)
    this.#terms.truncate(from)
    this.#cache.truncate(from)
    this.memberships.truncate(from)
    this.#lastIndex = from - 1
  }

  /** The log before its first entry, were it compacted to `index` (P33). */
  baseAt(index: Index): LogBase {
    const membership = this.memberships.at(index)
    return {
      term: this.termAt(index),
      index,
      membership: membership?.data ?? new Uint8Array(),
      membershipIndex: membership?.index ?? 0,
    }
  }

  compact(base: LogBase): void {
    invariant(base.index > this.#base.index && base.index <= this.#lastIndex, () => `L1 ${base.index} can be compacted`)
    this.#terms.compact(base.index)
    this.#cache.dropTo(base.index)
    this.memberships.compact(base.index)
    this.#base = base
  }

  /** Nothing remains but the snapshot (P34). */
  reset(snapshot: SnapshotMeta, membership: RaftMembership | null): void {
    this.#base = snapshotToBase(snapshot)
    this.#lastIndex = snapshot.index
    this.#terms = new TermIndex(snapshot)
    this.#cache.reset(snapshot.index + 1)
    this.memberships.reset(
      membership === null ? null : { index: snapshot.membershipIndex, data: snapshot.membership, membership },
    )
  }

  /** Entries in memory from `from`, at most `to`, in number and bytes; at least one, whatever its size. */
  slice(from: Index, to: Index, maxEntries: number, maxBytes: number): Entry[] {
    const entries: Entry[] = []
    let bytes = 0
    for (let index = from; index <= to && entries.length < maxEntries; index += 1) {
      const entry = this.#cache.get(index)
      bytes += entryBytes(entry)
      if (entries.length > 0 && bytes > maxBytes) break
      entries.push(entry)
    }
    return entries
  }

  /** Give up memory above the limit; what is not durable stays (L2). */
  evict(durableIndex: Index, maxBytes: number): void {
    if (this.#cache.bytes > maxBytes) this.#cache.evict(durableIndex, maxBytes)
  }
}

export function snapshotToBase(snapshot: SnapshotMeta): LogBase {
  return {
    term: snapshot.term,
    index: snapshot.index,
    membership: snapshot.membership,
    membershipIndex: snapshot.membershipIndex,
  }
}

/** The membership in force at a base; null when there was none. */
function baseMembership(base: LogBase, decode: (data: Uint8Array) => RaftMembership): MembershipAt | null {
  return base.membershipIndex === 0
    ? null
    : { index: base.membershipIndex, data: base.membership, membership: decode(base.membership) }
}
