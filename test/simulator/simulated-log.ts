/**
 * Owns one copy of a node's log, changed only by persist operations: what the core believes, or what its disk holds.
 *
 * L1 Entries are contiguous after the base. L2 `memberships` are exactly the membership entries above the base, ascending.
 */
import type { Entry, EntryId, Index, LogBase, PersistOp, RaftBoot, Role, Term } from '@pinset/raft'

import { Violation } from './invariants/violation.ts'

export interface MembershipAt {
  readonly index: Index
  readonly data: Uint8Array
}

export interface LogView {
  readonly base: LogBase
  /** All after the base. */
  readonly entries: readonly Entry[]
  readonly lastIndex: Index
  readonly memberships: readonly MembershipAt[]
  /** Undefined outside [base.index, lastIndex]. */
  termAt(index: Index): Term | undefined
  entryAt(index: Index): Entry | undefined
  membershipAt(index: Index): MembershipAt
}

export const emptyBase: LogBase = { index: 0, term: 0, membership: new Uint8Array(0), membershipIndex: 0 }

export class SimulatedLog implements LogView {
  #base: LogBase
  #entries: Entry[]
  #memberships: MembershipAt[]

  constructor(base: LogBase = emptyBase, entries: readonly Entry[] = []) {
    this.#base = base
    this.#entries = [...entries]
    this.#memberships = this.#entries
      .filter((entry) => entry.kind === 'membership')
      .map(({ index, data }) => ({ index, data }))
  }

  get base(): LogBase {
    return this.#base
  }

  get entries(): readonly Entry[] {
    return this.#entries
  }

  get lastIndex(): Index {
    return this.#base.index + this.#entries.length
  }

  get lastTerm(): Term {
    return this.#entries.at(-1)?.term ?? this.#base.term
  }

  get memberships(): readonly MembershipAt[] {
    return this.#memberships
  }

  termAt(index: Index): Term | undefined {
    return index === this.#base.index ? this.#base.term : this.#entries[index - this.#base.index - 1]?.term
  }

  entryAt(index: Index): Entry | undefined {
    return this.#entries[index - this.#base.index - 1]
  }

  /** The newest membership at or below `index`, with index 0 when there is none. */
  membershipAt(index: Index): MembershipAt {
    for (let i = this.#memberships.length - 1; i >= 0; i--) {
      const found = this.#memberships[i] as MembershipAt
      if (found.index <= index) {
        return found
      }
    }
    return { index: this.#base.membershipIndex, data: this.#base.membership }
  }

  copy(): SimulatedLog {
    return new SimulatedLog(this.#base, this.#entries)
  }

  /** Entries from `from` to at most `to` and about `maxBytes`, at least one if there is one. */
  read(from: Index, to: Index, maxBytes: number): Entry[] {
    const found: Entry[] = []
    let bytes = 0
    for (let index = from; index <= to; index++) {
      const entry = this.entryAt(index)
      if (entry === undefined || (found.length > 0 && bytes + entry.data.length > maxBytes)) {
        break
      }
      bytes += entry.data.length
      found.push(entry)
    }
    return found
  }

  carryOut(op: PersistOp): void {
    if (op.installSnapshot !== undefined) {
      this.#install(op.installSnapshot.snapshot, op.installSnapshot.keepEntries)
    }
    if (op.truncateFrom !== undefined) {
      this.#truncate(op.truncateFrom)
    }
    if (op.entries !== undefined) {
      this.#append(op.entries)
    }
    if (op.compact !== undefined) {
      this.#compact(op.compact)
    }
  }

  #append(entries: readonly Entry[]): void {
    for (const entry of entries) {
      if (entry.index !== this.lastIndex + 1) {
        throw new Violation('persist order', `entry ${entry.index} written directly after ${this.lastIndex}`)
      }
      if (entry.term < this.lastTerm) {
        throw new Violation(
          'persist order',
          `entry ${entry.index} of term ${entry.term} written after term ${this.lastTerm}`,
        )
      }
      this.#entries.push(entry)
      if (entry.kind === 'membership') {
        this.#memberships.push({ index: entry.index, data: entry.data })
      }
    }
  }

  #truncate(from: Index): void {
    if (from <= this.#base.index || from > this.lastIndex) {
      throw new Violation('persist order', `truncation from ${from} outside (${this.#base.index}, ${this.lastIndex}]`)
    }
    this.#entries.length = from - this.#base.index - 1
    while ((this.#memberships.at(-1)?.index ?? 0) >= from) {
      this.#memberships.pop()
    }
  }

  #compact(base: LogBase): void {
    const term = this.termAt(base.index)
    if (term !== base.term) {
      throw new Violation('persist order', `compaction to ${base.index} of term ${base.term}, the log has term ${term}`)
    }
    const inForce = this.membershipAt(base.index)
    if (inForce.index !== base.membershipIndex || !sameBytes(inForce.data, base.membership)) {
      throw new Violation(
        'persist order',
        `compaction to ${base.index} keeps membership ${base.membershipIndex}, in force is ${inForce.index}`,
      )
    }
    this.#rebase(base)
  }

