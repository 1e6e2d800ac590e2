/**
 * Owns all invariants of one run and feeds them what happens, node by node; a full sweep comes every `sweepEvery` events.
 *
 * Each check costs as much as what has changed; none looks inside the core but by its status.
 */
import type { Entry, Index, Message, NodeId, PersistOp, RaftMembership, Ready, Role, Term } from '@pinset/raft'

import type { SimulatedLog } from '../simulated-log.ts'
import { CommittedImmutable } from './committed-immutable.ts'
import { CheckCosts } from '../check-costs.ts'
import { ConfirmedReads } from './confirmed-reads.ts'
import { checkCommittedOnQuorum, checkStillOnQuorum, isStillOnQuorum } from './committed-on-quorum.ts'
import { checkApplied, checkPromise, checkToldCommit, type DurableView } from './durable-promises.ts'
import { ElectionSafety } from './election-safety.ts'
import { ExactlyOnce } from './exactly-once.ts'
import { FreshReads } from './fresh-reads.ts'
import { type Believed, checkHandOver, checkProgress } from './known-progress.ts'
import { LeaderCompleteness } from './leader-completeness.ts'
import { LogMatching } from './log-matching.ts'
import { Monotonic } from './monotonic.ts'
import { ProposalFate, type Proposal } from './proposal-fate.ts'
import { RecoveredLog } from './recovered-log.ts'
import { checkCreatedMembership, checkUncommittedMemberships } from './single-membership.ts'
import { StateMachineSafety, type Head } from './state-machine-safety.ts'
import { Violation } from './violation.ts'

export const sweepEvery = 64

/** A state of the machine, as far as the invariants look at it. */
export interface StateAt {
  readonly index: Index
  /** Depends on everything applied so far. */
  readonly head: Head
}

/** What the invariants see of a node. */
export interface Observed {
  readonly id: NodeId
  readonly run: number
  readonly running: boolean
  /** As the core believes it, from its persist operations. */
  readonly log: SimulatedLog
  readonly disk: DurableView
  readonly state: StateAt
  readonly commitIndex: Index
  readonly role: Role
  readonly term: Term
}

/** As it was observed last. */
interface Before {
  readonly role: Role
  readonly term: Term
  readonly commitIndex: Index
}

export interface CheckerInit {
  readonly node: (id: NodeId) => Observed
  /** Of the data of a membership entry; one without voters for empty data. @throws when it is none. */
  readonly membershipOf: (data: Uint8Array) => RaftMembership
  /** Which proposal an entry carries, if any. */
  readonly proposalOf: (entry: Entry) => Proposal | null
}

export class Checker {
  readonly history = new CommittedImmutable()
  readonly elections = new ElectionSafety()
  readonly matching = new LogMatching()
  readonly completeness = new LeaderCompleteness(this.history)
  readonly machines = new StateMachineSafety()
  readonly monotonic = new Monotonic()
  readonly reads = new FreshReads()
  readonly confirmed = new ConfirmedReads()
  readonly recovered = new RecoveredLog({
    frontier: () => this.history.frontier,
    isHeld: (index, term) => this.#isHeld(index, term),
  })
  readonly proposals = new ProposalFate()
  readonly once = new ExactlyOnce()
  readonly costs = new CheckCosts()
  readonly #node: CheckerInit['node']
  readonly #membershipOf: CheckerInit['membershipOf']
  readonly #proposalOf: CheckerInit['proposalOf']

  constructor({ node, membershipOf, proposalOf }: CheckerInit) {
    this.#node = node
    this.#membershipOf = membershipOf
    this.#proposalOf = proposalOf
  }

  started(node: Observed): void {
    this.monotonic.started(node.id, node.disk.hardState, node.state.index)
    this.machines.holds(node.id, node.state.index, node.state.head)
  }

