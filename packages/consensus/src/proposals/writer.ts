/**
 * Writes as their caller sees them: owns the calls that wait, their request ids and their retries.
 *
 * Z1 A call ends in one of three ways: committed with its outcome; certainly not proposed (`NoLeaderError` and other errors);
 *    unknown (`CommitOutcomeUnknownError`). Unknown is never reported as failed.
 * Z2 A retry carries the same request id, so that the replicated state takes it once, however often it is proposed.
 * Z3 Calls that wait are bounded; a serial is taken only when the replicated state can remember its answer.
 * Z4 The caller's signal stops the waiting, not the entry.
 */
import {
  CommitOutcomeUnknownError,
  InvalidRequestError,
  NoLeaderError,
  OverloadedError,
  PeerUnreachableError,
  RefusedError,
  StoppedError,
  type Committed,
  type PeerId,
  type WriteOptions,
} from '@pinset/interface'

import { parseIdempotencyKey, requestFingerprint } from '../codec/idempotency-key.ts'
import type { OperationOutcome } from '../codec/outcome-codec.ts'
import { OPERATION_NUMBERS, type Idempotency } from '../codec/operation-codec.ts'
import { encodePinRequest } from '../codec/pin-codec.ts'
import type { LeaderWatch } from '../driver/leader-watch.ts'
import { delay, toError, waitFor, type Waited } from '../driver/waiting.ts'
import type { Clock } from '../ports.ts'
import type { AppliedWaiters } from '../reads/applied-waiters.ts'
import type { OperationRequest, OperationResult } from './leader-desk.ts'
import type { RequestIds } from './request-ids.ts'

export interface WriterComponents {
  readonly clock: Clock
  readonly random: () => number
  readonly leaders: LeaderWatch
  readonly applied: AppliedWaiters
  /** Hands the operation to the leader: this peer or another one. A rejection says nothing about its fate. */
  readonly submit: (
    leader: PeerId,
    request: OperationRequest,
    options: { readonly signal: AbortSignal },
  ) => Promise<OperationResult>
  /** Why no leader can be found, for people. */
  readonly describeQuorum: () => string
  /** Why this peer takes no part any more; null while it does. */
  readonly haltCause: () => Error | null
}

export interface WriterInit {
  readonly peerId: PeerId
  readonly storageId: string
  /** How long a call looks for a leader and for its answer, in milliseconds. @default 15000 */
  readonly leaderWaitMs: number
  /** Calls that may wait. @default 4096 */
  readonly maxPendingCalls: number
  /** First pause before a retry; it grows fourfold at most, with jitter. */
  readonly retryDelayMs: number
}

interface Attempts {
  readonly deadlineMs: number
  readonly signal: AbortSignal | undefined
  count: number
  /** Something may be in the log. Z1 */
  maybeProposed: boolean
  detail: string
  /** The leader that another peer has named, to be tried next. */
  hint: PeerId | null
}

export class Writer {
  readonly #components: WriterComponents
  readonly #init: WriterInit
  readonly #ids: RequestIds
  #pending = 0
  readonly #slotWaiters = new Set<() => void>()
  #closed: Error | null = null
  readonly #stopping = new AbortController()

  constructor(components: WriterComponents, ids: RequestIds, init: WriterInit) {
    this.#components = components
    this.#ids = ids
    this.#init = init
  }

  get pendingCount(): number {
    return this.#pending
  }

  async write(body: OperationRequest['body'], options: WriteOptions = {}): Promise<Committed<OperationOutcome>> {
    const idempotency = toIdempotency(body, options)
    const ifModifiedIndex = checkIndex(options.ifModifiedIndex)
    options.signal?.throwIfAborted()
    this.#checkOpen()
    if (this.#pending >= this.#init.maxPendingCalls) {
      throw new OverloadedError(
        `${this.#pending} writes wait on this peer already; nothing was proposed, try again later`,
      ) // Z3
    }
    this.#pending += 1
    try {
      const attempts: Attempts = {
        deadlineMs: this.#components.clock.nowMs() + this.#init.leaderWaitMs,
        signal: options.signal,
        count: 0,
        maybeProposed: false,
        detail: '',
        hint: null,
      }
      return await this.#attempt({ actor: options.actor ?? '', idempotency, ifModifiedIndex, body }, attempts)
    } finally {
      this.#pending -= 1
    }
  }

  /** Every call that waits ends: unknown when something may have been proposed, else with the cause. */
  close(cause: Error): void {
    this.#closed ??= cause
    this.#stopping.abort(cause)
    this.#wakeSlots()
  }

