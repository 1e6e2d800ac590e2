/** The parts of a replicated pinset, put together. No part starts anything before `PinsetConsensus.start`. */
import { CorruptError, type ClusterStatus, type MembershipAt, type PeerId } from '@pinset/interface'
import { createRaft, type Role } from '@pinset/raft'

import { encodeBatch } from './codec/operation-codec.ts'
import { clusterStatus, describeQuorum, isReachable, type StatusSources } from './driver/cluster-status.ts'
import { Replica, type CreateCore, type ReplicaHandler } from './driver/replica.ts'
import { turnScheduler, type Scheduler } from './driver/scheduler.ts'
import type { AppliedOperation } from './machine/index.ts'
import {
  ClusterAdmission,
  DivergenceWatch,
  RemovalWatch,
  SelfRecord,
  type MembershipChange,
  type Newcomer,
} from './membership/index.ts'
import type { ConsensusComponents, StorageIdentity } from './ports.ts'
import { Batcher } from './proposals/batcher.ts'
import { Forwarder } from './proposals/forwarder.ts'
import { Joiner } from './proposals/joiner.ts'
import { LeaderCaller } from './proposals/leader-caller.ts'
import { OperationDesk } from './proposals/operation-desk.ts'
import { LeaderDuties } from './proposals/leader-duties.ts'
import { MembershipCalls } from './proposals/membership-calls.ts'
import { MembershipDesk } from './proposals/membership-desk.ts'
import { RequestIds } from './proposals/request-ids.ts'
import { Writer } from './proposals/writer.ts'
import { Reader } from './reads/reader.ts'
import { CONSENSUS_METHODS, type MembershipEntryAt } from './rpc-methods.ts'
import { grantedAdmission } from './rpc-service.ts'
import { DEFAULT_LIMITS, timingOf, type ConsensusLimits, type PinsetConsensusInit, type Timing } from './settings.ts'

export interface PinsetConsensusComponents extends ConsensusComponents {
  /** When the loop runs. @default once per turn of the event loop */
  readonly scheduler?: Scheduler
  /** A simulator puts itself between the driver and the core. @default createRaft */
  readonly createCore?: CreateCore
}

/** What the parts tell the door. */
export interface PartsHandler extends ReplicaHandler {
  readonly self: () => Newcomer
  onBound(): void
  /** There are members to connect to that the own log does not name yet. */
  onKnowsOthers(): void
  onRemoved(told: MembershipAt): void
}

/** The way of a write, from the peer that was asked to the log of the leader. */
export interface WriteParts {
  readonly ids: RequestIds
  readonly leaderCaller: LeaderCaller
  readonly batcher: Batcher<AppliedOperation>
  readonly operationDesk: OperationDesk
  readonly forwarder: Forwarder
  readonly writer: Writer
}

/** The way of a change of the membership or of leadership. */
export interface MembershipParts {
  readonly membershipDesk: MembershipDesk
  readonly membershipCalls: MembershipCalls
  readonly leaderDuties: LeaderDuties
  readonly selfRecord: SelfRecord
}

/** How a peer comes in, who may speak to it, and how it learns that it is out. */
export interface AdmissionParts {
  readonly admission: ClusterAdmission
  readonly joiner: Joiner
  readonly removalWatch: RemovalWatch
  readonly divergenceWatch: DivergenceWatch
}

/** Everything that lives as long as the peer takes part. */
export interface Parts extends WriteParts, MembershipParts, AdmissionParts {
  readonly limits: ConsensusLimits
  readonly timing: Timing
  readonly replica: Replica
  readonly reader: Reader
  readonly status: () => ClusterStatus
}

/** What every factory below is given. */
interface Ground {
  readonly components: Required<PinsetConsensusComponents>
  readonly init: PinsetConsensusInit
  readonly handler: PartsHandler
  readonly limits: ConsensusLimits
  readonly timing: Timing
  readonly retryDelayMs: number
  readonly identity: () => StorageIdentity
}

