/**
 * Linearizable reads that wait for a quorum to confirm the leader (ReadIndex).
 *
 * N1 Rounds are numbered by the leader, never by callers; a round is confirmed only by messages sent after its reads came in (P17).
 * N2 Reads that arrive before an entry of the leader's term is committed are parked (P16).
 * N3 At most `maxPending` reads wait, parked ones included.
 */
import type { Index } from './types.ts'

interface Group {
  readonly round: number
  readonly index: Index
  readonly contexts: number[]
}

export class ReadQueue {
  readonly #maxPending: number
  #round = 0
  /** Whether messages with the newest round may be on their way; later reads need another one. */
  #sent = true
  #parked: number[] = []
  #groups: Group[] = []
  #pending = 0

  constructor(maxPending: number) {
    this.#maxPending = maxPending
  }

  /** The newest round; goes into every message to another node. */
  get round(): number {
    return this.#round
  }

  get pending(): number {
    return this.#pending
  }

  get parked(): number {
    return this.#parked.length
  }

  get full(): boolean {
    return this.#pending >= this.#maxPending
  }

  /** Whether a round is open that nobody has been told of. */
  get unsent(): boolean {
    return !this.#sent
  }

  park(context: number): void {
    this.#parked.push(context)
    this.#pending += 1
  }

  /** The parked reads, to be added again now that they may be answered. */
  unpark(): readonly number[] {
    const parked = this.#parked
    this.#parked = []
    this.#pending -= parked.length
    return parked
  }

  /** Wait for a confirmation that begins now; `index` is what is committed now. */
  add(context: number, index: Index): void {
    const newest = this.#groups.at(-1)
    this.#pending += 1
    if (this.#sent) this.openRound()
    if (newest !== undefined && newest.round === this.#round && newest.index === index) newest.contexts.push(context)
    else this.#groups.push({ round: this.#round, index, contexts: [context] })
  }

  /** Messages from now on carry a number that nothing before did. */
  openRound(): number {
    this.#round += 1
    this.#sent = false
    return this.#round
  }

  markSent(): void {
    this.#sent = true
  }

  /** Take the reads of all rounds up to `round`, oldest first. */
  confirm(round: number, emit: (context: number, index: Index) => void): void {
    let taken = 0
    for (const group of this.#groups) {
      if (group.round > round) break
      taken += 1
      this.#pending -= group.contexts.length
      for (const context of group.contexts) emit(context, group.index)
    }
    if (taken > 0) this.#groups.splice(0, taken)
  }

  /** Give up on all of them. */
  drain(): readonly number[] {
    const contexts = [...this.#groups.flatMap((group) => group.contexts), ...this.#parked]
    this.#groups = []
    this.#parked = []
    this.#pending = 0
    return contexts
  }
}
