/** A pinset machine on a state in memory: applies entries as a driver does, but at once. */
import type { Member } from '@pinset/interface'
import type { Entry } from '@pinset/raft'

import { decodeEntries, type Operation, type OperationOutcome } from '../../src/codec/index.ts'
import { type Applied, applyEntries, LoadedRows, missingKeys } from '../../src/machine/index.ts'
import { MemoryStateStore } from './memory-state-store.ts'
import { member, membershipEntry, operationsEntry } from './samples.ts'

export class MachineBench {
  readonly store = new MemoryStateStore()
  /** Rounds of reading that the last write took. */
  rounds = 0

  /** One write. */
  apply(entries: readonly Entry[]): Applied {
    const { decoded, stopped } = decodeEntries(entries)
    if (stopped !== null) throw stopped
    const loaded = new LoadedRows()
    this.rounds = 0
    for (;;) {
      const keys = missingKeys(this.store.meta, decoded, loaded)
      if (keys.length === 0) break
      loaded.add(keys, this.store.getManyNow(keys))
      this.rounds += 1
    }
    const applied = applyEntries(this.store.meta, decoded, loaded)
    this.store.writeNow(applied.write)
    return applied
  }

  /** One entry with these members. */
  members(members: readonly Member[] = [member('a')], timeMs?: number): Applied {
    return this.apply([membershipEntry(this.nextIndex, members, timeMs === undefined ? {} : { timeMs })])
  }

  /** One entry with these operations; their outcomes. */
  run(...operations: readonly Operation[]): readonly OperationOutcome[] {
    const [entry] = this.apply([operationsEntry(this.nextIndex, operations)]).entries
    return (entry?.operations ?? []).map((applied) => applied.outcome)
  }

  get nextIndex(): number {
    return this.store.meta.appliedIndex + 1
  }
}