  async #attempt(
    request: Omit<OperationRequest, 'requestId'>,
    attempts: Attempts,
  ): Promise<Committed<OperationOutcome>> {
    for (let renewals = 0; ; renewals += 1) {
      const serial = await this.#takeSerial(attempts)
      try {
        const decided = await this.#retry(serial, request, attempts)
        // Without a key, `expired` says that the state had forgotten this serial before it was used: take a fresh one.
        if (decided.outcome.kind === 'expired' && request.idempotency === null && renewals < 3) {
          this.#ids.jump()
          continue
        }
        const appliedHere = await this.#waitApplied(decided.revision, attempts)
        return { outcome: decided.outcome, revision: decided.revision, appliedHere }
      } finally {
        this.#ids.answered(serial)
        this.#wakeSlots()
      }
    }
  }

  /** Z2 */
  async #retry(
    serial: number,
    request: Omit<OperationRequest, 'requestId'>,
    attempts: Attempts,
  ): Promise<Extract<OperationResult, { kind: 'decided' }>> {
    for (;;) {
      const leader = await this.#findLeader(attempts)
      const { peerId, storageId } = this.#init
      const requestId = { peerId, storageId, serial, lowWater: this.#ids.lowWater }
      const result = await this.#submit(leader, { ...request, requestId }, attempts)
      switch (result.kind) {
        case 'decided':
          return result
        case 'error':
          this.#judge(result.error, attempts)
          break
        case 'unknown':
          attempts.maybeProposed = true
          attempts.detail = result.detail
          break
        case 'not-proposed':
          attempts.detail = result.detail
          attempts.hint =
            result.reason === 'not-leader' && result.leader !== leader ? (result.leader as PeerId | null) : null
          break
      }
      await this.#pause(leader, attempts)
    }
  }

  async #findLeader(attempts: Attempts): Promise<PeerId> {
    this.#checkHalted(attempts)
    const { hint, deadlineMs, signal } = attempts
    if (hint !== null) {
      attempts.hint = null
      return hint
    }
    try {
      const leader = await this.#components.leaders.waitForLeader({ clock: this.#components.clock, deadlineMs, signal })
      if (leader !== null) {
        return leader
      }
    } catch (err) {
      throw this.#ended(toError(err), attempts)
    }
    throw this.#timedOut(attempts)
  }

  async #submit(leader: PeerId, request: OperationRequest, attempts: Attempts): Promise<OperationResult> {
    const { clock } = this.#components
    const giveUp = new AbortController()
    let waited: Waited<OperationResult>
    try {
      waited = await waitFor<OperationResult>(
        { clock, deadlineMs: attempts.deadlineMs, signal: attempts.signal },
        (settle) => {
          const onStop = (): void => settle.done({ kind: 'unknown', detail: 'this peer is stopping' })
          this.#stopping.signal.addEventListener('abort', onStop, { once: true })
          this.#components
            .submit(leader, request, { signal: giveUp.signal })
            .then(settle.done, (err: unknown) => settle.done(resultOfError(toError(err))))
          this.#whenDeposed(leader, giveUp.signal, () =>
            settle.done({ kind: 'unknown', detail: 'another peer leads now' }),
          )
          return () => this.#stopping.signal.removeEventListener('abort', onStop)
        },
      )
    } finally {
      giveUp.abort() // Z4
    }
    if (waited.kind === 'deadline') {
      attempts.maybeProposed = true
      throw this.#timedOut(attempts)
    }
    return waited.value
  }

  /** The peer that was asked may be dead without a word: once another one leads, do not wait for it much longer. */
  #whenDeposed(leader: PeerId, signal: AbortSignal, abandon: () => void): void {
    const { clock, leaders } = this.#components
    leaders
      .waitForOther(leader, { clock, deadlineMs: Number.POSITIVE_INFINITY, signal })
      .then(() => delay(clock, 2 * this.#init.retryDelayMs, signal))
      .then(abandon, () => {})
  }

  /** An error of the leader: final, unless repeating can help. */
  #judge(error: Error, attempts: Attempts): void {
    attempts.detail = error.message
    if (error instanceof OverloadedError || error instanceof PeerUnreachableError) {
      return
    }
    if (attempts.maybeProposed) {
      throw new CommitOutcomeUnknownError(
        `the write may have taken effect: an earlier attempt was proposed, and a later one was refused (${error.message})`,
        { cause: error },
      )
    }
    throw error
  }

  /** Another leader ends the pause early. */
  async #pause(leader: PeerId, attempts: Attempts): Promise<void> {
    this.#checkHalted(attempts)
    attempts.count += 1
    if (attempts.hint !== null && attempts.count < 8) {
      return
    }
    const { clock, random, leaders } = this.#components
    const growth = Math.min(4, 1 + attempts.count / 4)
    const pauseMs = this.#init.retryDelayMs * growth * (0.5 + random())
    try {
      await leaders.waitForOther(leader, {
        clock,
        deadlineMs: Math.min(attempts.deadlineMs, clock.nowMs() + pauseMs),
        signal: attempts.signal,
      })
    } catch (err) {
      throw this.#ended(toError(err), attempts)
    }
    if (clock.nowMs() >= attempts.deadlineMs) {
      throw this.#timedOut(attempts)
    }
  }

  async #waitApplied(revision: number, { deadlineMs, signal }: Attempts): Promise<boolean> {
    try {
      return await this.#components.applied.wait(revision, { clock: this.#components.clock, deadlineMs, signal })
    } catch (err) {
      if (err instanceof StoppedError || err instanceof OverloadedError) {
        return false // Committed all the same.
      }
      throw err
    }
  }

  /** Z3 */
  async #takeSerial(attempts: Attempts): Promise<number> {
    while (this.#ids.windowFull) {
      const { clock } = this.#components
      const waited = await waitFor<null>(
        { clock, deadlineMs: attempts.deadlineMs, signal: attempts.signal },
        (settle) => {
          const wake = (): void => settle.done(null)
          this.#slotWaiters.add(wake)
          return () => this.#slotWaiters.delete(wake)
        },
      )
      this.#checkOpen()
      if (waited.kind === 'deadline') {
        throw new OverloadedError(
          'too many writes of this peer wait for their answer; nothing was proposed, try again later',
        )
      }
    }
    return this.#ids.next()
  }

  #wakeSlots(): void {
    if (this.#slotWaiters.size > 0 && (!this.#ids.windowFull || this.#closed !== null)) {
      for (const wake of [...this.#slotWaiters]) {
        wake()
      }
    }
  }

  #checkOpen(): void {
    const cause = this.#closed ?? this.#components.haltCause()
    if (cause !== null) {
      throw cause instanceof StoppedError
        ? cause
        : new StoppedError(`this peer has halted and takes no writes: ${cause.message}`, { cause })
    }
  }

  #checkHalted(attempts: Attempts): void {
    try {
      this.#checkOpen()
    } catch (err) {
      throw this.#ended(toError(err), attempts)
    }
  }

  /** The peer has stopped or halted, or the caller's signal has ended. */
  #ended(cause: Error, attempts: Attempts): Error {
    if (cause instanceof StoppedError && attempts.maybeProposed) {
      return new CommitOutcomeUnknownError(`the write may have taken effect: ${cause.message}`, { cause })
    }
    return cause
  }

  #timedOut(attempts: Attempts): Error {
    const seconds = this.#init.leaderWaitMs / 1000
    const why = this.#components.describeQuorum()
    if (attempts.maybeProposed) {
      return new CommitOutcomeUnknownError(
        `the write was proposed and its fate was not known after ${seconds} s (${why}); it may have taken effect: repeat it or look whether it has`,
      )
    }
    const last = attempts.detail === '' ? '' : ` (last: ${attempts.detail})`
    return new NoLeaderError(
      `no leader took the write within ${seconds} s: ${why}${last}; nothing was proposed, repeating is safe`,
    )
  }
}

