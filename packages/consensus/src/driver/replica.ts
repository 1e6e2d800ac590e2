/**
 * One replica of the pinset: the Raft core with its driver, the state that follows it, and what comes out of both. Owns everything
 * that knows no RPC: log, state, snapshots, ticks, who leads, who is a member.
 *
 * RE1 What is told to a listener can be read at that moment.
 * RE2 A peer that was removed never campaigns. Time passes for its core all the same: who is added again and promoted before it has
 *     read so must let go of a silent leader, or nobody can be elected with its vote.
 * RE3 A halted peer says why, marks its storage as not voting, and keeps answering reads. A storage that has failed knows whether
 *     what it holds is in doubt, and is asked; but not when the core knows that something is lost.
 * RE4 A peer that turns out to have lost what it had acknowledged says so, and does not vote over restarts until it has it again.
 * RE5 A write that fails halts this peer, whoever asked for it: nothing is written any more. What the storage refuses is an answer.
 * RE6 A peer that applies nothing any more votes, and may be the only one that can be elected; but it hands leadership over, for nothing is
 *    answered while it leads: to each voter in turn, who may have stopped, too; and now and then, lest it go round and round.
 */
import { RefusedError, StoppedError, type Logger, type PeerId, type StateMeta } from '@pinset/interface'
import {
  type InstallSnapshot,
  type Message,
  type NodeId,
  type Raft,
  type RaftBoot,
  type RaftInit,
  type RaftStatus,
  type RaftTransport,
  type SoftState,
} from '@pinset/raft'

import { toRaftMembership } from '../codec/membership-codec.ts'
import {
  checkStateVersion,
  decodeExpiryQueue,
  EXPIRY_QUEUE_KEY,
  type Applied,
  type AppliedOperation,
} from '../machine/index.ts'
import type { Clock, ConsensusStorage } from '../ports.ts'
import { ProposalTable } from './proposal-table.ts'
import { AppliedWaiters } from './applied-waiters.ts'
import { encodeSnapshot, SnapshotVerifier } from '../snapshot/index.ts'
import { Applier, type ApplierInit } from './applier.ts'
import { type Checkpoint, Checkpoints } from './checkpoints.ts'
import { Driver, type DriverHandler, type DriverInit } from './driver.ts'
import { checkSomebodyKnown } from '../membership/found-cluster.ts'
import { LeaderWatch } from './leader-watch.ts'
import { Peerset } from './peerset.ts'
import { readRows } from './read-rows.ts'
import type { Scheduler } from './scheduler.ts'
import { SnapshotReception } from './snapshot-reception.ts'
import { SnapshotSender } from './snapshot-sender.ts'
import { Ticker } from './ticker.ts'
import { toError } from './waiting.ts'

const NOT_MARKED = 'the storage is not marked as not voting: started again, this peer votes with the log that it has'

export interface ReplicaComponents {
  readonly storage: ConsensusStorage
  readonly raftTransport: RaftTransport
  readonly clock: Clock
  readonly scheduler: Scheduler
  readonly logger: Logger
  readonly random: () => number
  readonly createCore: CreateCore
}

/** Makes the Raft core that the driver drives. */
export type CreateCore = (init: RaftInit, boot: RaftBoot) => Raft

export interface ReplicaInit {
  readonly peerId: PeerId
  readonly tickMs: number
  readonly electionTicks: number
  readonly heartbeatTicks: number
  readonly apply: Omit<ApplierInit, 'baseIndex'>
  readonly driver: DriverInit
  readonly snapshotHoldMs: number
  readonly maxWaiters: number
}

export interface ReplicaHandler {
  ticked(): void
  softStateChanged(soft: SoftState, isLeaderOrTermNew: boolean): void
  membershipChanged(): void
  /** A newer membership than before is known to be committed. */
  membershipCommitted(): void
  applied(applied: Applied): void
  restored(meta: StateMeta): void
  /** Halted, or applying has stopped. */
  stoppedTakingPart(cause: Error): void
}

export class Replica {
  readonly peerset: Peerset
  readonly leaders: LeaderWatch
  readonly waiters: AppliedWaiters
  readonly table = new ProposalTable<readonly AppliedOperation[]>()
  readonly driver: Driver
  readonly #core: Raft
  readonly #components: ReplicaComponents
  readonly #handler: ReplicaHandler
  readonly #applier: Applier
  readonly #sender: SnapshotSender
  readonly #reception: SnapshotReception
  readonly #ticker: Ticker
  readonly #checkpoints = new Checkpoints()
  #votingSuspended: boolean
  #idempotencyKeys = 0
  readonly #background = new Set<Promise<void>>()
  #isStopped = false
  readonly #handOverPauseMs: number
  #nextHandOverMs = 0
  #handOvers = 0

