/**
 * Where the leader takes changes of the membership: one at a time, each decided from the newest membership that is committed.
 *
 * MD1 A change is decided from what is committed and proposed only if nothing came in between (`expectedIndex`).
 * MD2 Who asks again for what is there gets the index in force; nothing is proposed.
 * MD3 A leader that shall be removed hands leadership over first; only when nobody takes it does it remove itself.
 * MD4 A change of two steps is decided again after the first. What ends in between is unknown, never without effect; asked again, it
 *   goes on from where it stands.
 */
import { InvalidRequestError, NotFoundError, RefusedError, type MembershipAt, type PeerId } from '@pinset/interface'
import type { Role } from '@pinset/raft'

import type { RequestId } from '../codec/operation-codec.ts'
import type { Dropped } from '../driver/contexts.ts'
import type { Driver } from '../driver/driver.ts'
import type { Peerset } from '../driver/peerset.ts'
import { delay, toError, waitFor } from '../driver/waiting.ts'
import type { AppliedOperation } from '../machine/index.ts'
import {
  agreedVersion,
  encodeChange,
  nextMembership,
  type MembershipChange,
  type MembershipDecision,
} from '../membership/index.ts'
import type { Clock } from '../ports.ts'
import type { AppliedWaiters } from '../driver/applied-waiters.ts'
import type { MembershipEntryAt } from '../rpc-methods.ts'
import type { LeaderAnswer } from './leader-caller.ts'
import type { EntryFate, ProposalTable } from '../driver/proposal-table.ts'

export interface MembershipDeskComponents {
  readonly driver: Pick<Driver, 'proposeMembership' | 'transfer'>
  readonly table: Pick<ProposalTable<readonly AppliedOperation[]>, 'add'>
  readonly peerset: Peerset
  readonly waiters: AppliedWaiters
  readonly clock: Clock
  readonly role: () => Role
  readonly leader: () => string | null
  /** Of the membership that the applied state holds: the newest that is committed for certain. */
  readonly committed: () => MembershipEntryAt
}

export interface MembershipDeskInit {
  readonly peerId: PeerId
  /** Pause before a change is proposed again that the log could not take yet. */
  readonly retryDelayMs: number
  /** How long a handover may take, in milliseconds. */
  readonly transferWaitMs: number
}

export interface ChangeOptions {
  readonly requestId: RequestId
  readonly actor: string
  readonly deadlineMs: number
  readonly signal?: AbortSignal | undefined
}

type Proposed =
  | { readonly kind: 'fate'; readonly fate: EntryFate<unknown> }
  | { readonly kind: 'dropped'; readonly dropped: Dropped }

interface Progress {
  /** The first of two steps is done. */
  isBegun: boolean
}

export class MembershipDesk {
  readonly #components: MembershipDeskComponents
  readonly #init: MembershipDeskInit
  #last: Promise<unknown> = Promise.resolve()
  #waiting = 0

  constructor(components: MembershipDeskComponents, init: MembershipDeskInit) {
    this.#components = components
    this.#init = init
  }

  /** No change is under way or waits. */
  get idle(): boolean {
    return this.#waiting === 0
  }

  /** @throws {RefusedError} {NotFoundError} {InvalidRequestError} the change is not possible; nothing was proposed. */
  async change(change: MembershipChange, options: ChangeOptions): Promise<LeaderAnswer<MembershipEntryAt>> {
    this.#waiting += 1
    const turn = this.#last.then(() => this.#change(change, options))
    this.#last = turn.catch(() => {})
    try {
      return await turn
    } finally {
      this.#waiting -= 1
    }
  }