/** What an error of the way to the leader says about the fate of the operation. */
function resultOfError(error: Error): OperationResult {
  const certain =
    error instanceof InvalidRequestError ||
    error instanceof RefusedError ||
    error instanceof OverloadedError ||
    error.name === 'NotAdmittedError'
  if (!certain) {
    return { kind: 'unknown', detail: error.message }
  }
  return error.name === 'NotAdmittedError'
    ? { kind: 'not-proposed', reason: 'refused', leader: null, detail: error.message }
    : { kind: 'error', error }
}

function toIdempotency(body: OperationRequest['body'], options: WriteOptions): Idempotency | null {
  if (options.idempotencyKey === undefined) {
    return null
  }
  const key = parseIdempotencyKey(options.idempotencyKey)
  const request = body.kind === 'pin' ? encodePinRequest(body.request) : body.cid.bytes
  return {
    key,
    fingerprint: requestFingerprint(
      OPERATION_NUMBERS[body.kind],
      request,
      options.ifModifiedIndex ?? null,
      options.actor ?? '',
    ),
  }
}

function checkIndex(index: number | undefined): number | null {
  if (index !== undefined && (!Number.isSafeInteger(index) || index < 0)) {
    throw new InvalidRequestError(`ifModifiedIndex must be an integer from 0, not ${index}`)
  }
  return index ?? null
}
