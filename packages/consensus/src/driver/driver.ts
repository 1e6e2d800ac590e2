/**
 * The loop around the Raft core: inputs in, effects out. Owns the core and the order in which effects are carried out.
 * It knows nothing of pins; what it hands out goes to a `DriverHandler`.
 *
 * DR1 One synchronous loop; `step` is never called from inside a turn's effects (no re-entrance).
 * DR2 `send` leaves at once; `sendAfter` only once its number is durable; both through one door, so order per receiver is kept.
 * DR3 After a failed write or a broken invariant the core is never stepped towards new promises: it halts, and everyone who waits is told.
 */
import {
  invariant,
  type Entry,
  type Index,
  type Input,
  type InstallSnapshot,
  type Message,
  type NodeId,
  type Raft,
  type RaftLogStore,
  type RaftTransport,
  type Ready,
  type SnapshotMeta,
  type SoftState,
} from '@pinset/raft'
import type { Logger } from '@pinset/interface'

import { Contexts, type ProposalHandler, type ReadHandler, type TransferHandler } from './contexts.ts'
import { Inbox, type InboxInit } from './inbox.ts'
import { Persister } from './persister.ts'
import type { Scheduler } from './scheduler.ts'
import { toError } from './waiting.ts'

/** Who gets the effects. Every method is called inside a turn and must not block; it may put inputs into the inbox. */
export interface DriverHandler {
  apply(entries: readonly Entry[]): void
  /** The switch of the log to a received state is about to be written; `restore` follows once it is durable. */
  switching(): void
  restore(snapshot: SnapshotMeta): void
  softStateChanged(soft: SoftState): void
  membershipChanged(change: NonNullable<Ready['membership']>): void
  snapshotNeeded(to: NodeId): void
  sendSnapshot(message: InstallSnapshot): void
  /** The core's answer to an `installSnapshot` message; `accepted` false when it was not taken. */
  snapshotOffered(message: InstallSnapshot, accepted: boolean): void
  /** Once, with the cause. */
  halted(cause: Error): void
  turnEnded(): void
}

export interface DriverComponents {
  readonly core: Raft
  readonly log: RaftLogStore
  readonly raftTransport: RaftTransport
  readonly scheduler: Scheduler
  readonly logger: Logger
  readonly handler: DriverHandler
}

export type DriverInit = InboxInit

export class Driver {
  readonly #core: Raft
  readonly #log: RaftLogStore
  readonly #transport: RaftTransport
  readonly #scheduler: Scheduler
  readonly #logger: Logger
  readonly #handler: DriverHandler
  readonly #persister: Persister
  readonly #inbox: Inbox
  readonly #contexts = new Contexts()
  readonly #turnListeners: (() => void)[] = []
  #scheduled = false
  #inTurn = false
  #offers: InstallSnapshot[] = []
  #loadsInFlight = new Set<Promise<void>>()
  #haltCause: Error | null = null
  #stopped = false
  #broken = false