  constructor(components: ReplicaComponents, init: ReplicaInit, handler: ReplicaHandler) {
    this.#handOverPauseMs = 4 * init.electionTicks * init.tickMs
    const { storage, clock, logger, random } = components
    const { boot } = storage.log
    this.#components = components
    this.#handler = handler
    checkStateVersion(storage.state.meta)
    this.peerset = new Peerset({ peerId: init.peerId, storageId: storage.identity.storageId, boot })
    this.peerset.committed(storage.state.meta.membershipIndex)
    checkSomebodyKnown(storage.identity, this.peerset.newest)
    this.leaders = new LeaderWatch(boot.hardState.term)
    this.waiters = new AppliedWaiters(storage.state.meta.appliedIndex, init.maxWaiters)
    this.#votingSuspended = boot.votingSuspended
    this.#core = components.createCore(
      {
        id: init.peerId,
        electionTicks: init.electionTicks,
        heartbeatTicks: init.heartbeatTicks,
        random,
        decodeMembership: toRaftMembership,
      },
      { ...boot, appliedIndex: storage.state.meta.appliedIndex },
    )
    this.driver = new Driver(
      { ...components, core: this.#core, log: storage.log, handler: this.#effects() },
      init.driver,
    )
    const input = this.driver.input.bind(this.driver)
    this.#sender = new SnapshotSender(
      {
        openSnapshot: () => this.#applier.openSnapshot(),
        encodeChunks: encodeSnapshot,
        raftTransport: components.raftTransport,
        clock,
        logger,
        random,
        input,
      },
      { id: init.peerId, holdMs: init.snapshotHoldMs },
    )
    this.#reception = new SnapshotReception(
      {
        receiveState: () => storage.receiveState(),
        createVerifier: (offered) => new SnapshotVerifier(offered),
        clock,
        logger,
        input,
      },
      init.snapshotHoldMs,
    )
    this.#applier = new Applier(
      {
        storage,
        logger,
        input,
        compactFloor: () => this.#sender.floorIndex,
        handler: {
          applied: (applied) => this.#applied(applied),
          restored: (meta) => this.#restored(meta),
          stopped: (cause) => this.#applyingStopped(cause),
          failed: (cause) => this.driver.halt(cause),
        },
      },
      { ...init.apply, baseIndex: boot.base.index },
    )
    this.#ticker = new Ticker(clock, init.tickMs, () => this.#tick())
    components.raftTransport.setHandler({
      onMessage: (message: Message) => this.driver.input({ kind: 'message', message }),
      onSnapshot: (message: InstallSnapshot) => this.#reception.offer(message),
      onUnreachable: (node: NodeId) => this.driver.input({ kind: 'unreachable', node }),
    })
  }

  /** Of the state that can be read. */
  get meta(): StateMeta {
    return this.#applier.meta
  }

  /** What the state was at the last checkpoints, and is now. */
  get checkpoints(): readonly Checkpoint[] {
    return this.#checkpoints.list(this.meta)
  }

  /** Why this peer does not take part, or not fully, any more. */
  get stopCause(): Error | null {
    return this.driver.haltCause ?? this.#applier.stopCause
  }

  /** Idempotency keys in the table as applied. */
  get idempotencyKeys(): number {
    return this.#idempotencyKeys
  }

  status(): RaftStatus {
    return this.#core.status()
  }

  describe(): string {
    return this.#core.describe()
  }

  async start(): Promise<void> {
    this.#components.storage.onFailure((failure) => {
      if (!this.#isStopped) {
        this.driver.halt(failure) // RE5
      }
    })
    await this.#countKeys()
    if (this.#votingSuspended) {
      this.#saySuspended()
    }
    this.#ticker.start()
    this.driver.wake()
  }

  /** Idempotent. */
  async stop(): Promise<void> {
    if (!this.#isStopped) {
      this.#isStopped = true
      this.#ticker.stop()
      this.table.close('this peer has stopped')
      this.leaders.close()
      this.waiters.close()
    }
    await Promise.all([this.driver.stop(), this.#sender.stop(), this.#reception.stop()])
    await this.#applier.stop()
    await Promise.all(this.#background)
  }

  /** RE5 */
  async orHalt<Value>(write: Promise<Value>): Promise<Value> {
    try {
      return await write
    } catch (err) {
      if (!(err instanceof RefusedError || err instanceof StoppedError)) {
        this.driver.halt(toError(err))
      }
      throw err
    }
  }

  #tick(): void {
    this.#noteSuspension()
    this.driver.input(this.peerset.relation === 'removed' ? { kind: 'tick', passive: true } : { kind: 'tick' }) // RE2
    this.#handOverIfStopped()
    this.#handler.ticked()
  }

  #effects(): DriverHandler {
    return {
      apply: (entries) => this.#applier.apply(entries),
      switching: () => this.#applier.supersede(),
      restore: (snapshot) => this.#applier.restore(snapshot),
      softStateChanged: (soft) => {
        if (soft.role !== 'leader') {
          this.#sender.releaseAll()
        }
        this.#handler.softStateChanged(soft, this.leaders.update(soft))
      },
      membershipChanged: ({ index, data, before }) => {
        this.peerset.update(index, data, before)
        this.#handler.membershipChanged()
      },
      snapshotNeeded: (to) => this.#sender.needed(to),
      sendSnapshot: (message) => this.#sender.send(message),
      snapshotOffered: (message, accepted) => this.#reception.answered(message, accepted),
      halted: (cause) => this.#halted(cause),
      turnEnded: () => this.#checkSuspension(),
    }
  }

  #applied(applied: Applied): void {
    const { meta } = applied.write
    if (applied.idempotencyKeys !== null) {
      this.#idempotencyKeys = applied.idempotencyKeys
    }
    if (this.table.size > 0) {
      for (const entry of applied.entries) {
        this.table.applied(entry, entry.operations)
      }
    }
    this.#membershipApplied(meta)
    this.#checkpoints.applied(meta)
    this.waiters.applied(meta.appliedIndex) // RE1
    this.#handler.applied(applied)
  }

  #restored(meta: StateMeta): void {
    this.#reception.clear()
    this.#sender.releaseAll()
    this.#membershipApplied(meta)
    this.table.jumped(meta.appliedIndex)
    this.waiters.applied(meta.appliedIndex)
    this.#inBackground('the idempotency keys could not be counted', () => this.#countKeys())
    this.#handler.restored(meta)
  }

  #membershipApplied({ membershipIndex }: StateMeta): void {
    if (this.peerset.committed(membershipIndex)) {
      this.#handler.membershipCommitted()
    }
  }

  #halted(cause: Error): void {
    this.table.close(`this peer has halted: ${cause.message}`)
    const stopped = new StoppedError(`this peer has halted: ${cause.message}`, { cause })
    this.waiters.close(stopped)
    this.leaders.close(stopped)
    this.#sender.releaseAll()
    const ifInDoubt = !this.#core.status().votingSuspended
    this.#inBackground(NOT_MARKED, () => this.#components.storage.setVotingSuspended(true, { ifInDoubt })) // RE3
    this.#handler.stoppedTakingPart(cause)
  }

  /** Entries are still replicated; whoever waits for them to be applied here learns that it will not be. */
  #applyingStopped(cause: Error): void {
    const message = `this peer has stopped applying at ${this.meta.appliedIndex}: ${cause.message}`
    this.table.close(message)
    this.waiters.close(new StoppedError(message, { cause }))
    this.#handOverIfStopped()
    this.#handler.stoppedTakingPart(cause)
  }

  /** RE6 */
  #handOverIfStopped(): void {
    const { clock } = this.#components
    if (this.#applier.stopCause === null || this.leaders.role !== 'leader' || clock.nowMs() < this.#nextHandOverMs)
      return
    const { progress } = this.#core.status()
    const answers = (voter: PeerId): boolean => progress.some(({ id, recentActive }) => id === voter && recentActive)
    const heirs = this.peerset.members.filter(({ peerId, suffrage }) => suffrage === 'voter' && answers(peerId))
    const heir = heirs[this.#handOvers % heirs.length]
    if (heir === undefined) return
    this.#handOvers += 1
    this.#nextHandOverMs = clock.nowMs() + this.#handOverPauseMs
    this.driver.transfer(heir.peerId, { ended: () => {}, dropped: () => {} })
  }

  /** RE4 */
  #saySuspended(): void {
    const { logger } = this.#components
    const why = 'its disk had failed or was damaged, so that it may have lost what it had promised'
    const { self, members } = this.peerset
    if (self?.suffrage === 'voter' && members.every((each) => each === self || each.suffrage !== 'voter')) {
      logger.error(
        `this peer is the only voter and does not vote, for ${why}, and nobody can bring it up to date. ` +
          'What it has applied can still be listed; make a new cluster in another directory and pin it there',
      )
    } else {
      logger.warn(`this peer does not vote until a leader has brought it up to date: ${why}`)
    }
  }

  /** RE4 */
  #noteSuspension(): void {
    if (!this.#votingSuspended && this.driver.haltCause === null && this.#core.status().votingSuspended) {
      this.#votingSuspended = true
      this.#components.logger.error(
        'the leader knows entries that this peer had acknowledged and no longer has: was an old copy of its data directory put back? ' +
          'It does not vote until it has them again',
      )
      this.#inBackground(NOT_MARKED, () => this.#components.storage.setVotingSuspended(true))
    }
  }

  #checkSuspension(): void {
    if (this.#votingSuspended && this.driver.haltCause === null && !this.#core.status().votingSuspended) {
      this.#votingSuspended = false
      this.#components.logger.info('this peer votes again: a leader has brought it up to date')
      this.#inBackground('the mark as not voting could not be taken back', () =>
        this.orHalt(this.#components.storage.setVotingSuspended(false)),
      )
    }
  }

  async #countKeys(): Promise<void> {
    const [value] = await readRows(this.#components.storage, [EXPIRY_QUEUE_KEY])
    const queue = decodeExpiryQueue(value)
    this.#idempotencyKeys = queue.tail - queue.head
  }

  #inBackground(failure: string, work: () => Promise<void>): void {
    const done = work()
      .catch((err: unknown) => this.#components.logger.warn(failure, { err }))
      .finally(() => this.#background.delete(done))
    this.#background.add(done)
  }
}
