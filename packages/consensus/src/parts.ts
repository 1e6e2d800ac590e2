/** The parts of a replicated pinset, put together. No part starts anything before `PinsetConsensus.start`. */
import type { ClusterStatus, MembershipAt, PeerId } from '@pinset/interface'
import type { Role } from '@pinset/raft'

import { encodeBatch } from './codec/operation-codec.ts'
import { clusterStatus, describeQuorum, isReachable, type StatusSources } from './driver/cluster-status.ts'
import { Replica, type ReplicaHandler } from './driver/replica.ts'
import { turnScheduler, type Scheduler } from './driver/scheduler.ts'
import type { AppliedOperation } from './machine/index.ts'
import { ClusterAdmission, RemovalWatch, type MembershipChange, type Newcomer } from './membership/index.ts'
import type { ConsensusComponents, StorageIdentity } from './ports.ts'
import { Batcher } from './proposals/batcher.ts'
import { Forwarder } from './proposals/forwarder.ts'
import { Joiner } from './proposals/joiner.ts'
import { LeaderCaller } from './proposals/leader-caller.ts'
import { LeaderDesk } from './proposals/leader-desk.ts'
import { LeaderDuties } from './proposals/leader-duties.ts'
import { MembershipCalls } from './proposals/membership-calls.ts'
import { MembershipDesk } from './proposals/membership-desk.ts'
import { RequestIds } from './proposals/request-ids.ts'
import { Writer } from './proposals/writer.ts'
import { Reader } from './reads/reader.ts'
import { CONSENSUS_METHODS, type MembershipChanged } from './rpc-methods.ts'
import { grantedAdmission } from './rpc-service.ts'
import { DEFAULT_LIMITS, timingOf, type ConsensusLimits, type PinsetConsensusInit, type Timing } from './settings.ts'

export interface PinsetConsensusComponents extends ConsensusComponents {
  /** When the loop runs. @default once per turn of the event loop */
  readonly scheduler?: Scheduler
}

/** What the parts tell the door. */
export interface PartsHandler extends Omit<ReplicaHandler, 'turnBegins'> {
  readonly self: () => Newcomer
  onBound(): void
  onRemoved(told: MembershipAt): void
}

/** Everything that lives as long as the peer takes part. */
export interface Parts {
  readonly limits: ConsensusLimits
  readonly timing: Timing
  readonly replica: Replica
  readonly batcher: Batcher<AppliedOperation>
  readonly ids: RequestIds
  readonly caller: LeaderCaller
  readonly desk: LeaderDesk
  readonly forwarder: Forwarder
  readonly writer: Writer
  readonly membershipDesk: MembershipDesk
  readonly calls: MembershipCalls
  readonly reader: Reader
  readonly duties: LeaderDuties
  readonly admission: ClusterAdmission
  readonly joiner: Joiner
  readonly removalWatch: RemovalWatch
  readonly status: () => ClusterStatus
}

