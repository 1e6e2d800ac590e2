/**
 * The own record in the membership: when it does not say any more what this peer is, another one is asked for, again and again
 * with a pause.
 */
import type { Logger, Member, PeerId } from '@pinset/interface'

import { toError } from '../driver/waiting.ts'
import type { Clock } from '../ports.ts'
import type { Newcomer } from './next-membership.ts'

export interface SelfRecordComponents {
  readonly clock: Clock
  readonly logger: Logger
  /** What this peer is now. */
  readonly self: () => Newcomer
  /** What the membership says of it; undefined while it is not a member with this database. */
  readonly record: () => Member | undefined
  /** Null when nobody is known to lead, who could be asked. */
  readonly leader: () => PeerId | null
  /** Asks for another record. */
  readonly update: (self: Newcomer, options: { readonly signal: AbortSignal }) => Promise<void>
}

export class SelfRecord {
  readonly #components: SelfRecordComponents
  readonly #pauseMs: number
  readonly #stopping = new AbortController()
  #updating: Promise<void> | null = null
  #notBeforeMs = 0

  /** @param pauseMs - between two attempts. */
  constructor(components: SelfRecordComponents, pauseMs: number) {
    this.#components = components
    this.#pauseMs = pauseMs
  }

  /** Look now, at `nowMs` of the clock, and ask if that is due. */
  check(nowMs: number): void {
    const { self, record, leader } = this.#components
    if (this.#updating !== null || nowMs < this.#notBeforeMs || this.#stopping.signal.aborted) {
      return
    }
    const said = record()
    const now = self()
    if (said !== undefined && leader() !== null && !saysTheSame(said, now)) {
      this.#updating = this.#update(now.addresses.length > 0 ? now : { ...now, addresses: said.addresses })
    }
  }

  /** Nothing more is asked for. */
  close(cause: Error): void {
    this.#stopping.abort(cause)
  }

  /** Resolves once nothing is asked for any more. */
  async settled(): Promise<void> {
    await this.#updating
  }

  async #update(self: Newcomer): Promise<void> {
    const { clock, logger, update } = this.#components
    try {
      await update(self, { signal: this.#stopping.signal })
    } catch (err) {
      if (!this.#stopping.signal.aborted) {
        logger.warn('the own member record could not be brought up to date; it is tried again', { err: toError(err) })
      }
    } finally {
      this.#updating = null
      this.#notBeforeMs = clock.nowMs() + this.#pauseMs
    }
  }
}

/** A peer that does not know its addresses leaves those that are known. */
function saysTheSame(record: Member, { name, addresses, supportedVersion }: Newcomer): boolean {
  return (
    record.name === name &&
    record.supportedVersion === supportedVersion &&
    (addresses.length === 0 ||
      (record.addresses.length === addresses.length &&
        record.addresses.every((address, at) => address === addresses[at])))
  )
}
