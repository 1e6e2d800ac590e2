/**
 * Owns what is known of the replicated state of one peer, over its restarts: what it has written, and what of it must survive.
 *
 * ST1 At one index every peer has the same head and digest, the head that the committed log gives. ST2 What was synced survives:
 * the applied index after a restart is not below the newest synced one; within a run it never goes back.
 */
import { EMPTY_STATE_META } from '@pinset/consensus'
import type { StateMeta, StateWrite } from '@pinset/interface'

import type { StateAt } from '../invariants/checker.ts'
import { Violation } from '../invariants/violation.ts'
import type { World } from './world.ts'

export class States {
  /** As of the newest write that is done. */
  meta: StateMeta = EMPTY_STATE_META
  readonly #world: World
  readonly #id: string
  #durableIndex = 0

  constructor(world: World, id: string) {
    this.#world = world
    this.#id = id
  }

  get at(): StateAt {
    return stateAt(this.meta)
  }

  booted(meta: StateMeta): void {
    if (meta.appliedIndex < this.#durableIndex) {
      throw new Violation(
        'durable state',
        `${this.#id} starts with a state at ${meta.appliedIndex}, it had synced one at ${this.#durableIndex}`,
      )
    }
    this.#durableIndex = meta.appliedIndex
    this.#holds(meta)
  }

  written(write: StateWrite, isSynced: boolean): void {
    const { meta } = write
    if (meta.appliedIndex <= this.meta.appliedIndex) {
      throw new Violation(
        'state-machine safety',
        `${this.#id} writes a state at ${meta.appliedIndex} after one at ${this.meta.appliedIndex}`,
      )
    }
    this.#world.pinset.written(this.#id, this.meta.appliedIndex, write)
    this.#world.checker.monotonic.applied(this.#id, meta.appliedIndex)
    this.#holds(meta)
    if (isSynced) {
      this.#durableIndex = meta.appliedIndex
    }
  }

  /** Another state has taken the place of this one. */
  adopted(meta: StateMeta): void {
    this.#world.coverage.count('state restored')
    this.#world.checker.monotonic.applied(this.#id, meta.appliedIndex)
    this.#durableIndex = Math.max(this.#durableIndex, meta.appliedIndex)
    this.#holds(meta)
  }

  wiped(): void {
    this.meta = EMPTY_STATE_META
    this.#durableIndex = 0
  }

  #holds(meta: StateMeta): void {
    this.meta = meta
    const { index, head } = stateAt(meta)
    this.#world.trace.mix(meta.appliedIndex)
    this.#world.trace.mix(firstWord(meta.head))
    this.#world.trace.mix(firstWord(meta.digest))
    this.#world.checker.machines.holds(this.#id, index, head)
    this.#world.digests.holds(this.#id, meta.appliedIndex, hex(meta.digest))
  }
}

/** The invariants begin with a state at 0 whose head is 0. */
function stateAt({ appliedIndex, head }: StateMeta): StateAt {
  return { index: appliedIndex, head: appliedIndex === 0 ? 0 : hex(head) }
}

function firstWord(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0)
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
}
