/**
 * Writes as their caller sees them: owns the request ids and how many calls may wait.
 *
 * WR1 A retry carries the same request id, so that the replicated state takes it once, however often it is proposed.
 * WR2 A refusal that leaves no trace in the state speaks for its own attempt only: the origin's answers may be gone with its membership.
 * WR3 A serial that the state knows as that of another request, or has forgotten, is given up for a fresh one: an old copy of this
 *    database was put back.
 * WR4 Calls that wait are bounded; a serial is taken only when the replicated state can remember its answer.
 */
import {
  CommitOutcomeUnknownError,
  InvalidRequestError,
  OverloadedError,
  StoppedError,
  type Committed,
  type PeerId,
  type WriteOptions,
} from '@pinset/interface'

import { bytesEqual } from '../codec/checks.ts'
import { parseIdempotencyKey } from '../codec/idempotency-key.ts'
import { LOG_LIMITS } from '../codec/limits.ts'
import type { OperationOutcome } from '../codec/outcome-codec.ts'
import { waitFor } from '../driver/waiting.ts'
import type { AppliedOperation } from '../machine/index.ts'
import { refusalNumber, REFUSALS } from '../machine/refusals.ts'
import type { Clock } from '../ports.ts'
import type { AppliedWaiters } from '../driver/applied-waiters.ts'
import type { ProposedOperation } from '../rpc-methods.ts'
import { fingerprintOf } from './fingerprint.ts'
import type { Attempts, LeaderAnswer, LeaderCaller } from './leader-caller.ts'
import type { OperationResult } from './operation-desk.ts'
import type { RequestIds } from './request-ids.ts'

/** Times that one write takes a fresh serial. */
const MAX_RENEWALS = 3

export interface Decided {
  readonly outcome: OperationOutcome
  readonly revision: number
}

export interface WriterComponents {
  readonly clock: Clock
  readonly leaderCaller: LeaderCaller
  readonly waiters: AppliedWaiters
  /** Hands the operation to the leader: this peer or another one. A rejection says nothing about its fate. */
  readonly submit: (leader: PeerId, request: ProposedOperation) => Promise<OperationResult>
}

export interface WriterInit {
  readonly peerId: PeerId
  /** Of this database. */
  readonly identity: () => { readonly storageId: string }
  /** Calls that may wait. @default 4096 */
  readonly maxPendingCalls: number
}

export class Writer {
  readonly #components: WriterComponents
  readonly #init: WriterInit
  readonly #ids: RequestIds
  #pending = 0
  readonly #slotWaiters = new Set<() => void>()
  /** Calls that ask the leader now, by serial: the own log may answer first. */
  readonly #asking = new Map<
    number,
    { readonly fingerprint: Uint8Array; readonly settle: (decided: Decided) => void }
  >()

  constructor(components: WriterComponents, ids: RequestIds, init: WriterInit) {
    this.#components = components
    this.#ids = ids
    this.#init = init
  }

  get pendingCount(): number {
    return this.#pending
  }

  async write(request: ProposedOperation['request'], options: WriteOptions = {}): Promise<Committed<OperationOutcome>> {
    const operation = {
      actor: checkActor(options.actor ?? ''),
      idempotencyKey: options.idempotencyKey === undefined ? null : parseIdempotencyKey(options.idempotencyKey),
      ifModifiedIndex: checkIndex(options.ifModifiedIndex),
      request,
    }
    const attempts = this.#components.leaderCaller.begin('write', options.signal)
    if (this.#pending >= this.#init.maxPendingCalls) {
      throw new OverloadedError(
        `${this.#pending} writes wait on this peer already; nothing was proposed, try again later`,
      ) // WR4
    }
    this.#pending += 1
    try {
      return await this.#write(operation, attempts)
    } finally {
      this.#pending -= 1
    }
  }

