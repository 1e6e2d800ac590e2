/**
 * Owns what a peer has durably written, as far as its storage has said so, and holds its messages against that.
 *
 * PM1 A message that waits for a write is checked against the disk as of exactly that write. PM2 What leaves the peer was let go
 * by the core, and what it waited for is durable.
 */
import type { HardState, Message, PersistOp, Ready } from '@pinset/raft'

import type { DurableView } from '../invariants/durable-promises.ts'
import { checkSuspended } from '../invariants/suspended-silence.ts'
import { Violation } from '../invariants/violation.ts'
import { sameLog, SimulatedLog } from '../simulated-log.ts'
import type { SimulatedPeer } from './peer.ts'
import type { World } from './world.ts'

export class Promises implements DurableView {
  hardState: HardState = { term: 0, vote: null }
  log = new SimulatedLog()
  /** As the core says, and as its disk does. */
  isSuspended = false
  /** Its disk said at a start that it may not vote; so it must at the next, unless a leader has brought it up to date meanwhile. */
  isBarred = false
  /** Its disk may say so still: it is a moment until that is taken back. */
  isMarked = false
  /** Handed to the storage, and not known to be durable. */
  inFlight: readonly PersistOp[] = []
  readonly #world: World
  readonly #peer: SimulatedPeer
  #waiting: { readonly seq: number; readonly message: Message }[] = []
  #released = new WeakSet<Message>()
  #durableSeq = 0

  constructor(world: World, peer: SimulatedPeer) {
    this.#world = world
    this.#peer = peer
  }

  /** What it has promised may be lost; it gives no vote until it has it again. */
  get suspended(): boolean {
    return this.isSuspended || this.#peer.isLost
  }

  /** Whether a start can find this: what was durable, or that and the write that was under way. */
  explain(hardState: HardState, log: SimulatedLog): boolean {
    const written = this.log.copy()
    let writtenState = this.hardState
    for (const op of this.inFlight) {
      written.carryOut(op)
      writtenState = op.hardState ?? writtenState
    }
    return (
      (sameLog(log, this.log) && isSameHardState(hardState, this.hardState)) ||
      (sameLog(log, written) && isSameHardState(hardState, writtenState))
    )
  }

  /** A new run of the process has found this on its disk. */
  booted(hardState: HardState, log: SimulatedLog, suspended: boolean): void {
    this.hardState = hardState
    this.log = log
    this.isSuspended = suspended
    this.isBarred = suspended
    this.isMarked = suspended
    this.inFlight = []
    this.#waiting = []
    this.#durableSeq = 0
  }

  ready({ send, sendAfter }: Ready): void {
    for (const message of send) {
      this.#made(message)
      this.#release(message)
    }
    for (const item of sendAfter) {
      this.#made(item.message)
      if (item.seq <= this.#durableSeq) {
        this.#release(item.message)
      } else {
        this.#waiting.push(item)
      }
    }
  }

  /** The storage says that these are durable. */
  durable(ops: readonly PersistOp[]): void {
    this.inFlight = []
    for (const op of ops) {
      this.log.carryOut(op)
      if (op.hardState !== undefined) {
        this.hardState = op.hardState
        this.#world.checker.monotonic.persisted(this.#peer.id, op.hardState)
      }
      this.#durableSeq = op.seq
      for (const { seq, message } of this.#waiting) {
        if (seq === op.seq) {
          this.#released.add(message)
          if (this.#world.know(this.#peer, message.to)) {
            this.#world.checker.promised(this.#peer, message) // PM1
          }
        }
      }
      this.#count(op)
    }
    this.#waiting = this.#waiting.filter(({ seq }) => seq > this.#durableSeq)
  }

  /** PM2 */
  leaving(message: Message): void {
    if (!this.#released.has(message)) {
      throw new Violation(
        'durable promises',
        `${message.kind} leaves ${this.#peer.id} for ${message.to} before what it waits for is durable`,
      )
    }
  }

  #made(message: Message): void {
    this.#world.checker.confirmed.made(message)
    if (this.isSuspended) {
      checkSuspended(message)
    }
  }

  #release(message: Message): void {
    this.#released.add(message)
    if (this.#world.know(this.#peer, message.to)) {
      this.#world.checker.sending(this.#peer, message)
    }
  }

  #count(op: PersistOp): void {
    const { coverage } = this.#world
    if (op.truncateFrom !== undefined) {
      coverage.count('truncated')
    }
    if (op.compact !== undefined) {
      coverage.count('compacted')
    }
    if (op.installSnapshot !== undefined) {
      coverage.count(op.installSnapshot.keepEntries ? 'snapshot installed, log kept' : 'snapshot installed')
    }
  }
}

function isSameHardState(a: HardState, b: HardState): boolean {
  return a.term === b.term && a.vote === b.vote
}
