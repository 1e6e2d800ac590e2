/**
 * Stands between the production driver and the production core: counts every input, and shows the invariants what comes out.
 *
 * OC1 What goes in and comes out is handed on unchanged. OC2 A core whose process is gone is not looked at any more.
 * OC3 What is found wrong is reported to the world, which ends the run: the driver would take it for a failure of the core.
 */
import {
  createRaft,
  describeReady,
  type Input,
  type Message,
  type NodeId,
  type Raft,
  type RaftBoot,
  type RaftInit,
  type RaftStatus,
  type Ready,
  type SoftState,
} from '@pinset/raft'

import { votersOfReads } from '../invariants/confirmed-reads.ts'
import { checkHalted } from '../invariants/halted-silence.ts'
import { LeaderLoyalty } from '../invariants/leader-loyalty.ts'
import { checkFollowed, type Followed } from '../invariants/membership-of-log.ts'
import { QuorumContact } from '../invariants/quorum-contact.ts'
import { Violation } from '../invariants/violation.ts'
import { inputText } from '../trace.ts'
import { placeTransition, roleTransition, type Standing } from '../transitions.ts'
import { membershipOf } from './memberships.ts'
import type { SimulatedPeer } from './peer.ts'
import type { Process } from './process.ts'
import type { World } from './world.ts'

type Asked = { readonly kind: 'operations' | 'membership' | 'read' | 'transfer'; readonly number: number }

const turnsPerDrain = 100

export class ObservedCore implements Raft {
  readonly #world: World
  readonly #peer: SimulatedPeer
  readonly #process: Process
  readonly #core: Raft
  readonly #contact: QuorumContact
  readonly #loyalty: LeaderLoyalty
  /** What was asked and not answered, by the driver's context; the checker's numbers are unique in a run. */
  readonly #asked = new Map<number, Asked>()
  #unanswered: number[] = []
  #steps = 0
  #lastInput: Input['kind'] = 'tick'
  #turns = 0
  #soft: SoftState
  #followed: Followed

  constructor(world: World, peer: SimulatedPeer, process: Process, init: RaftInit, boot: RaftBoot) {
    this.#world = world
    this.#peer = peer
    this.#process = process
    this.#core = this.#guard('boot', () => createRaft({ ...init, ...world.swarm.raft }, boot))
    this.#contact = new QuorumContact(init.electionTicks as number)
    this.#loyalty = new LeaderLoyalty(init.electionTicks as number)
    const newest = peer.log.membershipAt(peer.log.lastIndex)
    this.#followed = { index: newest.index, membership: membershipOf(newest.data) }
    world.checker.confirmed.started(peer.id)
    this.#soft = this.#core.status()
    peer.coreStarted(boot.appliedIndex, this.#core.status())
    this.#check(() => world.checker.started(peer))
    this.#trace(() => `start run ${process.run}: ${this.#core.describe()}`)
  }

  step(input: Input): void {
    const asked = input.kind === 'message' && input.message.kind === 'requestVote' ? input.message : null
    const before = asked === null ? null : this.#core.status()
    if (this.#process.alive) {
      this.#world.countInput(this.#peer, input)
      this.#trace(() => `· ${inputText(input)}`)
      this.#check(() => this.#noteInput(input))
    }
    this.#lastInput = input.kind
    this.#guard(input.kind, () => this.#core.step(input))
    if (asked !== null && before !== null) {
      this.#check(() => this.#loyalty.asked(this.#peer.id, asked, before, this.#core.status()))
    }
    this.#steps++
  }

  hasReady(): boolean {
    const ready = this.#guard('hasReady', () => this.#core.hasReady())
    if (!ready) {
      this.#check(() => this.#drained())
    }
    return ready
  }

  takeReady(): Ready {
    const ready = this.#guard('takeReady', () => this.#core.takeReady())
    this.#check(() => this.#observeReady(ready, this.#core.status()))
    return ready
  }

  status(): RaftStatus {
    return this.#core.status()
  }

  describe(): string {
    return this.#core.describe()
  }

  checkInvariants(): void {
    this.#guard('checkInvariants', () => this.#core.checkInvariants())
    const { peers } = this.#world
    if (this.#peer.role === 'leader' && this.#steps === 0) {
      const { progress } = this.#core.status()
      this.#world.checker.believing(
        this.#peer,
        progress.filter(({ id }) => peers.some((peer) => peer.id === id) && this.#world.know(this.#peer, id)),
      )
    }
  }

  #noteInput(input: Input): void {
    const { checker } = this.#world
    switch (input.kind) {
      case 'propose':
        this.#unanswered.push(input.context)
        checker.proposals.proposed(this.#ask(input.context, 'operations'))
        this.#world.noteProposal(input.data, this.#asked.get(input.context)?.number as number)
        break
      case 'proposeMembership':
        this.#ask(input.context, 'membership')
        break
      case 'readIndex':
        this.#readBegins(input.context)
        break
      case 'transfer':
        this.#ask(input.context, 'transfer')
        break
      case 'message':
        this.#noteMessage(input.message)
        break
      case 'tick':
        this.#loyalty.ticked()
        if (this.#peer.role === 'leader') {
          const { id, log, term } = this.#peer
          this.#contact.ticked(id, term, membershipOf(log.membershipAt(log.lastIndex).data).voters)
        }
        break
      case 'persistFailed':
        checker.confirmed.failed(this.#peer.id)
        break
      case 'persisted':
      case 'applied':
      case 'compact':
      case 'campaign':
      case 'entriesLoaded':
      case 'snapshotOpened':
      case 'snapshotSent':
      case 'snapshotReceived':
      case 'snapshotReceiveFailed':
      case 'unreachable':
    }
  }

  #readBegins(context: number): void {
    const { reads, confirmed, history } = this.#world.checker
    const number = this.#ask(context, 'read')
    reads.began(number, history.frontier)
    confirmed.began(number)
  }

  /** Before it is stepped. */
  #noteMessage(message: Message): void {
    const { role, leader, term } = this.#peer
    if (message.kind === 'appendEntriesResponse' || message.kind === 'heartbeatResponse') {
      this.#contact.heard(message)
      this.#world.checker.confirmed.heard(message)
    } else if (message.kind === 'appendEntries' || message.kind === 'heartbeat' || message.kind === 'installSnapshot') {
      // What was stepped and not carried out may have changed whom it follows.
      if (this.#steps === 0 && role === 'follower' && leader === message.from && term === message.term) {
        this.#loyalty.heardLeader()
      }
    }
  }

