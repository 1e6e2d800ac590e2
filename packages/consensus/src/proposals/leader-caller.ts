/**
 * Asking whoever leads, until there is an answer: owns the retries of calls that only a leader can carry out.
 *
 * LC1 A call ends in one of three ways: answered; certainly not proposed (`NoLeaderError` and other errors); unknown
 *    (`CommitOutcomeUnknownError`). Unknown is never reported as failed.
 * LC2 The caller's signal stops the waiting, not what was proposed.
 */
import {
  CommitOutcomeUnknownError,
  InvalidRequestError,
  NoLeaderError,
  NotAdmittedError,
  NotFoundError,
  OverloadedError,
  RefusedError,
  StoppedError,
  type PeerId,
} from '@pinset/interface'

import type { LeaderWatch } from '../driver/leader-watch.ts'
import { toError, waitFor } from '../driver/waiting.ts'
import type { Clock } from '../ports.ts'

/** What the leader, or the way to it, says. */
export type LeaderAnswer<Value> =
  | { readonly kind: 'done'; readonly value: Value }
  /** Certainly without effect; `leader` is who leads, when the peer that was asked knows another one. */
  | { readonly kind: 'not-proposed'; readonly leader: string | null; readonly detail: string }
  | { readonly kind: 'unknown'; readonly detail: string }

export interface LeaderCallerComponents {
  readonly clock: Clock
  readonly random: () => number
  readonly leaders: LeaderWatch
  /** Why no leader can be found, for people. */
  readonly describeQuorum: () => string
  /** Why this peer takes no part any more; null while it does. */
  readonly haltCause: () => Error | null
}

export interface LeaderCallerInit {
  /** How long a call looks for a leader and for its answer, in milliseconds. @default 15000 */
  readonly leaderWaitMs: number
  /** First pause before a retry; it grows fourfold at most, with jitter. */
  readonly retryDelayMs: number
}

/** One call over all its attempts. */
export interface Attempts {
  readonly what: string
  readonly deadlineMs: number
  readonly signal: AbortSignal | undefined
  count: number
  /** Something may be in the log. LC1 */
  maybeProposed: boolean
  detail: string
  /** The leader that another peer has named, to be tried next. */
  hint: PeerId | null
}

export type AskLeader<Value> = (
  leader: PeerId,
  options: { readonly signal: AbortSignal },
) => Promise<LeaderAnswer<Value>>

/** Made once: one with its stack for each call would cost more than the call. */
const GIVEN_UP = new DOMException('the answer is not waited for any more', 'AbortError')

export class LeaderCaller {
  readonly #components: LeaderCallerComponents
  readonly #init: LeaderCallerInit
  readonly #stopping = new AbortController()
  readonly #asking = new Set<(detail: string) => void>()

  constructor(components: LeaderCallerComponents, init: LeaderCallerInit) {
    this.#components = components
    this.#init = init
  }

  /** @param what - names the call in errors, e.g. `write`. */
  begin(what: string, signal: AbortSignal | undefined): Attempts {
    this.checkOpen()
    signal?.throwIfAborted()
    const deadlineMs = this.#components.clock.nowMs() + this.#init.leaderWaitMs
    return { what, deadlineMs, signal, count: 0, maybeProposed: false, detail: '', hint: null }
  }

  /** Ask until there is an answer or the deadline. An error that `ask` rejects with leaves the fate open unless its class says otherwise. */
  async call<Value>(attempts: Attempts, ask: AskLeader<Value>): Promise<Value> {
    for (;;) {
      const leader = await this.#findLeader(attempts)
      let answer: LeaderAnswer<Value> | null
      try {
        answer = await this.#ask(leader, ask, attempts)
      } catch (err) {
        answer = judge(toError(err), attempts)
      }
      if (answer === null) {
        attempts.maybeProposed = true
        throw this.#timedOut(attempts)
      }
      if (answer.kind === 'done') {
        return answer.value
      }
      attempts.detail = answer.detail
      if (answer.kind === 'unknown') {
        attempts.maybeProposed = true
      } else if (answer.leader !== null && answer.leader !== leader) {
        attempts.hint = answer.leader as PeerId
      }
      await this.#pause(leader, attempts)
    }
  }

