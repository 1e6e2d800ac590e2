/**
 * Serials of the requests that this process makes: with the peer id and the storage id they name a request for good.
 *
 * RQ1 No serial is used twice by one database: serials come from blocks that the log database has durably given out before the
 *    first of them is used. Neither clock nor chance has a part in it, nor what this peer happens to have applied.
 * RQ2 `lowWater` is the highest serial below which everything was answered; the replicated state forgets up to there.
 */
import { OverloadedError } from '@pinset/interface'
import { invariant } from '@pinset/raft'

import { LOG_LIMITS } from '../codec/limits.ts'

/** Two hours of 100 000 requests per second; 2^53 serials last for eight million starts. */
export const SERIALS_PER_BLOCK = 2 ** 30

export interface RequestIdsComponents {
  /** @see ConsensusStorage.reserveSerials */
  readonly reserve: (reservation: { readonly count: number; readonly above: number }) => Promise<number>
}

export class RequestIds {
  readonly #reserve: RequestIdsComponents['reserve']
  /** In the order of their making, which is ascending. */
  readonly #open = new Set<number>()
  #next = 1
  /** The first serial that is not reserved. */
  #end = 1
  #reserving: Promise<void> | null = null

  constructor(components: RequestIdsComponents) {
    this.#reserve = components.reserve
  }

  /** Every serial up to this one was answered, or never used. */
  get lowWater(): number {
    const oldest = this.#open.values().next()
    return (oldest.done === true ? this.#next : oldest.value) - 1 // RQ2
  }

  /** The replicated state remembers no more answers above the mark than this: no more serials until the oldest call ends. */
  get windowFull(): boolean {
    return this.#next - this.lowWater > LOG_LIMITS.maxOpenRequests
  }

  /**
   * Before the first `next`.
   *
   * @param highestKnownSerial - of this database in the applied state; above the reserved ones only when an old copy of the database was put back.
   */
  async start(highestKnownSerial: number): Promise<void> {
    invariant(this.#open.size === 0, 'RQ1 what the state remembers is known before the first serial')
    await this.#reserveBlock(highestKnownSerial)
  }

  /** @throws {OverloadedError} no serial is reserved; nothing was proposed. */
  next(): number {
    if (this.#end - this.#next < SERIALS_PER_BLOCK / 2) this.#reserveInBackground(0)
    if (this.#next >= this.#end) {
      throw new OverloadedError(
        'this peer has no request ids left until its disk has answered; nothing was proposed, try again later',
      ) // RQ1
    }
    const serial = this.#next
    this.#next += 1
    this.#open.add(serial)
    return serial
  }

  /** The replicated state knows of serials that this database has not given out: an old copy of it was put back. Leave them far behind. */
  async jump(): Promise<void> {
    await this.#reserveBlock(this.#end + SERIALS_PER_BLOCK)
  }

  /** The caller was told what became of it, or that this is unknown; it is never sent again. */
  answered(serial: number): void {
    this.#open.delete(serial)
  }

  #reserveInBackground(above: number): void {
    // A failed write halts the peer, which tells everybody; here it only means that no serials come.
    this.#reserveBlock(above).catch(() => {})
  }

  async #reserveBlock(above: number): Promise<void> {
    this.#reserving ??= this.#takeBlock(above).finally(() => {
      this.#reserving = null
    })
    await this.#reserving
  }

  async #takeBlock(above: number): Promise<void> {
    const first = await this.#reserve({ count: SERIALS_PER_BLOCK, above })
    invariant(first >= this.#end, () => `RQ1 serials are given out once: ${first} after ${this.#end}`)
    // Blocks that follow each other are one; after a gap the rest of the old one is left.
    if (first > this.#end) this.#next = first
    this.#end = first + SERIALS_PER_BLOCK
  }
}
