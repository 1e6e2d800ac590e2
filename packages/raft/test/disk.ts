/** Entries, memberships and disks for tests. */
import type {
  Entry,
  EntryId,
  HardState,
  Index,
  LogBase,
  NodeId,
  PersistOp,
  RaftBoot,
  RaftMembership,
} from '../src/index.ts'

const EMPTY = new Uint8Array()

export function text(value: string): Uint8Array {
  return new TextEncoder().encode(value)
}

export function encodeMembership(voters: readonly NodeId[], learners: readonly NodeId[] = []): Uint8Array {
  return text(JSON.stringify({ voters: [...voters].sort(), learners: [...learners].sort() }))
}

export function decodeMembership(data: Uint8Array): RaftMembership {
  const value = JSON.parse(new TextDecoder().decode(data)) as RaftMembership
  if (!Array.isArray(value.voters) || !Array.isArray(value.learners)) throw new TypeError('not a membership')
  return value
}

/** What a test knows to be there. */
export function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('nothing is there')
  return value
}

/** Bytes stay writable (a view cannot be frozen); all else throws when written. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const inner of Object.values(value)) deepFreeze(inner)
  }
  return value
}

export function noop(term: number, index: number): Entry {
  return { term, index, kind: 'noop', data: EMPTY }
}

export function op(term: number, index: number, value = `${term}.${index}`): Entry {
  return { term, index, kind: 'operations', data: text(value) }
}

/** A log of operations whose terms are given, from index 1, after a membership entry at 1 when the first term is 1. */
export function entriesOfTerms(terms: readonly number[], from = 1): Entry[] {
  return terms.map((term, at) => op(term, from + at))
}

/** What survives a crash. */
export class Disk {
  hardState: HardState = { term: 0, vote: null }
  base: LogBase = { term: 0, index: 0, membership: EMPTY, membershipIndex: 0 }
  entries: Entry[] = []
  /** The applied state: ids of what was applied, in order. */
  state: EntryId[] = []
  stateIndex: Index = 0
  votingSuspended = false

  get lastIndex(): Index {
    return this.base.index + this.entries.length
  }

  at(index: Index): Entry | undefined {
    return this.entries[index - this.base.index - 1]
  }

  boot(): RaftBoot {
    const termRuns: EntryId[] = []
    let term = this.base.term
    for (const entry of this.entries) {
      if (entry.term !== term) termRuns.push({ term: entry.term, index: entry.index })
      term = entry.term
    }
    return {
      hardState: this.hardState,
      base: this.base,
      termRuns,
      lastIndex: this.lastIndex,
      memberships: this.entries.filter(({ kind }) => kind === 'membership').map(({ index, data }) => ({ index, data })),
      appliedIndex: this.stateIndex,
      votingSuspended: this.votingSuspended,
    }
  }

  write(persist: PersistOp, snapshots: ReadonlyMap<string, readonly EntryId[]>): void {
    if (persist.hardState) {
      if (persist.hardState.term < this.hardState.term) throw new Error('the term goes back on disk')
      this.hardState = persist.hardState
    }
    if (persist.truncateFrom !== undefined) {
      if (persist.truncateFrom <= this.stateIndex)
        throw new Error(`truncates applied entries from ${persist.truncateFrom}`)
      this.entries = this.entries.slice(0, persist.truncateFrom - this.base.index - 1)
    }
    for (const entry of persist.entries ?? []) {
      if (entry.index !== this.lastIndex + 1) throw new Error(`hole on disk: ${entry.index} after ${this.lastIndex}`)
      if (entry.term > this.hardState.term) throw new Error(`entry of term ${entry.term} before that term is on disk`)
      this.entries.push(entry)
    }
    if (persist.compact) {
      if (persist.compact.index > this.stateIndex) throw new Error('compacts what is not in the state')
      this.entries = this.entries.slice(persist.compact.index - this.base.index)
      this.base = persist.compact
    }
    if (persist.installSnapshot) {
      const { snapshot, keepEntries } = persist.installSnapshot
      if (snapshot.index <= this.stateIndex) throw new Error('a snapshot takes the state back')
      this.entries = keepEntries ? this.entries.slice(snapshot.index - this.base.index) : []
      this.base = {
        term: snapshot.term,
        index: snapshot.index,
        membership: snapshot.membership,
        membershipIndex: snapshot.membershipIndex,
      }
      this.state = [...(snapshots.get(snapshot.id) ?? [])]
      this.stateIndex = snapshot.index
    }
  }
}

/** A disk as `init` leaves it: entry 1 of term 1 is the membership. */
export function diskWith(
  voters: readonly NodeId[],
  learners: readonly NodeId[] = [],
  terms: readonly number[] = [],
  hardTerm?: number,
): Disk {
  const disk = new Disk()
  disk.entries = [
    { term: 1, index: 1, kind: 'membership', data: encodeMembership(voters, learners) },
    ...entriesOfTerms(terms, 2),
  ]
  disk.hardState = { term: hardTerm ?? terms.at(-1) ?? 1, vote: null }
  return disk
}
