/**
 * Reads: local ones with their revision, and linearizable ones by ReadIndex. Owns the views that are open and the calls that wait.
 *
 * RD1 A linearizable read sees every write that completed before it began: its index was confirmed by a quorum after the call.
 * RD2 Calls that come while a confirmation is under way share the next one, never the one under way.
 * RD3 Waits are bounded; at the deadline the error says how far this peer is.
 * RD4 A view counts from the moment in which it is being opened. Once the reader is closed none is open, and none is given out.
 */
import {
  InvalidRequestError,
  NoLeaderError,
  OverloadedError,
  RevisionTimeoutError,
  StoppedError,
  type AbortOptions,
  type PeerId,
  type PinsetView,
  type ReadOptions,
  type StateStore,
} from '@pinset/interface'

import type { Driver } from '../driver/driver.ts'
import type { LeaderWatch } from '../driver/leader-watch.ts'
import { toError, waitFor, type Settle, type WaitOptions } from '../driver/waiting.ts'
import type { Clock } from '../ports.ts'
import type { AppliedWaiters } from '../driver/applied-waiters.ts'
import { SnapshotView } from './view.ts'

export interface ReaderComponents {
  readonly peerId: PeerId
  readonly clock: Clock
  readonly random: () => number
  readonly driver: Pick<Driver, 'readIndex'>
  readonly leaders: LeaderWatch
  readonly waiters: AppliedWaiters
  readonly state: () => StateStore
  /** Ask the leader, another peer, for an index that its quorum has confirmed. */
  readonly askLeader: (leader: PeerId, options: { readonly signal: AbortSignal }) => Promise<number>
  readonly describeQuorum: () => string
}

export interface ReaderInit {
  /** How long a read waits for its revision, in milliseconds. @default 30000 */
  readonly revisionWaitMs: number
  /** How long a linearizable read looks for a leader, in milliseconds. @default 15000 */
  readonly leaderWaitMs: number
  readonly retryDelayMs: number
  /** Views open at the same time. @default 1024 */
  readonly maxViews: number
}

export class Reader {
  readonly #components: ReaderComponents
  readonly #init: ReaderInit
  readonly #views = new Set<SnapshotView>()
  readonly #opening = new Set<Promise<SnapshotView>>()
  readonly #stopping = new AbortController()
  /** Who waits for a confirmation that has not begun. */
  readonly #unconfirmed = new Set<Settle<number>>()
  #confirming = false
  #detail = ''

  constructor(components: ReaderComponents, init: ReaderInit) {
    this.#components = components
    this.#init = init
  }

  async state(options: ReadOptions = {}): Promise<PinsetView> {
    this.#checkOpen()
    const minRevision = options.minRevision ?? 0
    if (!Number.isSafeInteger(minRevision) || minRevision < 0) {
      throw new InvalidRequestError(`minRevision must be an integer from 0, not ${minRevision}`)
    }
    const deadlineMs = this.#components.clock.nowMs() + this.#init.revisionWaitMs
    const confirmed = options.consistency === 'linearizable' ? await this.readIndex(options) : 0
    await this.waitApplied(Math.max(confirmed, minRevision), deadlineMs, options.signal)
    this.#checkOpen()
    const count = this.#views.size + this.#opening.size
    if (count >= this.#init.maxViews) {
      throw new OverloadedError(`${count} views of the pinset are open on this peer; close some, or try again later`)
    }
    const opening = this.#openView()
    this.#opening.add(opening)
    try {
      return await opening
    } finally {
      this.#opening.delete(opening)
    }
  }

  /** Resolves once this peer has applied everything committed before the call. */
  async waitForSync(options: AbortOptions = {}): Promise<number> {
    const deadlineMs = this.#components.clock.nowMs() + this.#init.revisionWaitMs
    const index = await this.readIndex(options)
    await this.waitApplied(index, deadlineMs, options.signal)
    return this.#components.waiters.appliedIndex
  }

