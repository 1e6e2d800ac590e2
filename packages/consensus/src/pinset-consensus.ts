/**
 * The replicated pinset of one peer, the door for everything above. Owns the life of the parts and their events.
 *
 * PI1 Nothing here decides about the log or the state; calls are checked, handed on and answered.
 * PI2 After stop() every call that waits has ended, nothing is sent or written, and every view is closed.
 * PI3 Events are told after what they speak of can be read.
 */
import {
  CommitOutcomeUnknownError,
  NoLeaderError,
  RefusedError,
  RevisionTimeoutError,
  StoppedError,
  type AbortOptions,
  type Admission,
  type ClusterStatus,
  type Committed,
  type Consensus,
  type ConsensusEvents,
  type Emitter,
  type MembershipAt,
  type MultiaddrText,
  type PeerId,
  type PinOutcome,
  type PinRequest,
  type PinsetView,
  type ReadOptions,
  type StateMeta,
  type UnpinOutcome,
  type WriteOptions,
} from '@pinset/interface'
import type { CID } from 'multiformats/cid'

import { OPERATION_VERSION } from './codec/limits.ts'
import { SyncEmitter } from './driver/emitter.ts'
import { handOver } from './driver/hand-over.ts'
import { readRows } from './driver/read-rows.ts'
import { waitFor } from './driver/waiting.ts'
import { highestSerial, originRowKey, type Applied } from './machine/index.ts'
import type { Newcomer } from './membership/index.ts'
import { createParts, type Parts, type PinsetConsensusComponents } from './parts.ts'
import { serve } from './rpc-service.ts'
import type { PinsetConsensusInit } from './settings.ts'

type Life = 'idle' | 'running' | 'stopped'

export function createConsensus(components: PinsetConsensusComponents, init: PinsetConsensusInit): PinsetConsensus {
  return new PinsetConsensus(components, init)
}

export class PinsetConsensus implements Consensus {
  readonly #components: PinsetConsensusComponents
  readonly #init: PinsetConsensusInit
  readonly #parts: Parts
  readonly #events: SyncEmitter<ConsensusEvents>
  readonly #stopping = new AbortController()
  #life: Life = 'idle'
  #stopped: Promise<void> | null = null
  #endService: () => void = () => {}
  #lastStatus = ''
  #nextCheckMs = 0