  async #write(
    request: Omit<ProposedOperation, 'requestId'>,
    attempts: Attempts,
  ): Promise<Committed<OperationOutcome>> {
    const fingerprint = fingerprintOf(request)
    for (let renewals = 0; ; renewals += 1) {
      const serial = await this.#takeSerial(attempts)
      try {
        const { outcome, revision } = await this.#components.leaderCaller.call(attempts, (leader) =>
          this.#submit(leader, { ...request, requestId: this.#requestId(serial) }, fingerprint),
        )
        if (isSerialUsed(outcome, attempts.maybeProposed) && renewals < MAX_RENEWALS) {
          await this.#ids.jump() // WR3
          continue
        }
        if (attempts.maybeProposed && isUndecided(outcome)) {
          throw new CommitOutcomeUnknownError(
            `the write may have taken effect by an earlier attempt; a later one was refused: ${outcome.reason}`,
          ) // WR2
        }
        return { outcome, revision, appliedHere: await this.#waitApplied(revision, attempts) }
      } finally {
        this.#asking.delete(serial)
        this.#ids.answered(serial)
        this.#wakeSlots()
      }
    }
  }

  /** WR1 */
  #requestId(serial: number): ProposedOperation['requestId'] {
    return {
      peerId: this.#init.peerId,
      storageId: this.#init.identity().storageId,
      serial,
      lowWater: this.#ids.lowWater,
    }
  }

  /** Operations of this peer that were applied here: their calls need no other answer. */
  applied(operations: readonly AppliedOperation[]): void {
    if (this.#asking.size === 0) {
      return
    }
    const own = this.#init.identity().storageId
    for (const { operation, outcome, revision } of operations) {
      const { requestId, fingerprint } = operation.envelope
      const { peerId, storageId, serial } = requestId
      const asking = peerId === this.#init.peerId && storageId === own ? this.#asking.get(serial) : undefined
      if (asking !== undefined && bytesEqual(asking.fingerprint, fingerprint)) {
        asking.settle({ outcome, revision })
      }
    }
  }

  async #submit(leader: PeerId, request: ProposedOperation, fingerprint: Uint8Array): Promise<LeaderAnswer<Decided>> {
    const result = await new Promise<OperationResult>((resolve, reject) => {
      const settle = (decided: Decided): void => resolve({ kind: 'decided', ...decided })
      this.#asking.set(request.requestId.serial, { fingerprint, settle })
      this.#components.submit(leader, request).then(resolve, reject)
    })
    switch (result.kind) {
      case 'decided':
        return { kind: 'done', value: result }
      case 'error':
        throw result.error
      case 'unknown':
        return result
      case 'not-proposed':
    }
    return { kind: 'not-proposed', leader: result.leader, detail: result.detail }
  }

  async #waitApplied(revision: number, { deadlineMs, signal }: Attempts): Promise<boolean> {
    try {
      return await this.#components.waiters.wait(revision, { clock: this.#components.clock, deadlineMs, signal })
    } catch (err) {
      if (err instanceof StoppedError || err instanceof OverloadedError) {
        return false // Committed all the same.
      }
      throw err
    }
  }

  /** WR4 */
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
      this.#components.leaderCaller.checkOpen()
      if (waited.kind === 'deadline') {
        throw new OverloadedError(
          'too many writes of this peer wait for their answer; nothing was proposed, try again later',
        )
      }
    }
    return this.#ids.next()
  }

  #wakeSlots(): void {
    if (this.#slotWaiters.size > 0 && !this.#ids.windowFull) {
      for (const wake of Array.from(this.#slotWaiters)) {
        wake()
      }
    }
  }
}

/** This one took no effect under its serial, which is not its own. */
function isSerialUsed(outcome: OperationOutcome, maybeProposed: boolean): boolean {
  if (outcome.kind !== 'refused') {
    return false
  }
  const reason = refusalNumber(outcome.reason)
  return reason === REFUSALS.serialOfAnotherRequest || (reason === REFUSALS.serialForgotten && !maybeProposed)
}

/** Refused without a look at whether the request was answered before. */
function isUndecided(outcome: OperationOutcome): outcome is OperationOutcome & { readonly kind: 'refused' } {
  if (outcome.kind !== 'refused') {
    return false
  }
  const reason = refusalNumber(outcome.reason)
  return reason === REFUSALS.notMember || reason === REFUSALS.tooManyOpen || reason === REFUSALS.serialForgotten
}

function checkActor(actor: string): string {
  if (Buffer.byteLength(actor) > LOG_LIMITS.maxActorBytes) {
    throw new InvalidRequestError(`the actor is longer than ${LOG_LIMITS.maxActorBytes} bytes`)
  }
  return actor
}

function checkIndex(index: number | undefined): number | null {
  if (index !== undefined && (!Number.isSafeInteger(index) || index < 0)) {
    throw new InvalidRequestError(`ifModifiedIndex must be an integer from 0, not ${index}`)
  }
  return index ?? null
}
