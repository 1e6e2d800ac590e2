/**
 * The rules of terms, which come before the rules of roles, and then the way of a message to its handler.
 *
 * J1 A higher term is adopted, whoever brings it and in whatever message (P26), but not from requests that ask about the future
 *    or disturb a leader that is near (E2).
 * J2 A leader of an earlier term is told the present one (P20).
 * J3 Membership is no ground for refusing a message: the sender may be a member that this node has not heard of (thesis §4.1).
 * J4 But what a node answers that the membership in force has left out does not depose the leader that tells it so (P23), whether that
 *    is committed or not: the leader needs nothing of it. Should there be a later leader, every quorum of the voters in force has
 *    somebody of a later term: this leader hears that of them, or too few of them, and is none any more.
 * J5 Who may have forgotten a leader hears none for a while (V2 of suspension.ts).
 */
import {
  handleTimeoutNow,
  handleVoteRequest,
  handleVoteResponse,
  holdsToLeader,
  refuseOldVoteRequest,
} from './election.ts'
import { answerOldLeader, handleAppendEntries, handleHeartbeat } from './follower.ts'
import { handleAppendResponse, handleHeartbeatResponse } from './responses.ts'
import { becomeFollower } from './roles.ts'
import { handleInstallSnapshot } from './snapshot.ts'
import type { Core } from './state.ts'
import { isSilent } from './suspension.ts'
import type { Message, NodeId } from './types.ts'
import { makesSense } from './validation.ts'

export function handleMessage(core: Core, message: Message): void {
  if (core.role.role === 'halted' || !makesSense(message, core.id)) return
  if (isSilent(core) && isOfLeader(message)) return // J5
  if (message.term < core.term) {
    answerEarlierTerm(core, message)
    return
  }
  if (message.term > core.term && !enterTerm(core, message)) return
  dispatch(core, message)
}

/** False when the message is to be ignored. */
function enterTerm(core: Core, message: Message): boolean {
  if (isAnswerOfRemoved(core, message)) return false // J4
  switch (message.kind) {
    case 'preVote':
    case 'requestVote':
      if (!message.transfer && holdsToLeader(core)) return false // E2
      if (message.kind === 'requestVote') becomeFollower(core, message.term, null)
      return true
    case 'preVoteResponse':
      // A grant speaks of the term asked for; only a refusal tells of one that exists.
      if (!message.granted) becomeFollower(core, message.term, null)
      return true
    case 'appendEntries':
    case 'heartbeat':
    case 'installSnapshot':
      becomeFollower(core, message.term, message.from)
      return true
    case 'appendEntriesResponse':
    case 'heartbeatResponse':
    case 'requestVoteResponse':
    case 'timeoutNow':
      becomeFollower(core, message.term, null)
      return true
  }
}

function isOfLeader({ kind }: Message): boolean {
  return kind === 'appendEntries' || kind === 'heartbeat' || kind === 'installSnapshot'
}

/** Whether it answers this leader, and its sender is no member any more. */
function isAnswerOfRemoved(core: Core, { kind, from }: Message): boolean {
  if (core.role.role !== 'leader' || (kind !== 'appendEntriesResponse' && kind !== 'heartbeatResponse')) return false
  const { current } = core.log.memberships
  if (current === null) return false
  return !current.membership.voters.includes(from) && !current.membership.learners.includes(from)
}

function answerEarlierTerm(core: Core, message: Message): void {
  switch (message.kind) {
    case 'appendEntries':
      answerOldLeader(core, message.from, message.kind, message.prev.index)
      return
    case 'heartbeat':
    case 'installSnapshot':
      answerOldLeader(core, message.from, message.kind, 0)
      return
    case 'preVote':
    case 'requestVote':
      refuseOldVoteRequest(core, message)
      return
    case 'appendEntriesResponse':
    case 'heartbeatResponse':
    case 'requestVoteResponse':
    case 'preVoteResponse':
    case 'timeoutNow':
  }
}

/** The term is the present one, or, in pre-vote traffic, one that does not exist yet. */
function dispatch(core: Core, message: Message): void {
  switch (message.kind) {
    case 'appendEntries':
      if (follow(core, message.from)) handleAppendEntries(core, message)
      return
    case 'heartbeat':
      if (follow(core, message.from)) handleHeartbeat(core, message)
      return
    case 'installSnapshot':
      if (follow(core, message.from)) handleInstallSnapshot(core, message)
      return
    case 'appendEntriesResponse':
      handleAppendResponse(core, message)
      return
    case 'heartbeatResponse':
      handleHeartbeatResponse(core, message)
      return
    case 'preVote':
    case 'requestVote':
      handleVoteRequest(core, message)
      return
    case 'preVoteResponse':
    case 'requestVoteResponse':
      handleVoteResponse(core, message)
      return
    case 'timeoutNow':
      handleTimeoutNow(core, message)
  }
}

/** Follow the leader of the present term; false when there is another already, which cannot be and is ignored. */
function follow(core: Core, leader: NodeId): boolean {
  const { role } = core
  if (role.role === 'leader' || (role.role === 'follower' && role.leader !== null && role.leader !== leader))
    return false
  becomeFollower(core, core.term, leader)
  return true
}