/** What knows no RPC, and how it stands. */
interface ReplicaParts {
  readonly replica: Replica
  readonly status: () => ClusterStatus
  readonly quorum: () => string
  /** The membership that the applied state holds: the newest that is committed for certain. */
  readonly committed: () => MembershipEntryAt
  readonly role: () => Role
  readonly leader: () => PeerId | null
}

export function createParts(
  components: PinsetConsensusComponents,
  init: PinsetConsensusInit,
  handler: PartsHandler,
): Parts {
  const timing = timingOf(init)
  const ground: Ground = {
    components: {
      ...components,
      scheduler: components.scheduler ?? turnScheduler,
      createCore: components.createCore ?? createRaft,
    },
    init,
    handler,
    limits: { ...DEFAULT_LIMITS, ...init.limits },
    timing,
    retryDelayMs: 2 * timing.heartbeatMs,
    identity: () => components.storage.identity,
  }
  const replicaParts = createReplica(ground)
  const writes = createWrites(ground, replicaParts)
  return {
    limits: ground.limits,
    timing,
    replica: replicaParts.replica,
    status: replicaParts.status,
    ...writes,
    ...createMembership(ground, replicaParts, writes),
    ...createAdmission(ground, replicaParts),
    reader: createReader(ground, replicaParts),
  }
}

function createReplica({ components, init, handler, limits, timing, identity }: Ground): ReplicaParts {
  const { dialer } = components
  const { peerId, random } = init
  const replica = new Replica(
    { ...components, random },
    {
      peerId,
      ...timing,
      apply: limits,
      driver: {},
      snapshotHoldMs: limits.snapshotHoldMs,
      maxWaiters: limits.maxWaiters,
    },
    handler,
  )
  const sources: StatusSources = { peerId, identity, replica, dialer, reachableMs: 2 * timing.electionTimeoutMs }
  const status = (): ClusterStatus => clusterStatus(sources)
  return {
    replica,
    status,
    quorum: () => describeQuorum(status()),
    committed: () => ({ index: replica.meta.membershipIndex, entry: replica.meta.membership }),
    role: () => replica.leaders.role,
    leader: () => replica.leaders.leader,
  }
}

function createWrites(
  { components, init, limits, retryDelayMs, identity }: Ground,
  { replica, quorum, role, leader }: ReplicaParts,
): WriteParts {
  const { storage, rpc, clock, prepare, scheduler } = components
  const { peerId, random } = init
  const { driver, leaders, peerset, waiters, table } = replica
  const ids = new RequestIds({ reserve: (reservation) => replica.orHalt(storage.reserveSerials(reservation)) })
  const leaderCaller = new LeaderCaller(
    { clock, random, leaders, describeQuorum: quorum, haltCause: () => driver.haltCause },
    { leaderWaitMs: limits.leaderWaitMs, retryDelayMs },
  )
  const batcher = new Batcher<AppliedOperation>(driver, table, { encodeBatch })
  const operationDesk = new OperationDesk(
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
      leaderCaller,
      waiters,
      submit: async (to, operation) =>
        to === peerId ? operationDesk.submitOne(operation) : forwarder.submit(to, operation),
    },
    ids,
    { peerId, identity, maxPendingCalls: limits.maxPendingCalls },
  )
  return { ids, leaderCaller, batcher, operationDesk, forwarder, writer }
}