  async #change(change: MembershipChange, options: ChangeOptions): Promise<LeaderAnswer<MembershipEntryAt>> {
    const progress: Progress = { isBegun: false }
    const halfDone = (why: string): LeaderAnswer<never> => ({ kind: 'unknown', detail: `half of it is done: ${why}` }) // MD4
    try {
      const answer = await this.#steps(change, options, progress)
      return progress.isBegun && answer.kind === 'not-proposed' ? halfDone(answer.detail) : answer
    } catch (err) {
      if (!progress.isBegun || options.signal?.aborted === true) {
        throw err
      }
      return halfDone(toError(err).message)
    }
  }

  async #steps(
    change: MembershipChange,
    options: ChangeOptions,
    progress: Progress,
  ): Promise<LeaderAnswer<MembershipEntryAt>> {
    const { peerset, waiters, clock } = this.#components
    for (;;) {
      options.signal?.throwIfAborted()
      if (this.#components.role() !== 'leader') {
        return this.#notLeader()
      }
      const { index, membership } = peerset.newest
      if (!(await waiters.wait(index, { clock, deadlineMs: options.deadlineMs, signal: options.signal }))) {
        return { kind: 'not-proposed', leader: null, detail: `the membership at ${index} is not committed` } // MD1
      }
      if (peerset.newest.index !== index) {
        continue
      }
      const decision = nextMembership(membership, change)
      if (decision.kind === 'unchanged') {
        return { kind: 'done', value: this.#components.committed() } // MD2
      }
      if (decision.kind === 'refused') {
        throw refusalError(decision)
      }
      if (change.op === 'rm-peer' && change.peerId === this.#init.peerId && (await this.#handOver(options))) {
        return this.#notLeader() // MD3
      }
      const answer = await this.#propose(decision, peerset.newest, options)
      if (answer?.kind === 'done' && decision.goesOn) {
        progress.isBegun = true
      } else if (answer !== null) {
        return answer
      }
    }
  }

  /** Null: not now, try again. */
  async #propose(
    decision: MembershipDecision & { readonly kind: 'changed' },
    { index: expectedIndex, membership }: MembershipAt,
    options: ChangeOptions,
  ): Promise<LeaderAnswer<MembershipEntryAt> | null> {
    const { clock, driver, table } = this.#components
    const { requestId, actor, deadlineMs, signal } = options
    const data = encodeChange(decision, { requestId, actor, timeMs: clock.wallMs() }, agreedVersion(membership.members))
    const waited = await waitFor<Proposed>({ clock, deadlineMs, signal }, (settle) => {
      driver.proposeMembership(data, expectedIndex, {
        accepted: (id) => table.add(id, (fate) => settle.done({ kind: 'fate', fate })),
        dropped: (dropped) => settle.done({ kind: 'dropped', dropped }),
      })
      return () => {}
    })
    if (waited.kind === 'deadline') {
      return { kind: 'unknown', detail: 'the change was proposed and not committed in time' }
    }
    const proposed = waited.value
    if (proposed.kind === 'dropped') {
      if (proposed.dropped.reason === 'not-leader' || proposed.dropped.reason === 'halted') {
        return this.#notLeader()
      }
      if (clock.nowMs() >= deadlineMs) {
        return { kind: 'not-proposed', leader: null, detail: proposed.dropped.detail }
      }
      await delay(clock, this.#init.retryDelayMs, signal)
      return null
    }
    const { fate } = proposed
    if (fate.kind === 'applied') {
      return { kind: 'done', value: { index: fate.revision, entry: data } }
    }
    return fate.kind === 'unknown'
      ? fate
      : { kind: 'not-proposed', leader: this.#components.leader(), detail: fate.detail }
  }

  /** Returns whether another peer leads now. */
  async #handOver({ deadlineMs, signal }: ChangeOptions): Promise<boolean> {
    const { clock, driver } = this.#components
    const waited = await waitFor<string | null>(
      { clock, deadlineMs: Math.min(deadlineMs, clock.nowMs() + this.#init.transferWaitMs), signal },
      (settle) => {
        driver.transfer(null, { ended: (leader) => settle.done(leader), dropped: () => settle.done(null) })
        return () => {}
      },
    )
    return waited.kind === 'done' && waited.value !== null && waited.value !== this.#init.peerId
  }

  #notLeader(): LeaderAnswer<never> {
    return { kind: 'not-proposed', leader: this.#components.leader(), detail: 'this peer does not lead' }
  }
}

function refusalError(refusal: MembershipDecision & { readonly kind: 'refused' }): Error {
  switch (refusal.why) {
    case 'unknown-peer':
      return new NotFoundError(refusal.reason)
    case 'invalid':
      return new InvalidRequestError(refusal.reason)
    case 'last-voter':
    case 'full':
    case 'other-database':
  }
  return new RefusedError(refusal.reason)
}