  /** Before an operation changes the log that the core believes in. */
  persisting(node: Observed, op: PersistOp, commitIndex: Index, single: boolean): void {
    if (op.truncateFrom !== undefined) {
      if (op.truncateFrom <= node.commitIndex) {
        throw new Violation(
          'committed immutable',
          `${node.id} truncates from ${op.truncateFrom}, it has committed ${node.commitIndex}`,
        )
      }
      this.history.truncated(node.id, node.log, op.truncateFrom)
    }
    const first = op.entries?.[0]
    if (op.entries === undefined || first === undefined) {
      return
    }
    const began = this.costs.begin()
    let prevTerm = node.log.termAt(first.index - 1)
    for (const entry of op.entries) {
      if (prevTerm === undefined) {
        throw new Violation('persist order', `${node.id} appends ${entry.index} after ${node.log.lastIndex}`)
      }
      if (this.matching.appended(node.id, entry, prevTerm)) {
        this.#created(node, entry, commitIndex, single)
      }
      prevTerm = entry.term
    }
    this.costs.end('log matching, proposal fate', began)
  }

  /** After each drain of what was ready. */
  observed(node: Observed, before: Before, single: boolean): void {
    const { id, role, term, commitIndex, log } = node
    const { costs } = this
    let began = costs.begin()
    this.monotonic.observed(id, term, commitIndex)
    costs.end('monotonic', began)
    if (role === 'leader' && (before.role !== 'leader' || before.term !== term)) {
      this.elections.leads(id, node.run, term)
      this.monotonic.leads(id, term)
      began = costs.begin()
      this.completeness.leads(id, term, log)
      costs.end('leader completeness', began)
    }
    if ((role === 'candidate' || role === 'pre-candidate') && (role !== before.role || term !== before.term)) {
      this.elections.campaigns(id, role, this.#entitled(log, commitIndex))
    }
    if (commitIndex > before.commitIndex) {
      began = costs.begin()
      this.#committed(node, before, single)
      costs.end('committed immutable, committed on a quorum', began)
    }
  }

  /** A message is about to leave a node at once. */
  sending(node: Observed, message: Message): void {
    const began = this.costs.begin()
    this.#sending(node, message)
    this.costs.end('durable promises', began)
  }

  #sending(node: Observed, message: Message): void {
    switch (message.kind) {
      case 'appendEntries':
        this.matching.sent(message)
        checkToldCommit(message, node.commitIndex, this.#node(message.to).disk, (index) => this.#termAt(index))
        break
      case 'heartbeat':
        checkToldCommit(message, node.commitIndex, this.#node(message.to).disk, (index) => this.#termAt(index))
        break
      case 'installSnapshot': {
        const { index, term } = message.snapshot
        if (index > this.history.frontier || this.history.termAt(index) !== term) {
          throw new Violation(
            'committed immutable',
            `${node.id} sends a snapshot at ${term}/${index}, which is not committed`,
          )
        }
        break
      }
      case 'timeoutNow':
        checkHandOver(message, this.#node(message.to).disk)
        break
      case 'appendEntriesResponse':
      case 'heartbeatResponse':
      case 'preVote':
      case 'preVoteResponse':
      case 'requestVote':
      case 'requestVoteResponse':
        checkPromise(message, node.disk, this.#leaderLog(message))
    }
    this.#noteVote(message)
  }

  /** The operation that a message waits for has just become durable. */
  promised(node: Observed, message: Message): void {
    const began = this.costs.begin()
    checkPromise(message, node.disk, this.#leaderLog(message))
    this.#noteVote(message)
    this.costs.end('durable promises', began)
  }

  /** What a leader believes of the others. */
  believing(node: Observed, progress: readonly Believed[]): void {
    for (const believed of progress) {
      checkProgress(node, believed, this.#node(believed.id).disk)
    }
  }

  applying(node: Observed, ready: Ready): void {
    if (ready.apply.length > 0) {
      if (ready.restore !== null) {
        throw new Violation('state-machine safety', `${node.id} is told to apply and to restore at once`)
      }
      const last = ready.apply.at(-1) as Entry
      if (last.index > node.commitIndex) {
        throw new Violation(
          'state-machine safety',
          `${node.id} is told to apply ${last.index}, its commit index is ${node.commitIndex}`,
        )
      }
      const began = this.costs.begin()
      checkApplied(node.id, ready.apply, node.disk)
      this.costs.end('durable promises, applied', began)
    }
  }

  applied(node: NodeId, before: Index, state: StateAt, entry: Entry): void {
    const began = this.costs.begin()
    this.machines.applied(node, before, state.index, state.head)
    this.monotonic.applied(node, state.index)
    this.costs.end('state-machine safety', began)
    const proposal = this.#proposalOf(entry)
    if (proposal !== null) {
      this.once.applied(node, proposal, entry.index)
    }
  }

  restored(node: NodeId, state: StateAt): void {
    this.machines.holds(node, state.index, state.head)
    this.monotonic.applied(node, state.index)
  }

  /** Everything at once, as far as it can be seen from outside. */
  sweep(nodes: readonly Observed[]): void {
    const { costs } = this
    for (const node of nodes) {
      let began = costs.begin()
      this.matching.sweep(node.id, node.log)
      costs.end('log matching, swept', began)
      began = costs.begin()
      this.history.sweep(node.id, node.log, node.running ? node.commitIndex : node.log.base.index)
      costs.end('committed immutable, swept', began)
      began = costs.begin()
      checkUncommittedMemberships(node.id, node.log, this.history.frontier)
      costs.end('single membership, swept', began)
    }
    const began = costs.begin()
    this.#checkFrontier(nodes)
    costs.end('committed on a quorum, swept', began)
  }

  #checkFrontier(nodes: readonly Observed[]): void {
    const index = this.history.frontier
    if (index > 0) {
      const newer = nodes.flatMap(({ log }) => log.memberships.filter((membership) => membership.index > index))
      const memberships = [this.history.membership(), ...newer.map(({ data }) => data)]
      checkStillOnQuorum(
        index,
        this.history.termAt(index),
        memberships.map((data) => this.#membershipOf(data).voters),
        (voter) => this.#node(voter).disk,
      )
    }
  }

  #isHeld(index: Index, term: Term): boolean {
    const { voters } = this.#membershipOf(this.history.membership())
    return isStillOnQuorum(index, term, [voters], (voter) => this.#node(voter).disk)
  }

  #created(node: Observed, entry: Entry, commitIndex: Index, single: boolean): void {
    const proposal = this.#proposalOf(entry)
    if (proposal !== null) {
      this.proposals.created(proposal, entry)
    }
    if (entry.kind === 'membership' && single) {
      const before = node.log.membershipAt(entry.index - 1)
      checkCreatedMembership({
        node: node.id,
        term: entry.term,
        index: entry.index,
        commitIndex,
        commitTerm: node.log.termAt(commitIndex),
        before: { index: before.index, membership: this.#membershipOf(before.data) },
        next: this.#membershipOf(entry.data),
      })
    }
  }

  #committed(node: Observed, before: Before, single: boolean): void {
    const { id, log, commitIndex, role, term } = node
    const isNew = commitIndex > this.history.frontier
    // A leader that commits its own removal steps down within the same input.
    const leads = role === 'leader' || (before.role === 'leader' && before.term === term)
    this.history.advanced({
      node: id,
      log,
      from: before.commitIndex,
      to: commitIndex,
      leads: single ? leads : null,
      term,
    })
    if (isNew) {
      const newest = log.membershipAt(log.lastIndex)
      // When several inputs were stepped at once, it may have been committed before the newest membership came.
      const counted = single ? [newest] : [newest, log.membershipAt(newest.index - 1)]
      checkCommittedOnQuorum(
        id,
        commitIndex,
        log.termAt(commitIndex) as Term,
        counted.map(({ data }) => this.#membershipOf(data).voters),
        (voter) => this.#node(voter).disk,
      )
    }
  }

  #noteVote(message: Message): void {
    if (message.kind === 'requestVoteResponse' && message.granted) {
      this.monotonic.voted(message.from, message.term, message.to)
    } else if (message.kind === 'requestVote') {
      this.monotonic.voted(message.from, message.term, message.from)
    }
  }

  #leaderLog(message: Message): SimulatedLog | null {
    const receiver = this.#node(message.to)
    return receiver.running && receiver.role === 'leader' && receiver.term === message.term ? receiver.log : null
  }

  #termAt(index: Index): Term {
    return index > this.history.frontier ? -1 : this.history.termAt(index)
  }

  /** Voters of the newest membership, and while that is not known to be committed, of the one before it (thesis §4.2.2). */
  #entitled(log: SimulatedLog, commitIndex: Index): readonly NodeId[] {
    const newest = log.membershipAt(log.lastIndex)
    const { voters } = this.#membershipOf(newest.data)
    return newest.index <= commitIndex
      ? voters
      : [...voters, ...this.#membershipOf(log.membershipAt(newest.index - 1).data).voters]
  }
}
