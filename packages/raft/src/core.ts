/**
 * The door of the algorithm: inputs in, one `Ready` out.
 *
 * Owns: the way of an input to its room, and the making of a Ready. Not: any rule of Raft.
 *
 * 1. Same boot, same settings, same inputs: same outputs. No clock, chance, promise or I/O (P48).
 * 2. What a Ready holds is never touched again (P45).
 * 3. No call is made from within another (P46).
 */
import { handlePropose } from './appending.ts'
import { canApply, handleApplied, handOut, loadForApply } from './applying.ts'
import { advanceCommit } from './commit.ts'
import { describeCore } from './describe.ts'
import { countSelfVote, preCampaign } from './election.ts'
import { halt } from './halt.ts'
import { invariant } from './invariant.ts'
import { checkAlways, checkEverything } from './invariants.ts'
import { handleEntriesLoaded } from './loading.ts'
import { RaftLog } from './log.ts'
import { handleProposeMembership } from './membership.ts'
import { handleMessage } from './messages.ts'
import { Outbox } from './outbox.ts'
import { Persistence } from './persistence.ts'
import { handleReadIndex } from './reads.ts'
import { handleUnreachable } from './responses.ts'
import { drawTimeout } from './roles.ts'
import { replicate } from './sending.ts'
import { resolveSettings } from './settings.ts'
import {
  handleCompact,
  handleSnapshotOpened,
  handleSnapshotReceived,
  handleSnapshotReceiveFailed,
  handleSnapshotSent,
  install,
  restore,
} from './snapshot.ts'
import { leaderOf, type Core } from './state.ts'
import { statusOf, type RaftStatus } from './status.ts'
import { endSuspension } from './suspension.ts'
import { tick } from './ticking.ts'
import { advanceTransfer, handleTransfer } from './transfer.ts'
import type { Input, RaftBoot, RaftInit, Ready } from './types.ts'

/** One node's part in the algorithm. Synchronous; calls must not be nested. */
export interface Raft {
  /** Take in one input. It must not be changed afterwards. @throws {InvariantViolation} the node must stop. */
  step(input: Input): void
  /** Whether `takeReady` would return anything. */
  hasReady(): boolean
  /** What is to be done now; the lists belong to the caller. */
  takeReady(): Ready
  status(): RaftStatus
  /** The whole state as stable text. */
  describe(): string
  /** Check everything, slowly. What is cheap is checked after every step. @throws {InvariantViolation} */
  checkInvariants(): void
}

/** @throws {RangeError} settings contradict each other. @throws {InvariantViolation} what was found on disk contradicts itself. */
export function createRaft(init: RaftInit, boot: RaftBoot): Raft {
  return new RaftNode(createCore(init, boot))
}

function createCore(init: RaftInit, boot: RaftBoot): Core {
  const settings = resolveSettings(init)
  const { base, hardState, lastIndex, appliedIndex } = boot
  const log = new RaftLog({
    base,
    termRuns: boot.termRuns,
    lastIndex,
    memberships: boot.memberships,
    decodeMembership: settings.decodeMembership,
  })
  invariant(lastIndex >= base.index, () => `S3 the log ends at ${lastIndex}, not before its base ${base.index}`)
  invariant(
    appliedIndex >= base.index && appliedIndex <= lastIndex,
    () => `S2 the state is at ${appliedIndex}, the log over [${base.index}, ${lastIndex}]`,
  )
  invariant(
    hardState.term >= log.lastId.term,
    () => `S1 term ${hardState.term} is not below that of the last entry, ${log.lastId.term}`,
  )
  const core: Core = {
    id: settings.id,
    settings,
    log,
    persistence: new Persistence(lastIndex),
    outbox: new Outbox(),
    now: 0,
    term: hardState.term,
    vote: hardState.vote,
    role: { role: 'follower', leader: null, elapsedTicks: 0, timeoutTicks: settings.electionTicks },
    commitIndex: appliedIndex,
    apply: {
      appliedIndex,
      handedOutIndex: appliedIndex,
      outstandingBytes: 0,
      outstanding: [],
      staged: [],
      loadRequest: 0,
    },
    loads: new Map(),
    nextLoad: 0,
    suspension: boot.votingSuspended ? { isSinceStart: true, goal: null } : null,
    receipt: null,
    handover: null,
    emittedSoft: { role: 'follower', term: hardState.term, leader: null },
    emittedMembership: log.memberships.current,
  }
  core.role = { role: 'follower', leader: null, elapsedTicks: 0, timeoutTicks: drawTimeout(core) }
  return core
}

class RaftNode implements Raft {
  readonly #core: Core
  #busy = false

  constructor(core: Core) {
    this.#core = core
  }

  step(input: Input): void {
    this.#enter()
    const core = this.#core
    dispatch(core, input)
    checkAlways(core)
    this.#busy = false
  }