  constructor(components: PinsetConsensusComponents, init: PinsetConsensusInit) {
    this.#components = components
    this.#init = init
    this.#events = new SyncEmitter((err) => components.logger.error('a listener of consensus has thrown', { err }))
    this.#parts = createParts(components, init, {
      self: () => this.#self(),
      ticked: () => this.#ticked(),
      softStateChanged: (_, isLeaderOrTermNew) => this.#softStateChanged(isLeaderOrTermNew),
      membershipChanged: () => this.#membershipChanged(),
      membershipCommitted: () => this.#follow(),
      applied: (applied) => this.#applied(applied),
      restored: (meta) => this.#restored(meta),
      stoppedTakingPart: () => this.#stoppedTakingPart(),
      onBound: () => this.#follow(),
      onKnowsOthers: () => this.#follow(),
      onRemoved: (told) => this.#learnedRemoval(told),
    })
  }

  get events(): Emitter<ConsensusEvents> {
    return this.#events
  }

  /** Whom the transport lets in. */
  get admission(): Admission {
    return this.#parts.admission
  }

  async start(options: AbortOptions = {}): Promise<void> {
    options.signal?.throwIfAborted()
    if (this.#life !== 'idle') {
      throw new StoppedError(`consensus is ${this.#life} already; it starts once`)
    }
    const { storage, rpc, clock } = this.#components
    const {
      replica,
      ids,
      operationDesk,
      membershipDesk,
      membershipCalls,
      reader,
      joiner,
      removalWatch,
      divergenceWatch,
    } = this.#parts
    const { storageId } = storage.identity
    const [row] = await readRows(storage, [originRowKey({ peerId: this.#init.peerId, storageId })])
    await ids.start(highestSerial(row))
    this.#life = 'running'
    const identity = (): typeof storage.identity => storage.identity
    this.#endService = serve({
      rpc,
      clock,
      identity,
      self: () => this.#self(),
      replica,
      operationDesk,
      membershipDesk,
      membershipCalls,
      reader,
      joiner,
    })
    this.#follow()
    await replica.start()
    removalWatch.start()
    divergenceWatch.start()
    if (this.#init.join !== undefined && this.#init.join !== null) {
      joiner.start(this.#init.join)
    }
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop()
    return this.#stopped
  }

  async logPin(request: PinRequest, options: WriteOptions = {}): Promise<Committed<PinOutcome>> {
    this.#checkWritable()
    const committed = await this.#parts.writer.write({ kind: 'pin', pin: request }, options)
    const { outcome } = committed
    if (outcome.kind === 'unpinned' || outcome.kind === 'not-pinned') {
      throw new CommitOutcomeUnknownError(
        `the answer at ${committed.revision} is that of an unpin; look what the pin of ${request.cid.toString()} is now`,
      )
    }
    return { ...committed, outcome }
  }

  async logUnpin(cid: CID, options: WriteOptions = {}): Promise<Committed<UnpinOutcome>> {
    this.#checkWritable()
    const committed = await this.#parts.writer.write({ kind: 'unpin', cid }, options)
    const { outcome } = committed
    if (outcome.kind === 'pinned') {
      throw new CommitOutcomeUnknownError(
        `the answer at ${committed.revision} is that of a pin; look what the pin of ${cid.toString()} is now`,
      )
    }
    return { ...committed, outcome }
  }

  async addPeer(
    address: MultiaddrText,
    options: AbortOptions = {},
  ): Promise<{ readonly peerId: PeerId; readonly revision: number }> {
    this.#checkWritable()
    return await this.#parts.membershipCalls.addPeer(address, options)
  }

  async rmPeer(peerId: PeerId, options: AbortOptions = {}): Promise<{ readonly revision: number }> {
    this.#checkWritable()
    return await this.#parts.membershipCalls.rmPeer(peerId, options)
  }

  async transferLeadership(to: PeerId | null, options: AbortOptions = {}): Promise<{ readonly leader: PeerId }> {
    this.#checkWritable()
    return await this.#parts.membershipCalls.transferLeadership(to, options)
  }

  leader(): PeerId | null {
    return this.#parts.replica.leaders.leader
  }

  async ready(options: AbortOptions = {}): Promise<void> {
    const { clock } = this.#components
    const { replica, reader } = this.#parts
    const signal =
      options.signal === undefined ? this.#stopping.signal : AbortSignal.any([options.signal, this.#stopping.signal])
    for (;;) {
      this.#checkRunning()
      await waitFor<null>({ clock, deadlineMs: Number.POSITIVE_INFINITY, signal }, (settle) => {
        const look = (): void => {
          if (replica.peerset.relation === 'member') {
            settle.done(null)
          }
        }
        const off = this.#events.on('status:change', look)
        look()
        return off
      })
      try {
        await reader.waitForSync({ signal })
        return
      } catch (err) {
        if (!(err instanceof NoLeaderError || err instanceof RevisionTimeoutError)) {
          throw err
        }
      }
    }
  }

  async state(options: ReadOptions = {}): Promise<PinsetView> {
    this.#checkRunning()
    return await this.#parts.reader.state(options)
  }

  async waitForSync(options: AbortOptions = {}): Promise<number> {
    this.#checkRunning()
    return await this.#parts.reader.waitForSync(options)
  }

  peers(): MembershipAt {
    return this.#parts.replica.peerset.newest
  }

  status(): ClusterStatus {
    return this.#parts.status()
  }

  /** The whole state of the core as stable text, for people who look for a fault. */
  describe(): string {
    return this.#parts.replica.describe()
  }

  async #stop(): Promise<void> {
    const wasRunning = this.#life === 'running'
    const {
      limits,
      replica,
      leaderCaller,
      operationDesk,
      batcher,
      forwarder,
      leaderDuties,
      joiner,
      removalWatch,
      divergenceWatch,
      reader,
      selfRecord,
    } = this.#parts
    const cause = new StoppedError('this peer has stopped')
    if (wasRunning) {
      const onApplied = (listener: () => void): (() => void) => this.#events.on('pin:apply', listener)
      const { clock } = this.#components
      await handOver(replica, { clock, waitMs: limits.handoverWaitMs, onApplied }).catch((err: unknown) =>
        this.#components.logger.warn('leadership was not handed over', { err }),
      )
    }
    this.#life = 'stopped'
    this.#stopping.abort(cause)
    selfRecord.close(cause)
    this.#endService()
    leaderCaller.close(cause)
    forwarder.close(cause)
    await Promise.all([leaderDuties.stop(), joiner.stop(), removalWatch.stop(), divergenceWatch.stop()])
    batcher.close(cause.message)
    await operationDesk.close(cause.message)
    await reader.close(cause)
    await replica.stop() // PI2
    await selfRecord.settled()
  }

  #ticked(): void {
    const { clock } = this.#components
    const { leaderDuties, selfRecord, timing } = this.#parts
    leaderDuties.tick()
    const nowMs = clock.nowMs()
    if (nowMs >= this.#nextCheckMs) {
      this.#nextCheckMs = nowMs + timing.heartbeatMs
      this.#tellStatus()
      selfRecord.check(nowMs)
    }
  }

  #softStateChanged(isLeaderOrTermNew: boolean): void {
    const { leaders } = this.#parts.replica
    if (isLeaderOrTermNew) {
      this.#parts.forwarder.leaderChanged(leaders.leader)
      this.#events.emit('leader:change', { leader: leaders.leader, term: leaders.term })
    }
    this.#tellStatus()
  }

  #membershipChanged(): void {
    this.#follow()
    this.#events.emit('membership:change', this.peers())
    this.#tellStatus()
  }

  #applied({ entries, pinned, unpinned, write }: Applied): void {
    for (const { operations } of entries) {
      this.#parts.writer.applied(operations)
    }
    if (pinned.length > 0 || unpinned.length > 0) {
      this.#events.emit('pin:apply', { revision: write.meta.appliedIndex, pinned, unpinned }) // PI3
    }
  }

  #restored(meta: StateMeta): void {
    this.#events.emit('snapshot:install', { revision: meta.appliedIndex })
    this.#tellStatus()
  }

  #stoppedTakingPart(): void {
    const { batcher, joiner, operationDesk, replica } = this.#parts
    const { haltCause } = replica.driver
    if (haltCause !== null) {
      joiner.halted(haltCause)
      batcher.close(haltCause.message)
      operationDesk.close(haltCause.message).catch(() => {})
      this.#components.dialer.setPeers([]) // Others shall not hear from this peer as if it took part.
    }
    this.#tellStatus()
  }

  #learnedRemoval({ index }: MembershipAt): void {
    this.#parts.replica.peerset.learnRemoval(index)
    this.#tellStatus()
  }

  /** Stay connected to whoever is a member, as far as this peer knows. */
  #follow(): void {
    if (this.#parts.replica.driver.haltCause !== null) {
      return
    }
    const { admission, replica } = this.#parts
    const known = new Map([...replica.peerset.former, ...admission.knownMembers()].map((each) => [each.peerId, each]))
    known.delete(this.#init.peerId)
    this.#components.dialer.setPeers([...known.values()].map(({ peerId, addresses }) => ({ peerId, addresses })))
  }

  #tellStatus(): void {
    if (!this.#events.hasListeners('status:change')) {
      return
    }
    const status = this.status()
    const { members, relation, role, leader, term, membershipIndex, pending, votingSuspended, haltedReason } = status
    const reachable = members.map((member) => (member.reachable ? '1' : '0')).join('')
    const text = JSON.stringify([
      relation,
      role,
      leader,
      term,
      membershipIndex,
      pending,
      votingSuspended,
      haltedReason,
      reachable,
    ])
    if (text !== this.#lastStatus) {
      this.#lastStatus = text
      this.#events.emit('status:change', status)
    }
  }

  #self(): Newcomer {
    const { storage, dialer } = this.#components
    const { peerId, name, addresses } = this.#init
    return {
      peerId,
      storageId: storage.identity.storageId,
      name,
      addresses: addresses ?? dialer.listenAddresses(),
      supportedVersion: OPERATION_VERSION,
    }
  }

  #checkRunning(): void {
    if (this.#life !== 'running') {
      throw new StoppedError(this.#life === 'idle' ? 'this peer has not started yet' : 'this peer has stopped')
    }
  }

  #checkWritable(): void {
    this.#checkRunning()
    if (this.#parts.replica.peerset.relation === 'removed') {
      throw new RefusedError('this peer was removed from the cluster; nothing was proposed, ask one of its members')
    }
  }
}
