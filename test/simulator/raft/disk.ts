/**
 * Owns what a node finds again after a crash: hard state, log, state of the machine, received snapshots.
 *
 * D1 Operations become durable in the order of their numbers, each as a whole. D2 A crash keeps a prefix of what was
 * waiting, chosen by the seed. D3 After a failed write nothing more is written, and the next start is suspended; so is one that finds damage.
 */
import type { HardState, PersistOp, RaftBoot } from '@pinset/raft'

import type { DurableView } from '../invariants/durable-promises.ts'
import { Violation } from '../invariants/violation.ts'
import type { Random } from '../random.ts'
import { bootOf, SimulatedLog } from '../simulated-log.ts'
import { emptyState, type MachineState } from './state-machine.ts'

/** What is to go wrong with a coming write. */
export type WriteFault =
  /** It fails, and any prefix of it may be there. */
  | { readonly kind: 'failure' }
  /** The process dies in it. */
  | {
      readonly kind: 'crash'
      /**
       * How many of all operations that wait survive; null when the time has not come.
       *
       * @param count - in this write.
       * @param carriedOut - before, since the node was made.
       */
      readonly survivors: (count: number, carriedOut: number) => number | null
      readonly crash: (survivors: number) => void
    }

export interface DiskEvents {
  /** One operation has become durable. */
  carriedOut(op: PersistOp): void
}

export class Disk implements DurableView {
  hardState: HardState = { term: 0, vote: null }
  log = new SimulatedLog()
  state: MachineState = emptyState
  suspended = false
  /** It is suspended for having lost entries, and not only for a write that has failed. */
  damaged = false
  /** No write succeeds until there is space again. */
  full = false
  /** For one of the next writes of this run. */
  fault: WriteFault | null = null
  readonly received = new Map<string, MachineState>()
  #waiting: PersistOp[] = []
  #writing: PersistOp[] = []
  #lastSeq = 0
  #failed = false
  /** Operations, since the node was made. */
  #carriedOut = 0

  /** Operations that have become durable, over all runs. */
  get carriedOut(): number {
    return this.#carriedOut
  }

  /** This run was started with part of what it had promised lost, and no leader has brought it up to date. */
  get barred(): boolean {
    return this.suspended && !this.#failed
  }

  /** Operations in the write that is under way. */
  get writing(): number {
    return this.#writing.length
  }

  /** Add operations to the queue. */
  enqueue(ops: readonly PersistOp[]): void {
    for (const op of ops) {
      if (op.seq <= this.#lastSeq) {
        throw new Violation('persist order', `operation ${op.seq} after ${this.#lastSeq}`)
      }
      this.#lastSeq = op.seq
      if (!this.#failed) {
        this.#waiting.push(op)
      }
    }
  }

  /** Begin one write of all that waits; false when there is nothing to write, or a write is under way. */
  begin(): boolean {
    if (this.#writing.length > 0 || this.#waiting.length === 0 || this.#failed) {
      return false
    }
    this.#writing = this.#waiting
    this.#waiting = []
    return true
  }

  get idle(): boolean {
    return this.#writing.length === 0 && this.#waiting.length === 0
  }

  /** The write has succeeded. @returns the number up to which everything is durable. */
  complete(events: DiskEvents): number {
    const ops = this.#writing
    this.#writing = []
    for (const op of ops) {
      this.#carryOut(op, events)
    }
    return (ops.at(-1) as PersistOp).seq
  }

  /**
   * The write has failed.
   *
   * @param survivors - how many of its operations are there.
   * @param marked - the next start knows of it.
   */
  fail(survivors: number, marked: boolean, events: DiskEvents): void {
    const ops = this.#writing
    this.#writing = []
    this.#waiting = []
    this.#failed = true
    this.suspended ||= marked
    for (const op of ops.slice(0, survivors)) {
      this.#carryOut(op, events)
    }
  }

  /**
   * @param survivors - of all operations that wait, how many are there after all; by default any number, and often none.
   * @returns how many were lost.
   */
  crash(random: Random, events: DiskEvents, survivors?: number): number {
    const ops = [...this.#writing, ...this.#waiting]
    const survive = Math.min(ops.length, survivors ?? (random.chance(0.3) ? 0 : random.int(ops.length + 1)))
    for (const op of ops.slice(0, survive)) {
      this.#carryOut(op, events)
    }
    this.#writing = []
    this.#waiting = []
    this.#failed = false
    this.#lastSeq = 0
    this.fault = null
    this.received.clear()
    return ops.length - survive
  }

  /**
   * The end of the log cannot be read any more; what is left reaches at least to the durable state.
   *
   * @param takesTerms - of term and vote, too, no more is left than the log shows.
   * @returns whether term or vote have changed.
   */
  damage(random: Random, takesTerms: boolean): boolean {
    const keep = random.between(this.state.index, this.log.lastIndex)
    if (keep < this.log.lastIndex) {
      this.log.carryOut({ seq: 0, truncateFrom: keep + 1 })
    }
    this.suspended = true
    this.damaged = true
    // A log without entries is of term 1 at least, or the node would know of no cluster at all.
    const left: HardState = { term: Math.max(this.log.lastTerm, 1), vote: null }
    const { term, vote } = this.hardState
    if (!takesTerms || term < left.term || (term === left.term && vote === null)) {
      return false
    }
    this.hardState = left
    return true
  }

  wipe(): void {
    this.hardState = { term: 0, vote: null }
    this.log = new SimulatedLog()
    this.state = emptyState
    this.recover()
  }

  /** A leader has brought the node up to date. */
  recover(): void {
    this.suspended = false
    this.damaged = false
  }

  boot(): RaftBoot {
    return {
      hardState: this.hardState,
      ...bootOf(this.log),
      appliedIndex: this.state.index,
      votingSuspended: this.suspended,
    }
  }

  #carryOut(op: PersistOp, events: DiskEvents): void {
    this.#carriedOut++
    if (op.hardState !== undefined) {
      this.hardState = op.hardState
    }
    this.log.carryOut(op)
    if (op.installSnapshot !== undefined) {
      const { id, index } = op.installSnapshot.snapshot
      const state = this.received.get(id)
      if (state === undefined) {
        throw new Violation('persist order', `switch to snapshot ${id}, which was not received`)
      }
      if (index < this.state.index) {
        throw new Violation(
          'monotonic',
          `switch from a durable state at ${this.state.index} back to a snapshot at ${index}`,
        )
      }
      this.state = state
      this.received.clear()
    }
    if (op.compact !== undefined && op.compact.index > this.state.index) {
      throw new Violation(
        'persist order',
        `compaction to ${op.compact.index}, the durable state is at ${this.state.index}`,
      )
    }
    events.carriedOut(op)
  }
}
