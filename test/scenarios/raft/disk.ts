/**
 * What survives a crash of one node: term and vote, log, state.
 *
 * 1. It changes only by persist operations and by applying, each in whole; what contradicts what is there throws.
 */
import type { Entry, HardState, Index, PersistOp, RaftBoot, Term } from '@pinset/raft'

import { bootOf, SimulatedLog } from '../../simulator/simulated-log.ts'
import type { DurableView } from '../../simulator/invariants/durable-promises.ts'

/** What was applied, by index. */
export type State = ReadonlyMap<Index, string>

export class Disk implements DurableView {
  hardState: HardState = { term: 0, vote: null }
  log = new SimulatedLog()
  state = new Map<Index, string>()
  appliedIndex: Index = 0
  suspended = false

  write(op: PersistOp, snapshots: ReadonlyMap<string, State>): void {
    if (op.hardState !== undefined) {
      if (op.hardState.term < this.hardState.term)
        throw new Error(`term ${op.hardState.term} is written over ${this.hardState.term}`)
      this.hardState = op.hardState
    }
    if (op.truncateFrom !== undefined && op.truncateFrom <= this.appliedIndex)
      throw new Error(`entries from ${op.truncateFrom} are removed, ${this.appliedIndex} is applied`)
    if (op.compact !== undefined && op.compact.index > this.appliedIndex)
      throw new Error(`the log is compacted to ${op.compact.index}, ${this.appliedIndex} is applied`)
    if ((op.entries?.at(-1)?.term ?? 0) > this.hardState.term)
      throw new Error(`entries of term ${op.entries?.at(-1)?.term} are written in term ${this.hardState.term}`)
    this.log.carryOut(op)
    if (op.installSnapshot !== undefined) {
      const { snapshot } = op.installSnapshot
      if (snapshot.index <= this.appliedIndex)
        throw new Error(`a snapshot at ${snapshot.index} replaces a state at ${this.appliedIndex}`)
      this.state = new Map(snapshots.get(snapshot.id))
      this.appliedIndex = snapshot.index
    }
  }

  apply(entry: Entry, text: string): void {
    if (entry.index !== this.appliedIndex + 1) throw new Error(`${entry.index} is applied after ${this.appliedIndex}`)
    this.state.set(entry.index, text)
    this.appliedIndex = entry.index
  }

  /** The entries from `from` on are gone or unreadable, and that was noticed; perhaps terms after `term` with them. */
  damage(from: Index, term: Term): void {
    if (from <= this.log.lastIndex) this.log.carryOut({ seq: 0, truncateFrom: from })
    if (term < this.log.lastTerm) throw new Error(`the log ends in term ${this.log.lastTerm}`)
    if (term < this.hardState.term) this.hardState = { term, vote: null }
    this.forgetState(from - 1)
    this.suspended = true
  }

  /** As it is now, to be put back later. */
  copy(): Disk {
    const copy = new Disk()
    copy.hardState = this.hardState
    copy.log = this.log.copy()
    copy.state = new Map(this.state)
    copy.appliedIndex = this.appliedIndex
    copy.suspended = this.suspended
    return copy
  }

  /** What was applied after `index` was not synced yet. */
  forgetState(index: Index): void {
    this.appliedIndex = Math.min(this.appliedIndex, index)
    for (const applied of this.state.keys()) if (applied > index) this.state.delete(applied)
  }

  boot(): RaftBoot {
    return {
      ...bootOf(this.log),
      hardState: this.hardState,
      appliedIndex: this.appliedIndex,
      votingSuspended: this.suspended,
    }
  }
}