function createMembership(
  { components, init, handler, limits, timing, retryDelayMs, identity }: Ground,
  { replica, committed, role, leader }: ReplicaParts,
  { ids, leaderCaller }: WriteParts,
): MembershipParts {
  const { rpc, clock, logger, dialer } = components
  const { peerId } = init
  const { leaderWaitMs } = limits
  const { driver, leaders, peerset, waiters, table } = replica
  const membershipDesk = new MembershipDesk(
    { driver, table, peerset, waiters, clock, role, leader, committed },
    { peerId, retryDelayMs, transferWaitMs: limits.handoverWaitMs },
  )
  const membershipCalls = new MembershipCalls(
    { leaderCaller, membershipDesk, driver, leaders, peerset, waiters, rpc, clock, ids, identity },
    { peerId, leaderWaitMs },
  )
  const changeAsLeader = async (change: MembershipChange): Promise<unknown> => {
    const serial = ids.next()
    try {
      const requestId = { peerId, storageId: identity().storageId, serial, lowWater: ids.lowWater }
      const deadlineMs = clock.nowMs() + leaderWaitMs
      return await membershipDesk.change(change, { requestId, actor: '', deadlineMs })
    } finally {
      ids.answered(serial)
    }
  }
  const leaderDuties = new LeaderDuties(
    {
      clock,
      logger,
      rpc,
      peerset,
      status: () => replica.status(),
      // Shorter than what a promotion waits for: a learner that has died meanwhile must not pass for one that runs.
      reachable: (peer) => isReachable({ peerId, dialer, reachableMs: timing.electionTimeoutMs }, peer),
      idle: () => membershipDesk.idle,
      change: changeAsLeader,
      grant: () => grantedAdmission(identity(), committed()),
    },
    timing,
  )
  const selfRecord = new SelfRecord(
    {
      clock,
      logger,
      self: handler.self,
      record: () => (peerset.relation === 'member' ? peerset.self : undefined),
      leader,
      update: (self, options) => membershipCalls.updateSelf(self, options),
    },
    5 * timing.electionTimeoutMs,
  )
  return { membershipDesk, membershipCalls, leaderDuties, selfRecord }
}

function createAdmission(
  { components, init, handler, timing, identity }: Ground,
  { replica }: ReplicaParts,
): AdmissionParts {
  const { storage, rpc, clock, logger } = components
  const { peerId, random } = init
  const { peerset, leaders } = replica
  const appliedMembershipIndex = (): number => replica.meta.membershipIndex
  const admission = new ClusterAdmission(
    {
      identity,
      newest: () => peerset.newest,
      former: () => peerset.former,
      appliedMembershipIndex,
      leader: () => leaders.leader,
      rpc,
      clock,
      logger,
    },
    { peerId },
  )
  const binding: Pick<typeof storage, 'identity' | 'bind'> = {
    get identity() {
      return storage.identity
    },
    bind: (cluster) => replica.orHalt(storage.bind(cluster)),
  }
  const joiner = new Joiner(
    {
      storage: binding,
      rpc,
      clock,
      logger,
      random,
      self: handler.self,
      onBound: () => handler.onBound(),
      onToldAgain: (granted) => {
        if (admission.told(granted)) handler.onKnowsOthers()
      },
    },
    { firstPauseMs: timing.electionTimeoutMs },
  )
  const removalWatch = new RemovalWatch(
    {
      identity,
      // Those before an uncommitted change, too: if it never takes effect, only they know of what did.
      members: () => [...peerset.members, ...peerset.former],
      appliedMembershipIndex,
      newestMembershipIndex: () => peerset.newest.index,
      leftOutAt: () => peerset.leftOutAt,
      isLost: () => peerset.relation === 'member' && leaders.leader === null,
      rpc,
      clock,
      logger,
      onRemoved: (told) => handler.onRemoved(told),
    },
    { peerId, silenceMs: 5 * timing.electionTimeoutMs, intervalMs: 10 * timing.electionTimeoutMs },
  )
  const divergenceWatch = new DivergenceWatch(
    {
      members: () => (peerset.relation === 'member' ? peerset.members : []),
      checkpoints: () => replica.checkpoints,
      rpc,
      clock,
      logger,
      onDiverged: (what) => replica.driver.halt(new CorruptError(what)),
    },
    { peerId, intervalMs: 10 * timing.electionTimeoutMs },
  )
  return { admission, joiner, removalWatch, divergenceWatch }
}

function createReader({ components, init, limits, retryDelayMs }: Ground, { replica, quorum }: ReplicaParts): Reader {
  const { storage, rpc, clock } = components
  const { peerId, random } = init
  const { driver, leaders, waiters } = replica
  return new Reader(
    {
      peerId,
      clock,
      random,
      driver,
      leaders,
      waiters,
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
}
