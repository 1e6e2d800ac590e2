/**
 * The loop around the Raft core: inputs in, effects out. Owns the inbox, the core and the order in which effects are carried out.
 * It knows nothing of pins; what it hands out goes to a `DriverHandler`.
 *
 * D1 One synchronous loop; `step` is never called from inside a turn's effects (no re-entrance).
 * D2 The inbox is bounded: messages beyond the limit are dropped, which Raft tolerates; completions are bounded by what is in flight.
 * D3 Ticks coalesce: at most one waits.
 * D4 `send` leaves at once; `sendAfter` only once its number is durable; both through one door, so order per receiver is kept.
 * D5 After a failed write or a broken invariant the core is never stepped towards new promises: it halts, and everyone who waits is told.
 */
import {
  invariant,
  type DropReason,
  type Entry,
  type EntryId,
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

import { Persister } from './persister.ts'
import type { Scheduler } from './scheduler.ts'

/** What became of something that was asked of the core. */
export interface Dropped {
  readonly reason: DropReason
  readonly leader: NodeId | null
  readonly detail: string
}

export interface ProposalHandler {
  /** It has a place in the log, not yet committed. */
  accepted(id: EntryId): void
  /** Certainly without effect. */
  dropped(dropped: Dropped): void
}

export interface ReadHandler {
  /** May be answered once this index is applied. */
  ready(index: Index): void
  dropped(dropped: Dropped): void
}

export interface TransferHandler {
  ended(leader: NodeId | null): void
  dropped(dropped: Dropped): void
}

type ContextHandler =
  | { readonly kind: 'proposal'; readonly handler: ProposalHandler }
  | { readonly kind: 'read'; readonly handler: ReadHandler }
  | { readonly kind: 'transfer'; readonly handler: TransferHandler }

/** Who gets the effects. Every method is called inside a turn and must not block; it may put inputs into the inbox. */
export interface DriverHandler {
  apply(entries: readonly Entry[]): void
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

export interface DriverInit {
  /** Messages that may wait in the inbox; above it they are dropped. @default 16384 */
  readonly maxInboxMessages?: number
  /** Bytes of entries in waiting messages. @default 67108864 */
  readonly maxInboxBytes?: number
}

export class Driver {
  readonly #core: Raft
  readonly #log: RaftLogStore
  readonly #transport: RaftTransport
  readonly #scheduler: Scheduler
  readonly #logger: Logger
  readonly #handler: DriverHandler
  readonly #persister: Persister
  readonly #maxInboxMessages: number
  readonly #maxInboxBytes: number
  readonly #contexts = new Map<number, ContextHandler>()
  #inbox: Input[] = []
  #inboxMessages = 0
  #inboxBytes = 0
  #tickWaits = false
  #nextContext = 1
  readonly #turnListeners: (() => void)[] = []
  #scheduled = false
  #inTurn = false
  #offers: InstallSnapshot[] = []
  #loadsInFlight = new Set<Promise<void>>()
  #haltCause: Error | null = null
  #stopped = false
  #droppedMessages = 0
  #broken = false

  constructor(components: DriverComponents, init: DriverInit = {}) {
    this.#core = components.core
    this.#log = components.log
    this.#transport = components.raftTransport
    this.#scheduler = components.scheduler
    this.#logger = components.logger
    this.#handler = components.handler
    this.#maxInboxMessages = init.maxInboxMessages ?? 16_384
    this.#maxInboxBytes = init.maxInboxBytes ?? 64 * 1024 * 1024
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
    return this.#droppedMessages
  }

  /** Put an input into the inbox and have the loop run. */
  input(input: Input): void {
    if (this.#stopped) {
      return
    }
    if (input.kind === 'tick') {
      if (this.#tickWaits) {
        return // D3
      }
      this.#tickWaits = true
    } else if (input.kind === 'message') {
      const bytes = messageBytes(input.message)
      if (
        this.#inboxMessages >= this.#maxInboxMessages ||
        (this.#inboxMessages > 0 && this.#inboxBytes + bytes > this.#maxInboxBytes)
      ) {
        this.#droppedMessages += 1 // D2
        if (input.message.kind === 'installSnapshot') {
          this.#handler.snapshotOffered(input.message, false)
        }
        return
      }
      this.#inboxMessages += 1
      this.#inboxBytes += bytes
    }
    this.#inbox.push(input)
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
    const context = this.#register({ kind: 'proposal', handler })
    this.#ask(context, { kind: 'propose', data, context })
  }

  proposeMembership(data: Uint8Array, expectedIndex: Index, handler: ProposalHandler): void {
    const context = this.#register({ kind: 'proposal', handler })
    this.#ask(context, { kind: 'proposeMembership', data, expectedIndex, context })
  }

  readIndex(handler: ReadHandler): void {
    const context = this.#register({ kind: 'read', handler })
    this.#ask(context, { kind: 'readIndex', context })
  }

  transfer(to: NodeId | null, handler: TransferHandler): void {
    const context = this.#register({ kind: 'transfer', handler })
    this.#ask(context, { kind: 'transfer', to, context })
  }

  /** Take no part any more: a write failed or an invariant broke. Idempotent; the first cause stays. */
  halt(cause: Error): void {
    if (this.#haltCause !== null) {
      return
    }
    this.#haltCause = cause // D5
    this.#persister.close()
    this.#logger.error('consensus has halted: this peer takes no part any more and answers local reads only', {
      err: cause,
      core: this.#describe(),
    })
    this.input({ kind: 'persistFailed' })
    this.#dropContexts({ reason: 'halted', leader: null, detail: cause.message })
    this.#handler.halted(cause)
  }

  /** Nothing is stepped or sent after this; resolves once no write or read of the log is in flight. Idempotent. */
  async stop(): Promise<void> {
    if (!this.#stopped) {
      this.#stopped = true
      this.#inbox = []
      this.#persister.close()
      this.#dropContexts({ reason: 'halted', leader: null, detail: 'this peer has stopped' })
    }
    await this.#persister.settled()
    await Promise.all(this.#loadsInFlight)
  }

  #register(handler: ContextHandler): number {
    const context = this.#nextContext
    this.#nextContext += 1
    this.#contexts.set(context, handler)
    return context
  }

  #ask(context: number, input: Input): void {
    if (this.#stopped || this.#haltCause !== null) {
      this.#drop(context, {
        reason: 'halted',
        leader: null,
        detail: this.#haltCause?.message ?? 'this peer has stopped',
      })
      return
    }
    this.input(input)
  }

  #drop(context: number, dropped: Dropped): void {
    const found = this.#contexts.get(context)
    this.#contexts.delete(context)
    found?.handler.dropped(dropped)
  }

  #dropContexts(dropped: Dropped): void {
    for (const context of Array.from(this.#contexts.keys())) {
      this.#drop(context, dropped)
    }
  }

  #turn(): void {
    this.#scheduled = false
    if (this.#stopped || this.#broken) {
      return
    }
    invariant(!this.#inTurn, 'D1 the loop is not re-entered')
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
      this.halt(err instanceof Error ? err : new Error(String(err)))
    } finally {
      this.#inTurn = false
    }
  }

  #drain(): void {
    const inputs = this.#inbox
    this.#inbox = []
    this.#inboxMessages = 0
    this.#inboxBytes = 0
    this.#tickWaits = false
    for (const input of inputs) {
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
      this.#send(message) // D4
    }
    this.#persister.queue(ready.persist)
    for (const { seq, message } of ready.sendAfter) {
      this.#persister.sendAfter(seq, message)
    }
    if (ready.receive !== null) {
      this.#answerOffers(ready.receive)
    }
    // Places in the log are known before the entries at them are handed out.
    this.#answerContexts(ready)
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

  #answerContexts(ready: Ready): void {
    for (const { context, id } of ready.accepted) {
      const found = this.#contexts.get(context)
      this.#contexts.delete(context)
      if (found?.kind === 'proposal') {
        found.handler.accepted(id)
      }
    }
    for (const { context, reason, leader, detail } of ready.dropped) {
      this.#drop(context, { reason, leader, detail })
    }
    for (const { context, index } of ready.reads) {
      const found = this.#contexts.get(context)
      this.#contexts.delete(context)
      if (found?.kind === 'read') {
        found.handler.ready(index)
      }
    }
    for (const { context, leader } of ready.transferred) {
      const found = this.#contexts.get(context)
      this.#contexts.delete(context)
      if (found?.kind === 'transfer') {
        found.handler.ended(leader)
      }
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
      (err: unknown) => this.halt(err instanceof Error ? err : new Error(String(err))),
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

function messageBytes(message: Message): number {
  let bytes = 0
  if (message.kind === 'appendEntries') {
    for (const entry of message.entries) {
      bytes += entry.data.length
    }
  }
  return bytes
}