export function createParts(
  components: PinsetConsensusComponents,
  init: PinsetConsensusInit,
  handler: PartsHandler,
): Parts {
  const { storage, rpc, dialer, clock, logger, prepare, raftTransport } = components
  const { peerId, random } = init
  const scheduler = components.scheduler ?? turnScheduler
  const limits = { ...DEFAULT_LIMITS, ...init.limits }
  const timing = timingOf(init)
  const retryDelayMs = 2 * timing.heartbeatMs
  const identity = (): StorageIdentity => storage.identity

  let cut = (): void => {}
  const replica = new Replica(
    { storage, raftTransport, clock, scheduler, logger, random },
    {
      peerId,
      ...timing,
      apply: limits,
      driver: {},
      snapshotHoldMs: limits.snapshotHoldMs,
      maxWaiters: limits.maxWaiters,
    },
    {
      turnBegins: () => cut(),
      ticked: () => handler.ticked(),
      softStateChanged: (soft, changed) => handler.softStateChanged(soft, changed),
      membershipChanged: () => handler.membershipChanged(),
      applied: (applied) => handler.applied(applied),
      restored: (meta) => handler.restored(meta),
      stoppedTakingPart: (cause) => handler.stoppedTakingPart(cause),
    },
  )
  const { driver, leaders, peerset, waiters: applied, table } = replica
  const batcher = new Batcher<AppliedOperation>(driver, table, { encodeBatch })
  cut = () => batcher.cut()

  const sources: StatusSources = { peerId, identity, replica, dialer, reachableMs: 2 * timing.electionTimeoutMs }
  const status = (): ClusterStatus => clusterStatus(sources)
  const quorum = (): string => describeQuorum(status())
  const committed = (): MembershipChanged => ({ index: replica.meta.membershipIndex, entry: replica.meta.membership })
  const role = (): Role => leaders.role
  const leader = (): PeerId | null => leaders.leader

  const ids = new RequestIds({ reserve: (reservation) => storage.reserveSerials(reservation) })
  const caller = new LeaderCaller(
    { clock, random, leaders, describeQuorum: quorum, haltCause: () => driver.haltCause },
    { leaderWaitMs: limits.leaderWaitMs, retryDelayMs },
  )
  const desk = new LeaderDesk(
    {
      batcher,
      prepare,
      clock,
      state: () => storage.state,
      members: () => peerset.members,
      committedTimeMs: () => replica.meta.committedTimeMs,
      idempotencyKeys: () => replica.idempotencyKeys,
      role,
      leader,
    },
    limits.maxQueuedOperations,
  )
  const forwarder = new Forwarder(rpc, scheduler)
  const writer = new Writer(
    {
      clock,
      caller,
      applied,
      submit: async (to, operation) => (to === peerId ? desk.submitOne(operation) : forwarder.submit(to, operation)),
    },
    ids,
    { peerId, identity, maxPendingCalls: limits.maxPendingCalls },
  )
  const membershipDesk = new MembershipDesk(
    { driver, table, peerset, applied, clock, role, leader, committed },
    { peerId, retryDelayMs, transferWaitMs: limits.handoverWaitMs },
  )
  const calls = new MembershipCalls(
    { caller, desk: membershipDesk, driver, leaders, peerset, applied, rpc, clock, ids, identity },
    { peerId, leaderWaitMs: limits.leaderWaitMs },
  )
  const reader = new Reader(
    {
      peerId,
      clock,
      random,
      driver,
      leaders,
      applied,
      state: () => storage.state,
      askLeader: (to: PeerId, options) => rpc.call(to, CONSENSUS_METHODS.readIndex, null, options),
      describeQuorum: quorum,
    },
    {
      revisionWaitMs: limits.revisionWaitMs,
      leaderWaitMs: limits.leaderWaitMs,
      retryDelayMs,
      maxViews: limits.maxViews,
    },
  )
  const duties = new LeaderDuties(
    {
      clock,
      logger,
      rpc,
      peerset,
      status: () => replica.status(),
      reachable: (peer) => isReachable(sources, peer),
      idle: () => membershipDesk.idle,
      change: (change) => changeAsLeader(change),
      grant: () => grantedAdmission(identity(), committed()),
    },
    timing,
  )
  async function changeAsLeader(change: MembershipChange): Promise<unknown> {
    const serial = ids.next()
    try {
      const requestId = { peerId, storageId: identity().storageId, serial, lowWater: ids.lowWater }
      const deadlineMs = clock.nowMs() + limits.leaderWaitMs
      return await membershipDesk.change(change, { requestId, actor: '', deadlineMs })
    } finally {
      ids.answered(serial)
    }
  }
  const admission = new ClusterAdmission(
    {
      identity,
      newest: () => peerset.newest,
      appliedMembershipIndex: () => replica.meta.membershipIndex,
      rpc,
      clock,
      logger,
    },
    { peerId },
  )
  const joiner = new Joiner(
    { storage, rpc, clock, logger, random, self: handler.self, onBound: () => handler.onBound() },
    { firstPauseMs: timing.electionTimeoutMs },
  )
  const removalWatch = new RemovalWatch(
    {
      identity,
      members: () => peerset.members,
      appliedMembershipIndex: () => replica.meta.membershipIndex,
      isLost: () => peerset.relation === 'member' && leaders.leader === null,
      rpc,
      clock,
      logger,
      onRemoved: (told) => handler.onRemoved(told),
    },
    { peerId, silenceMs: 5 * timing.electionTimeoutMs, intervalMs: 10 * timing.electionTimeoutMs },
  )
  return {
    limits,
    timing,
    replica,
    batcher,
    ids,
    caller,
    desk,
    forwarder,
    writer,
    membershipDesk,
    calls,
    reader,
    duties,
    admission,
    joiner,
    removalWatch,
    status,
  }
}