  #ask(context: number, kind: Asked['kind']): number {
    const number = this.#world.newNumber()
    this.#asked.set(context, { kind, number })
    return number
  }

  #observeReady(ready: Ready, status: RaftStatus): void {
    const peer = this.#peer
    const { checker, trace } = this.#world
    const single = this.#steps <= 1
    if (++this.#turns > turnsPerDrain) {
      throw new Violation('termination', `${peer.id} is still ready after ${turnsPerDrain} times`)
    }
    const { term } = peer
    this.#soft = ready.soft ?? this.#soft
    this.#mixEffects(ready)
    if (status.role === 'halted') {
      checkHalted(peer.id, ready)
    }
    if (trace.prints) {
      for (const line of describeReady(ready).split('\n')) {
        this.#trace(() => `  → ${line}`)
      }
    }
    for (const op of ready.persist) {
      checker.persisting(peer, op, status.commitIndex, single)
      peer.log.carryOut(op)
    }
    this.#observe(status, single)
    this.#checkMembership(ready, status)
    peer.promises.ready(ready)
    checker.applying(peer, ready)
    this.#noteAnswers(ready, votersOfReads(peer.log, ready, status, { term, single }, membershipOf))
  }

  /** Runs that ask for other effects differ, also where nothing comes of it. */
  #mixEffects({ persist, send, sendAfter, apply, accepted, dropped, reads, loads }: Ready): void {
    const { trace } = this.#world
    for (const message of send) {
      trace.mixText(message.kind)
      trace.mixText(message.to)
    }
    for (const { seq, message } of sendAfter) {
      trace.mix(seq)
      trace.mixText(message.kind)
      trace.mixText(message.to)
    }
    trace.mix(persist.at(-1)?.seq ?? 0)
    trace.mix(apply.length)
    trace.mix(accepted.length + 1000 * dropped.length + 1_000_000 * reads.length + 1_000_000_000 * loads.length)
  }

  /** The core has nothing more to say for now. */
  #drained(): void {
    const single = this.#steps <= 1
    if (this.#steps === 0) {
      return
    }
    this.#steps = 0
    this.#turns = 0
    const status = this.#core.status()
    this.#observe(status, single)
    const { role, term, leader } = status
    if (this.#soft.role !== role || this.#soft.term !== term || this.#soft.leader !== leader) {
      throw new Violation(
        'termination',
        `${this.#peer.id} is ${role} of term ${term}, the driver has been told ${this.#soft.role} of ${this.#soft.term}`,
      )
    }
    for (const context of this.#unanswered) {
      const asked = this.#asked.get(context)
      if (asked !== undefined) {
        this.#world.checker.proposals.unanswered(this.#peer.id, asked.number)
      }
    }
    this.#unanswered = []
  }

  #observe(status: RaftStatus, single: boolean): void {
    const peer = this.#peer
    const before = { role: peer.role, term: peer.term, commitIndex: peer.commitIndex }
    peer.coreObserved(status)
    const { trace, coverage, checker } = this.#world
    trace.mix(peer.ordinal)
    trace.mix(status.term)
    trace.mix(status.commitIndex)
    trace.mix(peer.log.lastIndex)
    if (before.role !== status.role) {
      coverage.count(this.#transition(before, status, single))
    }
    const { lastId } = status
    if (status.role !== 'halted' && (lastId.index !== peer.log.lastIndex || lastId.term !== peer.log.lastTerm)) {
      throw new Violation(
        'persist order',
        `${peer.id} believes in ${lastId.term}/${lastId.index}, persisted to ${peer.log.lastTerm}/${peer.log.lastIndex}`,
      )
    }
    checker.observed(peer, before, single)
    this.#world.followHistory()
  }

  #transition(before: Standing, after: Standing, single: boolean): string {
    const { id, log } = this.#peer
    return roleTransition(before, after, {
      input: single ? this.#lastInput : null,
      isTransferring: [...this.#asked.values()].some(({ kind }) => kind === 'transfer'),
      isVoter: membershipOf(log.membershipAt(log.lastIndex).data).voters.includes(id),
    })
  }

  #checkMembership(ready: Ready, status: RaftStatus): void {
    if (ready.membership !== null) {
      const change = placeTransition(this.#peer.id, this.#followed.membership, ready.membership.membership)
      this.#followed = ready.membership
      if (change !== null) {
        this.#world.count(change)
      }
    }
    checkFollowed(this.#peer, status, ready.membership, this.#followed, membershipOf)
  }

  #noteAnswers(ready: Ready, inForce: readonly (readonly NodeId[])[]): void {
    const { checker, coverage } = this.#world
    const { id, log } = this.#peer
    for (const { context, id: place } of ready.accepted) {
      const asked = this.#answered(context)
      coverage.count(`accepted ${asked.kind}`)
      if (asked.kind === 'operations') {
        checker.proposals.accepted(id, asked.number, place, log.termAt(place.index) !== place.term)
      }
    }
    for (const { context, reason } of ready.dropped) {
      const asked = this.#answered(context)
      coverage.count(`dropped ${reason}`)
      if (asked.kind === 'operations') {
        checker.proposals.dropped(id, asked.number)
      } else if (asked.kind === 'read') {
        checker.reads.dropped(id, asked.number)
        checker.confirmed.dropped(asked.number)
      }
    }
    for (const { context, index } of ready.reads) {
      coverage.count('read index served')
      const { number } = this.#answered(context)
      checker.reads.served(id, number, index)
      checker.confirmed.served(id, number, ...inForce)
    }
    for (const { context, leader } of ready.transferred) {
      coverage.count(leader === null || leader === id ? 'transfer in vain' : 'transferred')
      this.#answered(context)
    }
  }

  #answered(context: number): Asked {
    const asked = this.#asked.get(context)
    if (asked === undefined) {
      throw new Violation('proposal fate', `${this.#peer.id} answers context ${context}, which is not waiting`)
    }
    this.#asked.delete(context)
    return asked
  }

  /** OC2, OC3 */
  #check(look: () => void): void {
    if (this.#process.alive) {
      this.#world.guard(look)
    }
  }

  #guard<T>(what: string, call: () => T): T {
    try {
      return call()
    } catch (cause) {
      if (this.#process.alive) {
        const detail = cause instanceof Error ? cause.message : String(cause)
        this.#world.report(new Violation('core threw', `${this.#peer.id} in ${what}: ${detail}`, { cause }))
      }
      throw cause
    }
  }

  #trace(text: () => string): void {
    if (this.#world.trace.prints && this.#process.alive) {
      this.#world.trace.line(this.#world.now, this.#peer.name, text())
    }
  }
}