  #install(base: LogBase, keepEntries: boolean): void {
    if (!keepEntries) {
      this.#base = base
      this.#entries = []
      this.#memberships = []
      return
    }
    if (this.termAt(base.index) !== base.term) {
      throw new Violation(
        'persist order',
        `snapshot ${base.index} of term ${base.term} keeps entries, the log has term ${this.termAt(base.index)}`,
      )
    }
    this.#rebase(base)
  }

  #rebase(base: LogBase): void {
    this.#entries.splice(0, base.index - this.#base.index)
    this.#memberships = this.#memberships.filter(({ index }) => index > base.index)
    this.#base = base
  }
}

/** The part of `RaftBoot` that a log store finds at open. */
export function bootOf(log: SimulatedLog): Pick<RaftBoot, 'base' | 'termRuns' | 'lastIndex' | 'memberships'> {
  const termRuns: { term: Term; index: Index }[] = []
  for (let index = log.base.index + 1; index <= log.lastIndex; index++) {
    const term = log.termAt(index) as Term
    if (termRuns.at(-1)?.term !== term) {
      termRuns.push({ term, index })
    }
  }
  return { base: log.base, termRuns, lastIndex: log.lastIndex, memberships: [...log.memberships] }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a === b) {
    return true
  }
  if (a.length !== b.length) {
    return false
  }
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) {
      return false
    }
  }
  return true
}

export function sameEntry(a: Entry, b: Entry): boolean {
  return a === b || (a.term === b.term && a.index === b.index && a.kind === b.kind && sameBytes(a.data, b.data))
}

/**
 * What a node has committed, as far as its log was ever to be written. Of the turn in which the disk fails nothing is: what was appended
 * in it is of no account, and what was cut off in it is still in the log without being what was committed.
 */
export function writtenCommitIndex(
  { role, commitIndex, lastId }: { readonly role: Role; readonly commitIndex: Index; readonly lastId: EntryId },
  before: Index,
  { lastIndex, lastTerm }: SimulatedLog,
): Index {
  if (role !== 'halted') {
    return commitIndex
  }
  // Two logs that share the term of their ends are one the beginning of the other.
  const isKept = lastId.term === lastTerm && lastId.index >= lastIndex
  return isKept ? Math.min(commitIndex, lastIndex) : before
}

/** All that they hold, and after the same base. */
export function sameLog(a: SimulatedLog, b: SimulatedLog): boolean {
  if (a.lastIndex !== b.lastIndex || a.base.index !== b.base.index || a.base.term !== b.base.term) {
    return false
  }
  for (let index = a.base.index + 1; index <= a.lastIndex; index++) {
    const [mine, other] = [a.entryAt(index), b.entryAt(index)]
    if (mine === undefined || other === undefined || !sameEntry(mine, other)) {
      return false
    }
  }
  return true
}
