/**
 * What this peer's state was at certain indices, so that peers can compare theirs at the same one.
 *
 * CH1 A write of the state never crosses a multiple of `CHECKPOINT_ENTRIES`: every peer knows its digest there, however it groups entries.
 */
import type { StateMeta } from '@pinset/interface'
import type { Index } from '@pinset/raft'

/** Small enough that peers that are a little apart have one in common, large enough that writes stay large. */
export const CHECKPOINT_ENTRIES = 1024
const MAX_KEPT = 16

/** Head of the hash chain and digest of the state, at one applied index. */
export interface Checkpoint {
  readonly index: Index
  /** 32 bytes. */
  readonly head: Uint8Array
  /** 32 bytes. */
  readonly digest: Uint8Array
}

/** How many entries from `first` on may go into one write (CH1); ≥ 1. */
export function entriesToCheckpoint(first: Index): number {
  return CHECKPOINT_ENTRIES - ((first - 1) % CHECKPOINT_ENTRIES)
}

export class Checkpoints {
  #kept: Checkpoint[] = []

  /** The state was written at this index. */
  applied({ appliedIndex, head, digest }: StateMeta): void {
    if (appliedIndex % CHECKPOINT_ENTRIES !== 0) return
    this.#kept.push({ index: appliedIndex, head, digest })
    if (this.#kept.length > MAX_KEPT) this.#kept.shift()
  }

  /** Those kept, and the newest state; ascending. */
  list({ appliedIndex, head, digest }: StateMeta): readonly Checkpoint[] {
    const newest = this.#kept.at(-1)?.index === appliedIndex ? [] : [{ index: appliedIndex, head, digest }]
    return [...this.#kept, ...newest]
  }
}