  checkOpen(): void {
    if (this.#stopping.signal.aborted) {
      throw toError(this.#stopping.signal.reason)
    }
    const cause = this.#components.haltCause()
    if (cause !== null) {
      throw cause instanceof StoppedError
        ? cause
        : new StoppedError(`this peer has halted and takes no writes: ${cause.message}`, { cause })
    }
  }

  /** Every call that waits ends: unknown when something may have been proposed, else with the cause. */
  close(cause: Error): void {
    this.#stopping.abort(cause)
    for (const abandon of Array.from(this.#asking)) {
      abandon(cause.message)
    }
  }

  async #findLeader(attempts: Attempts): Promise<PeerId> {
    const { hint, deadlineMs, signal } = attempts
    try {
      this.checkOpen()
      if (hint !== null) {
        attempts.hint = null
        return hint
      }
      const leader = await this.#components.leaders.waitForLeader({ clock: this.#components.clock, deadlineMs, signal })
      if (leader !== null) {
        return leader
      }
    } catch (err) {
      throw ended(toError(err), attempts)
    }
    throw this.#timedOut(attempts)
  }

  /** Null at the deadline. */
  async #ask<Value>(leader: PeerId, ask: AskLeader<Value>, attempts: Attempts): Promise<LeaderAnswer<Value> | null> {
    if (this.#stopping.signal.aborted) {
      // Closed after the leader was found: nobody would tell this call any more.
      return { kind: 'not-proposed', leader: null, detail: 'this peer is stopping' }
    }
    const { clock } = this.#components
    const giveUp = new AbortController()
    const waited = await waitFor<LeaderAnswer<Value>>(
      { clock, deadlineMs: attempts.deadlineMs, signal: attempts.signal },
      (settle) => {
        const abandon = (detail: string): void => settle.done({ kind: 'unknown', detail })
        this.#asking.add(abandon)
        ask(leader, { signal: giveUp.signal }).then(settle.done, (err: unknown) => settle.fail(toError(err)))
        const unwatch = this.#whenDeposed(leader, () => abandon('another peer leads now'))
        return () => {
          unwatch()
          this.#asking.delete(abandon)
          giveUp.abort(GIVEN_UP) // LC2
        }
      },
    )
    return waited.kind === 'deadline' ? null : waited.value
  }

  /** The peer that was asked may be dead without a word: once another one leads, do not wait for it much longer. */
  #whenDeposed(leader: PeerId, abandon: () => void): () => void {
    const { clock, leaders } = this.#components
    let cancelTimer: (() => void) | null = null
    const unsubscribe = leaders.subscribe((other) => {
      if (other !== null && other !== leader) {
        cancelTimer ??= clock.setTimer(2 * this.#init.retryDelayMs, abandon)
      }
    })
    return () => {
      unsubscribe()
      cancelTimer?.()
    }
  }

  /** Another leader ends the pause early. */
  async #pause(leader: PeerId, attempts: Attempts): Promise<void> {
    attempts.count += 1
    if (attempts.hint !== null && attempts.count < 8) {
      return
    }
    const { clock, random, leaders } = this.#components
    const growth = Math.min(4, 1 + attempts.count / 4)
    const pauseMs = this.#init.retryDelayMs * growth * (0.5 + random())
    try {
      this.checkOpen()
      await leaders.waitForOther(leader, {
        clock,
        deadlineMs: Math.min(attempts.deadlineMs, clock.nowMs() + pauseMs),
        signal: attempts.signal,
      })
    } catch (err) {
      throw ended(toError(err), attempts)
    }
    if (clock.nowMs() >= attempts.deadlineMs) {
      throw this.#timedOut(attempts)
    }
  }

  #timedOut(attempts: Attempts): Error {
    const { what, detail } = attempts
    const seconds = this.#init.leaderWaitMs / 1000
    const why = this.#components.describeQuorum()
    if (attempts.maybeProposed) {
      return new CommitOutcomeUnknownError(
        `the ${what} was proposed and its fate was not known after ${seconds} s (${why}); it may have taken effect: repeat it or look whether it has`,
      )
    }
    const last = detail === '' ? '' : ` (last: ${detail})`
    return new NoLeaderError(
      `no leader took the ${what} within ${seconds} s: ${why}${last}; nothing was proposed, repeating is safe`,
    )
  }
}

/** The peer has stopped or halted, or the caller's signal has ended. */
function ended(cause: Error, attempts: Attempts): Error {
  if (cause instanceof StoppedError && attempts.maybeProposed) {
    return new CommitOutcomeUnknownError(`the ${attempts.what} may have taken effect: ${cause.message}`, { cause })
  }
  return cause
}

/** What an error on the way to the leader, or of the leader, says about the fate of the call. */
function judge(error: Error, attempts: Attempts): LeaderAnswer<never> {
  if (attempts.signal?.aborted === true) {
    throw error
  }
  if (error instanceof OverloadedError || error instanceof NotAdmittedError || error instanceof NoLeaderError) {
    return { kind: 'not-proposed', leader: null, detail: error.message }
  }
  if (error instanceof InvalidRequestError || error instanceof RefusedError || error instanceof NotFoundError) {
    if (attempts.maybeProposed) {
      throw new CommitOutcomeUnknownError(
        `the ${attempts.what} may have taken effect: an earlier attempt was proposed, and a later one was refused (${error.message})`,
        { cause: error },
      )
    }
    throw error
  }
  return { kind: 'unknown', detail: error.message }
}
