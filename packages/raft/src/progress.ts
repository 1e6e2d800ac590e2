/**
 * What a leader knows of one other node, and how entries flow to it.
 *
 * G1 matchIndex < nextIndex (P12).
 * G2 An answer to something older than what is known changes nothing.
 * G3 `inflights` is empty unless the flow is `replicate`.
 */
import { Inflights } from './inflights.ts'
import { invariant } from './invariant.ts'
import type { Entry, Index, NodeId } from './types.ts'

export type Flow =
  /** The matching point is not known: one message at a time; `paused` until it is answered or a heartbeat is. */
  | { readonly kind: 'probe'; paused: boolean }
  /** Pipelined. `nudge`: send one message even if empty, so that losses come to light. */
  | { readonly kind: 'replicate'; nudge: boolean }
  /** Waiting for the state at `index` to arrive; 0 until the driver has opened one. */
  | { readonly kind: 'snapshot'; readonly index: Index }

/**
 * Denials of a probe at the match point after which the node is believed to have lost entries that it had acknowledged
 * (a damaged disk). Knowing less is always safe; one stale message alone must not cost a rewind.
 */
const DENIALS_BEFORE_REWIND = 3

export class Progress {
  readonly id: NodeId
  matchIndex: Index = 0
  nextIndex: Index
  flow: Flow = { kind: 'probe', paused: false }
  readonly inflights: Inflights
  /** Highest commit index sent. */
  sentCommit: Index = 0
  /** Newest read round that it has acknowledged. */
  ackedRound = 0
  /** Tick of the last answer in this term; -1 before the first. */
  heardTick = -1
  /** Tick from which it is owed answers. */
  readonly sinceTick: number
  /** Entries read from disk, to be sent next. */
  staged: readonly Entry[] = []
  /** Outstanding load, or 0. */
  loadRequest = 0
  /** No snapshot is asked for before this tick. */
  snapshotRetryTick = 0
  snapshotFailures = 0
  #denials = 0

  constructor(id: NodeId, nextIndex: Index, sinceTick: number, maxInflightMessages: number, maxInflightBytes: number) {
    this.id = id
    this.nextIndex = Math.max(1, nextIndex)
    this.sinceTick = sinceTick
    this.inflights = new Inflights(maxInflightMessages, maxInflightBytes)
  }

  /** Whether nothing but heartbeats goes out at present. */
  get paused(): boolean {
    switch (this.flow.kind) {
      case 'probe':
        return this.flow.paused
      case 'replicate':
        return this.inflights.full
      case 'snapshot':
        return true
    }
  }

  becomeProbe(nextIndex: Index = this.matchIndex + 1, paused = false): void {
    this.inflights.clear()
    this.flow = { kind: 'probe', paused }
    this.nextIndex = Math.max(nextIndex, this.matchIndex + 1)
    this.sentCommit = Math.min(this.sentCommit, this.nextIndex - 1)
    this.staged = []
  }

  becomeReplicate(): void {
    this.inflights.clear()
    this.flow = { kind: 'replicate', nudge: false }
    this.nextIndex = this.matchIndex + 1
  }

  becomeSnapshot(index: Index): void {
    this.inflights.clear()
    this.staged = []
    this.flow = { kind: 'snapshot', index }
  }

  /** A message with these entries has left, telling of `commitIndex`. */
  sent(count: number, bytes: number, commitIndex: Index): void {
    switch (this.flow.kind) {
      case 'probe':
        this.flow.paused = true
        break
      case 'replicate':
        if (count > 0) {
          this.nextIndex += count
          this.inflights.add(this.nextIndex - 1, bytes)
        }
        this.flow.nudge = false
        break
      case 'snapshot':
        invariant(false, 'G nothing is appended during a snapshot transfer')
    }
    this.sentCommit = Math.max(this.sentCommit, commitIndex)
  }

  /** Whether a message without entries would tell it of a newer commit that it can use. */
  wantsCommit(commitIndex: Index): boolean {
    return commitIndex > this.sentCommit && this.sentCommit < this.nextIndex - 1
  }

  /** It holds everything up to `index`; false when that was known (G2). */
  accept(index: Index): boolean {
    if (index > this.matchIndex || (index === this.matchIndex && this.flow.kind === 'probe')) this.#denials = 0
    if (index <= this.matchIndex) return false
    this.matchIndex = index
    this.nextIndex = Math.max(this.nextIndex, index + 1)
    return true
  }

  /** It does not match at `rejected`; `candidate` is the newest index that may. False when the answer was stale (G2). */
  reject(rejected: Index, candidate: Index): boolean {
    switch (this.flow.kind) {
      case 'replicate':
        if (rejected <= this.matchIndex) return false
        this.becomeProbe()
        return true
      case 'probe':
        if (rejected !== this.nextIndex - 1) return false
        if (rejected === this.matchIndex && candidate < this.matchIndex) {
          this.#denials += 1
          if (this.#denials >= DENIALS_BEFORE_REWIND) {
            this.#denials = 0
            this.matchIndex = 0
          }
        }
        this.nextIndex = Math.max(Math.min(rejected, candidate + 1), this.matchIndex + 1)
        this.sentCommit = Math.min(this.sentCommit, this.nextIndex - 1)
        this.flow.paused = false
        this.staged = []
        return true
      case 'snapshot':
        return false
    }
  }
}