  constructor(components: DriverComponents, init: DriverInit = {}) {
    this.#core = components.core
    this.#log = components.log
    this.#transport = components.raftTransport
    this.#scheduler = components.scheduler
    this.#logger = components.logger
    this.#handler = components.handler
    this.#inbox = new Inbox(init)
    this.#persister = new Persister(components.log, {
      persisted: (seq) => this.input({ kind: 'persisted', seq }),
      failed: (error) => this.halt(error),
      release: (message) => this.#send(message),
    })
  }

  get haltCause(): Error | null {
    return this.#haltCause
  }

  /** A batch that is proposed now is written at once. */
  get persisterFree(): boolean {
    return this.#persister.free
  }

  /** Messages dropped because the inbox was full. */
  get droppedMessages(): number {
    return this.#inbox.droppedMessages
  }

  /** Put an input into the inbox and have the loop run. */
  input(input: Input): void {
    if (this.#stopped) {
      return
    }
    const added = this.#inbox.add(input)
    if (added === 'dropped' && input.kind === 'message' && input.message.kind === 'installSnapshot') {
      this.#handler.snapshotOffered(input.message, false)
    }
    if (added !== 'added') {
      return
    }
    this.wake()
  }

  /** Have the loop run once more, even with an empty inbox. */
  wake(): void {
    if (!this.#scheduled && !this.#stopped) {
      this.#scheduled = true
      this.#scheduler.schedule(() => this.#turn())
    }
  }

  /** Call this at the beginning of every turn, before the inbox is drained: what is proposed then is stepped in the same turn. */
  onTurnBegins(listener: () => void): void {
    this.#turnListeners.push(listener)
  }

  propose(data: Uint8Array, handler: ProposalHandler): void {
    const context = this.#contexts.add({ kind: 'proposal', handler })
    this.#ask(context, { kind: 'propose', data, context })
  }

  proposeMembership(data: Uint8Array, expectedIndex: Index, handler: ProposalHandler): void {
    const context = this.#contexts.add({ kind: 'proposal', handler })
    this.#ask(context, { kind: 'proposeMembership', data, expectedIndex, context })
  }

  readIndex(handler: ReadHandler): void {
    const context = this.#contexts.add({ kind: 'read', handler })
    this.#ask(context, { kind: 'readIndex', context })
  }

  transfer(to: NodeId | null, handler: TransferHandler): void {
    const context = this.#contexts.add({ kind: 'transfer', handler })
    this.#ask(context, { kind: 'transfer', to, context })
  }

  /** Take no part any more: a write failed or an invariant broke. Idempotent; the first cause stays. */
  halt(cause: Error): void {
    if (this.#haltCause !== null) {
      return
    }
    this.#haltCause = cause // DR3
    this.#persister.close()
    this.#logger.error('consensus has halted: this peer takes no part any more and answers local reads only', {
      err: cause,
      core: this.#describe(),
    })
    this.input({ kind: 'persistFailed' })
    this.#contexts.dropAll({ reason: 'halted', leader: null, detail: cause.message })
    this.#handler.halted(cause)
  }

  /** Nothing is stepped or sent after this; resolves once no write or read of the log is in flight. Idempotent. */
  async stop(): Promise<void> {
    if (!this.#stopped) {
      this.#stopped = true
      this.#inbox.take()
      this.#persister.close()
      this.#contexts.dropAll({ reason: 'halted', leader: null, detail: 'this peer has stopped' })
    }
    await this.#persister.settled()
    await Promise.all(this.#loadsInFlight)
  }

  #ask(context: number, input: Input): void {
    if (this.#stopped || this.#haltCause !== null) {
      this.#contexts.drop(context, {
        reason: 'halted',
        leader: null,
        detail: this.#haltCause?.message ?? 'this peer has stopped',
      })
      return
    }
    this.input(input)
  }

  #turn(): void {
    this.#scheduled = false
    if (this.#stopped || this.#broken) {
      return
    }
    invariant(!this.#inTurn, 'DR1 the loop is not re-entered')
    this.#inTurn = true
    try {
      for (const turnBegins of this.#turnListeners) {
        turnBegins()
      }
      this.#drain()
      while (!this.#stopped && this.#core.hasReady()) {
        this.#carryOut(this.#core.takeReady())
      }
      this.#persister.flush()
      this.#answerOffers(null)
      this.#handler.turnEnded()
    } catch (err) {
      this.#broken = true
      this.halt(toError(err))
    } finally {
      this.#inTurn = false
    }
  }

  #drain(): void {
    for (const input of this.#inbox.take()) {
      if (input.kind === 'persisted') {
        this.#persister.releaseUpTo(input.seq)
      } else if (input.kind === 'message' && input.message.kind === 'installSnapshot') {
        this.#offers.push(input.message)
      }
      this.#core.step(input)
    }
  }

  /** The order matters: roles first, then what must leave, then what must be written, then what others are told. */
  #carryOut(ready: Ready): void {
    if (ready.soft !== null) {
      this.#handler.softStateChanged(ready.soft)
    }
    if (ready.membership !== null) {
      this.#handler.membershipChanged(ready.membership)
    }
    for (const message of ready.send) {
      this.#send(message) // DR2
    }
    if (ready.persist.some(({ installSnapshot }) => installSnapshot !== undefined)) {
      this.#handler.switching()
    }
    this.#persister.queue(ready.persist)
    for (const { seq, message } of ready.sendAfter) {
      this.#persister.sendAfter(seq, message)
    }
    if (ready.receive !== null) {
      this.#answerOffers(ready.receive)
    }
    // Places in the log are known before the entries at them are handed out.
    this.#contexts.answer(ready)
    if (ready.apply.length > 0) {
      this.#handler.apply(ready.apply)
    }
    if (ready.restore !== null) {
      this.#handler.restore(ready.restore)
    }
    for (const load of ready.loads) {
      this.#load(load)
    }
    for (const { to } of ready.snapshotsNeeded) {
      this.#handler.snapshotNeeded(to)
    }
  }

  #answerOffers(taken: Ready['receive']): void {
    if (this.#offers.length === 0) {
      return
    }
    const offers = this.#offers
    this.#offers = []
    for (const offer of offers) {
      if (taken === null) {
        this.#handler.snapshotOffered(offer, false)
      } else if (offer.from === taken.from && offer.snapshot.id === taken.snapshot.id) {
        this.#handler.snapshotOffered(offer, true)
      } else {
        this.#offers.push(offer)
      }
    }
  }

  #send(message: Message): void {
    if (this.#stopped) {
      return
    }
    if (message.kind === 'installSnapshot') {
      this.#handler.sendSnapshot(message)
    } else {
      this.#transport.send(message)
    }
  }

  #load(load: Ready['loads'][number]): void {
    const reading = this.#log.read(load.from, load.to, load.maxBytes).then(
      (entries) => this.input({ kind: 'entriesLoaded', request: load.request, entries }),
      (err: unknown) => this.halt(toError(err)),
    )
    this.#loadsInFlight.add(reading)
    void reading.finally(() => this.#loadsInFlight.delete(reading))
  }

  #describe(): string {
    try {
      return this.#core.describe()
    } catch (err) {
      return `no description: ${String(err)}`
    }
  }
}