  /** An index that a quorum has confirmed after the call began. RD1 @throws {NoLeaderError} */
  async readIndex(options: AbortOptions = {}): Promise<number> {
    this.#checkOpen()
    const { clock } = this.#components
    const deadlineMs = clock.nowMs() + this.#init.leaderWaitMs
    const waited = await waitFor<number>({ clock, deadlineMs, signal: options.signal }, (settle) => {
      this.#unconfirmed.add(settle)
      this.#confirm()
      return () => this.#unconfirmed.delete(settle)
    })
    if (waited.kind === 'done') {
      return waited.value
    }
    const last = this.#detail === '' ? '' : ` (last: ${this.#detail})`
    throw new NoLeaderError(
      `no leader confirmed the read within ${this.#init.leaderWaitMs / 1000} s: ${this.#components.describeQuorum()}${last}`,
    )
  }

  /** As the leader. @returns null when this peer does not lead or could not confirm it. */
  async readIndexAsLeader(options: WaitOptions): Promise<number | null> {
    const waited = await waitFor<number | null>(options, (settle) => {
      this.#components.driver.readIndex({ ready: (index) => settle.done(index), dropped: () => settle.done(null) })
      return () => {}
    })
    return waited.kind === 'done' ? waited.value : null
  }

  /** RD3 */
  async waitApplied(index: number, deadlineMs: number, signal: AbortSignal | undefined): Promise<void> {
    const { waiters, clock } = this.#components
    if (!(await waiters.wait(index, { clock, deadlineMs, signal }))) {
      throw new RevisionTimeoutError(
        `this peer has applied the log up to ${waiters.appliedIndex} and did not reach ${index} in time; try again later, or ask another peer`,
        waiters.appliedIndex,
      )
    }
  }

  async close(cause: Error = new StoppedError('this peer has stopped')): Promise<void> {
    this.#stopping.abort(cause)
    await Promise.all([...this.#views].map((view) => view.close()))
    await Promise.allSettled(this.#opening) // RD4
  }

  /** RD4 */
  async #openView(): Promise<SnapshotView> {
    const snapshot = await this.#components.state().snapshot()
    const view: SnapshotView = new SnapshotView(snapshot, () => this.#views.delete(view))
    this.#views.add(view)
    if (this.#stopping.signal.aborted) {
      await view.close()
      this.#checkOpen()
    }
    return view
  }

  #confirm(): void {
    if (this.#confirming) {
      return
    }
    this.#confirming = true
    this.#confirmAll().catch((err: unknown) => {
      this.#confirming = false
      for (const settle of this.#unconfirmed) {
        settle.fail(toError(err))
      }
    })
  }

  async #confirmAll(): Promise<void> {
    const { clock, leaders, random } = this.#components
    const { signal } = this.#stopping
    while (this.#unconfirmed.size > 0) {
      const leader = await leaders.waitForLeader({ clock, deadlineMs: clock.nowMs() + this.#init.leaderWaitMs, signal })
      if (leader === null) {
        continue
      }
      const callers = [...this.#unconfirmed] // RD2
      const index = await this.#attempt(leader)
      if (index === null) {
        const pauseMs = this.#init.retryDelayMs * (0.5 + random())
        await leaders.waitForOther(leader, { clock, deadlineMs: clock.nowMs() + pauseMs, signal })
        continue
      }
      for (const { done } of callers) {
        done(index)
      }
    }
    this.#confirming = false
  }

  async #attempt(leader: PeerId): Promise<number | null> {
    const { clock, peerId } = this.#components
    const { signal } = this.#stopping
    const deadlineMs = clock.nowMs() + this.#init.leaderWaitMs
    try {
      return leader === peerId
        ? await this.readIndexAsLeader({ clock, deadlineMs, signal })
        : await this.#ask(leader, deadlineMs)
    } catch (err) {
      signal.throwIfAborted()
      this.#detail = toError(err).message
      return null
    }
  }

  async #ask(leader: PeerId, deadlineMs: number): Promise<number | null> {
    const { clock, leaders, askLeader } = this.#components
    const giveUp = new AbortController()
    const waited = await waitFor<number | null>({ clock, deadlineMs, signal: this.#stopping.signal }, (settle) => {
      askLeader(leader, { signal: giveUp.signal }).then(settle.done, (err: unknown) => settle.fail(toError(err)))
      const unsubscribe = leaders.subscribe((other) => {
        if (other !== null && other !== leader) {
          settle.done(null)
        }
      })
      return () => {
        unsubscribe()
        giveUp.abort()
      }
    })
    return waited.kind === 'done' ? waited.value : null
  }

  #checkOpen(): void {
    if (this.#stopping.signal.aborted) {
      throw toError(this.#stopping.signal.reason)
    }
  }
}
