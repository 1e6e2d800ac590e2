/**
 * Elections: who campaigns, who gets a vote.
 *
 * E1 A pre-vote changes nothing on who answers it, and no timer (P21).
 * E2 While a leader was heard within an election timeout, votes are not even considered, unless it hands over (P23).
 * E3 Requests for real votes, and answers to them, leave only when the vote behind them is durable (P5, P49).
 * E4 Only voters campaign; learners and strangers answer when asked (P25).
 * E5 A campaign begins only from a role that is not leading (P22).
 */
import { appendOwn } from './appending.ts'
import { invariant } from './invariant.ts'
import { advanceCommit } from './commit.ts'
import { isVoter } from './membership-history.ts'
import { keepLeaving, newProgress, syncProgress } from './membership.ts'
import { ReadQueue } from './read-queue.ts'
import { becomeFollower, drawTimeout, endHandover, grantVote, setHardState } from './roles.ts'
import { hasQuorum, tallyVotes } from './quorum.ts'
import { isActive } from './sending.ts'
import { MAX_TERM } from './settings.ts'
import { isInstalling, leaderOf, votersOf, type Core, type LeaderState } from './state.ts'
import type { NodeId, RequestVote, RequestVoteResponse, TimeoutNow } from './types.ts'

/** Whether a leader is so near that votes are out of the question (E2). */
export function holdsToLeader(core: Core): boolean {
  const { role } = core
  if (role.role === 'leader') return true
  return role.role === 'follower' && role.leader !== null && role.elapsedTicks < core.settings.electionTicks
}

/**
 * Whether this node may campaign (E4).
 *
 * A voter that the newest membership leaves out still campaigns until it knows that to be committed: it may be the only one
 * that holds the entry, and nobody with a shorter log could win (thesis §4.2.2).
 */
function mayCampaign(core: Core): boolean {
  const { current, previous } = core.log.memberships
  if (current === null || core.suspension !== null || isInstalling(core) || core.term >= MAX_TERM) return false
  if (isVoter(current.membership, core.id)) return true
  return current.index > core.commitIndex && previous !== null && isVoter(previous.membership, core.id)
}

/** Ask whether a campaign could be won; nothing durable changes. */
export function preCampaign(core: Core): void {
  const { role } = core
  if (role.role === 'leader' || role.role === 'halted' || !mayCampaign(core)) return // E5
  const votes = new Map<NodeId, boolean>([[core.id, true]])
  core.role = { role: 'pre-candidate', elapsedTicks: 0, timeoutTicks: drawTimeout(core), votes }
  const last = core.log.lastId
  for (const to of votersOf(core)) {
    if (to !== core.id)
      core.outbox.send({ kind: 'preVote', from: core.id, to, term: core.term + 1, last, transfer: false })
  }
  countVotes(core)
}

/** Campaign in the next term. */
function campaign(core: Core, transfer: boolean): void {
  setHardState(core, core.term + 1, core.id)
  const selfVoteSeq = core.persistence.lastSeq
  core.role = { role: 'candidate', elapsedTicks: 0, timeoutTicks: drawTimeout(core), votes: new Map(), selfVoteSeq }
  const last = core.log.lastId
  for (const to of votersOf(core)) {
    if (to === core.id) continue
    core.outbox.sendAfter(selfVoteSeq, { kind: 'requestVote', from: core.id, to, term: core.term, last, transfer }) // E3
  }
}

/** The own vote is durable, when it is. */
export function countSelfVote(core: Core): void {
  const { role } = core
  if (role.role !== 'candidate' || role.votes.has(core.id) || core.persistence.durableSeq < role.selfVoteSeq) return
  role.votes.set(core.id, true)
  countVotes(core)
}

export function handleVoteRequest(core: Core, message: RequestVote): void {
  const granted = isGrantable(core, message)
  if (message.kind === 'preVote') {
    // E1. A grant carries the asked-for term, a refusal the own one, which may be news to the other side.
    const term = granted ? message.term : core.term
    core.outbox.send({ kind: 'preVoteResponse', from: core.id, to: message.from, term, granted })
    return
  }
  // A repeated request is answered again and changes nothing: a leader may be there already.
  if (granted && core.vote !== message.from) grantVote(core, message.from)
  answerVote(core, message.from, granted)
}

/** A request of an earlier term: tell the present one. */
export function refuseOldVoteRequest(core: Core, message: RequestVote): void {
  if (message.kind === 'requestVote') answerVote(core, message.from, false)
  else core.outbox.send({ kind: 'preVoteResponse', from: core.id, to: message.from, term: core.term, granted: false })
}