  hasReady(): boolean {
    this.#enter()
    const core = this.#core
    settle(core)
    const ready =
      !core.outbox.isEmpty || core.persistence.hasWork || canApply(core) || softChanged(core) || membershipChanged(core)
    this.#busy = false
    return ready
  }

  takeReady(): Ready {
    this.#enter()
    const core = this.#core
    settle(core)
    const apply = handOut(core)
    const soft = softChanged(core) ? { role: core.role.role, term: core.term, leader: leaderOf(core) } : null
    if (soft !== null) core.emittedSoft = soft
    const { current, items } = core.log.memberships
    const membership = current !== null && membershipChanged(core) ? { ...current, before: items.slice(0, -1) } : null
    core.emittedMembership = current
    const ready: Ready = { ...core.outbox.take(), persist: core.persistence.take(), apply, soft, membership }
    invariant(ready.restore === null || apply.length === 0, 'A2 nothing is applied together with a restore')
    core.log.evict(core.persistence.durableIndex, core.settings.maxCachedBytes)
    this.#busy = false
    return ready
  }

  status(): RaftStatus {
    return statusOf(this.#core)
  }

  describe(): string {
    return describeCore(this.#core)
  }

  checkInvariants(): void {
    checkEverything(this.#core)
  }

  /** After a violation the node stays busy for ever: its state is not to be used. */
  #enter(): void {
    invariant(!this.#busy, '3 no call from within another, and none after a violation')
    this.#busy = true
  }
}

/** Turn what has changed into messages and reads from disk; several proposals share a message. */
function settle(core: Core): void {
  const { role } = core
  if (role.role === 'leader' && role.dirty) {
    replicate(core, role)
    advanceTransfer(core, role)
  }
  loadForApply(core)
}

function softChanged(core: Core): boolean {
  const { emittedSoft, role, term } = core
  return emittedSoft.role !== role.role || emittedSoft.term !== term || emittedSoft.leader !== leaderOf(core)
}

function membershipChanged(core: Core): boolean {
  const { emittedMembership: told, log } = core
  const { current } = log.memberships
  if (told === null || current === null) return told !== current
  // Another one may have taken its index; a snapshot brings the same one again.
  return told.index !== current.index || (told !== current && !isSame(told.data, current.data))
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at])
}

function dispatch(core: Core, input: Input): void {
  switch (input.kind) {
    case 'tick':
      if (core.role.role !== 'halted') tick(core, input.passive === true)
      return
    case 'message':
      handleMessage(core, input.message)
      return
    case 'propose':
      handlePropose(core, input.data, input.context)
      return
    case 'proposeMembership':
      handleProposeMembership(core, input.data, input.expectedIndex, input.context)
      return
    case 'readIndex':
      handleReadIndex(core, input.context)
      return
    case 'transfer':
      handleTransfer(core, input.to, input.context)
      return
    case 'campaign':
      preCampaign(core)
      return
    case 'persistFailed':
      halt(core)
      return
    case 'persisted':
    case 'applied':
    case 'compact':
    case 'entriesLoaded':
    case 'snapshotOpened':
    case 'snapshotSent':
    case 'snapshotReceived':
    case 'snapshotReceiveFailed':
    case 'unreachable':
      if (core.role.role !== 'halted') dispatchCompletion(core, input)
  }
}

type Completion = Extract<
  Input,
  {
    readonly kind:
      | 'persisted'
      | 'applied'
      | 'compact'
      | 'entriesLoaded'
      | 'snapshotOpened'
      | 'snapshotSent'
      | 'snapshotReceived'
      | 'snapshotReceiveFailed'
      | 'unreachable'
  }
>

function dispatchCompletion(core: Core, input: Completion): void {
  switch (input.kind) {
    case 'persisted':
      handlePersisted(core, input.seq)
      return
    case 'applied':
      handleApplied(core, input.index)
      return
    case 'compact':
      handleCompact(core, input.index)
      return
    case 'entriesLoaded':
      handleEntriesLoaded(core, input.request, input.entries)
      install(core)
      return
    case 'snapshotOpened':
      handleSnapshotOpened(core, input.to, input.snapshot)
      return
    case 'snapshotSent':
      handleSnapshotSent(core, input.to, input.received)
      return
    case 'snapshotReceived':
      handleSnapshotReceived(core, input.snapshot)
      return
    case 'snapshotReceiveFailed':
      handleSnapshotReceiveFailed(core, input.snapshot)
      return
    case 'unreachable':
      handleUnreachable(core, input.node)
  }
}

function handlePersisted(core: Core, seq: number): void {
  core.persistence.acknowledge(seq)
  countSelfVote(core)
  if (core.role.role === 'leader') advanceCommit(core, core.role)
  endSuspension(core)
  restore(core)
}