export function handleVoteResponse(core: Core, message: RequestVoteResponse): void {
  const { role } = core
  const answersMe =
    message.kind === 'requestVoteResponse'
      ? role.role === 'candidate' && message.term === core.term
      : role.role === 'pre-candidate' && message.term === (message.granted ? core.term + 1 : core.term)
  if (!answersMe || (role.role !== 'candidate' && role.role !== 'pre-candidate')) return
  if (!role.votes.has(message.from)) role.votes.set(message.from, message.granted)
  countVotes(core)
}

/** The leader of this term hands over; `last` is what this node must hold (P24). */
export function handleTimeoutNow(core: Core, message: TimeoutNow): void {
  const { role } = core
  if (role.role !== 'follower' || (role.leader !== null && role.leader !== message.from) || !mayCampaign(core)) return
  const own = core.log.lastId
  const holdsAll = own.term > message.last.term || (own.term === message.last.term && own.index >= message.last.index)
  if (holdsAll) campaign(core, true)
}

/** @param isPassive - to let go of a leader that is silent, and no more. */
export function tickElection(core: Core, isPassive: boolean): void {
  const { role } = core
  if (role.role === 'leader' || role.role === 'halted') return
  role.elapsedTicks += 1
  if (role.elapsedTicks < role.timeoutTicks) return
  if (!isPassive && mayCampaign(core)) preCampaign(core)
  else becomeIdle(core)
}

/** Step down when a quorum has been silent for an election timeout. */
export function checkQuorum(core: Core, leader: LeaderState): void {
  const active = hasQuorum(votersOf(core), (id) => {
    if (id === core.id) return true
    const progress = leader.progress.get(id)
    return progress !== undefined && isActive(core, progress)
  })
  if (!active) becomeFollower(core, core.term, null)
}

function isGrantable(core: Core, message: RequestVote): boolean {
  if (core.suspension !== null) return false
  const isFuture = message.kind === 'preVote' && message.term > core.term
  const isFree = core.vote === message.from || (core.vote === null && leaderOf(core) === null)
  return (isFuture || isFree) && core.log.isUpToDate(message.last)
}

function answerVote(core: Core, to: NodeId, granted: boolean): void {
  core.outbox.sendAfter(core.persistence.lastSeq, {
    kind: 'requestVoteResponse',
    from: core.id,
    to,
    term: core.term,
    granted,
  }) // E3
}

function countVotes(core: Core): void {
  const { role } = core
  if (role.role !== 'candidate' && role.role !== 'pre-candidate') return
  switch (tallyVotes(votersOf(core), role.votes)) {
    case 'won':
      if (role.role === 'pre-candidate') campaign(core, false)
      else becomeLeader(core)
      return
    case 'lost':
      becomeFollower(core, core.term, null)
      return
    case 'pending':
  }
}

/** Not entitled to campaign: forget a leader that has been silent too long. */
function becomeIdle(core: Core): void {
  core.role = { role: 'follower', leader: null, elapsedTicks: 0, timeoutTicks: drawTimeout(core) }
}

/** Won: append an entry of the own term, with which everything before will be committed. */
function becomeLeader(core: Core): void {
  invariant(core.role.role === 'candidate' && core.vote === core.id, 'E5 only a candidate becomes leader')
  const leader: LeaderState = {
    role: 'leader',
    firstOwnIndex: core.log.lastIndex + 1,
    progress: new Map(),
    leaving: new Map(),
    reads: new ReadQueue(core.settings.maxPendingReads),
    transfer: null,
    heartbeatElapsedTicks: 0,
    uncommitted: [],
    uncommittedHead: 0,
    uncommittedFrom: core.log.lastIndex + 1,
    uncommittedBytes: 0,
    dirty: true,
  }
  core.role = leader
  endHandover(core, core.id)
  adoptLeaving(core, leader)
  syncProgress(core, leader)
  appendOwn(core, leader, 'noop', new Uint8Array(), null, null)
  advanceCommit(core, leader)
}

/** Who the newest membership has left out may not know it yet. */
function adoptLeaving(core: Core, leader: LeaderState): void {
  const { current, previous } = core.log.memberships
  if (current === null || previous === null) return
  for (const id of [...previous.membership.voters, ...previous.membership.learners]) {
    if (id === core.id || current.membership.voters.includes(id) || current.membership.learners.includes(id)) continue
    keepLeaving(core, leader, id, current.index)
    leader.progress.set(id, newProgress(core, id))
  }
}
