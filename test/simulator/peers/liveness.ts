/**
 * Owns the second phase: faults end, every peer runs, and within a bound the cluster must be whole and serve again.
 *
 * V1 One leader; all members agree on membership, log, commit index, state, digest and rows. V2 Fresh writes and linearizable reads
 * are served by every member, many at a time too (`rush.ts`). V3 No call that began before is left without an end. V4 Who is out knows
 * it, or was never in, or knows no member.
 */
import type { PinsetConsensus } from '@pinset/consensus'
import type { RaftMembership } from '@pinset/raft'

import { Violation } from '../invariants/violation.ts'
import type { Answer } from './answers.ts'
import { checkListing, listingOf, type Listing } from './listings.ts'
import { isMember as isIn, membershipOf, membersOf } from './memberships.ts'
import type { SimulatedPeer } from './peer.ts'
import { rushFollowers } from './rush.ts'
import { second } from './swarm.ts'
import { cidOf, read, requestOf, type Calls } from './workload.ts'
import type { World } from './world.ts'

const rule = 'liveness'
/** Long enough for calls with the longest time-out of a method, for admission and removal to be asked for again, and for snapshots. */
const bound = 120 * second
const looksEvery = 16

export async function healAndServe(world: World, calls: Calls): Promise<void> {
  heal(world)
  // What was asked for may still change the membership, also when its caller was told that nobody knows.
  await until(world, () => unanswered(calls) ?? underWay(calls) ?? unsettled(world))
  await serve(world)
  await rushFollowers(world, present(world))
  await until(world, () => unsettled(world) ?? unanswered(calls))
  await compareRows(world)
  world.sweep()
}

function heal(world: World): void {
  world.healed = true
  world.rhythms.stop()
  world.trace.line(world.now, 'heal', '')
  world.network.heal()
  for (const peer of world.peers) {
    peer.control.fault = null
    peer.control.readFault = null
    peer.control.readFaultAtStart = null
    peer.control.makeRoom()
    peer.process?.resume()
    if (peer.role === 'halted') {
      peer.crash((_, unsynced) => unsynced)
    }
    if (!peer.isStopping && (!peer.isLost || peer.isWiped)) {
      peer.start()
    }
  }
}

/** Let things happen until nothing is missing; what is missing at the bound is the violation. */
async function until(world: World, missing: () => string | null): Promise<void> {
  const deadline = world.now + bound
  const found: { missing: string | null } = { missing: 'nothing was looked at' }
  let turns = 0
  await world.until(() => {
    if (turns++ % looksEvery === 0) {
      found.missing = missing()
    }
    return found.missing === null || world.now > deadline
  })
  if (found.missing !== null) {
    throw new Violation(rule, `${found.missing}, ${bound / second} s after the faults have ended`)
  }
}

function unsettled(world: World): string | null {
  const lost = world.peers.find((peer) => peer.isLost)
  if (lost !== undefined) {
    return `${lost.name} has lost its disk and is not back`
  }
  const down = world.peers.find((peer) => !peer.running)
  if (down !== undefined) {
    return `${down.name} does not run`
  }
  const leaders = world.peers.filter(({ role }) => role === 'leader')
  const [leader, second] = leaders
  if (leader === undefined || second !== undefined) {
    return leader === undefined ? 'nobody leads' : `${leaders.map(({ name }) => name).join(' and ')} lead`
  }
  const newest = leader.log.membershipAt(leader.log.lastIndex)
  if (leader.commitIndex !== leader.log.lastIndex) {
    return `leader ${leader.name} has committed ${leader.commitIndex} of ${leader.log.lastIndex}`
  }
  const membership = membershipOf(newest.data)
  for (const peer of world.peers) {
    const what = isIn(membership, peer.id) ? difference(peer, leader) : strangeness(peer, membership)
    if (what !== null) {
      return `${peer.name} ${what}, leader is ${leader.name}`
    }
  }
  return null
}

function difference(peer: SimulatedPeer, leader: SimulatedPeer): string | null {
  const [status, wanted] = [peer.consensus?.status(), leader.consensus?.status()]
  if (status === undefined || wanted === undefined) {
    return 'does not run'
  }
  if (peer.log.lastIndex !== leader.log.lastIndex || peer.log.lastTerm !== leader.log.lastTerm) {
    return `has log to ${peer.log.lastTerm}/${peer.log.lastIndex} and not ${leader.log.lastTerm}/${leader.log.lastIndex}`
  }
  if (status.relation !== 'member' || status.haltedReason !== null) {
    return `is ${status.relation}, ${status.haltedReason}`
  }
  if (status.membershipIndex !== wanted.membershipIndex || status.pending) {
    return `has membership ${status.membershipIndex}${status.pending ? ', pending' : ''}`
  }
  const unfinished = status.members.find(({ suffrage, wanted: goal }) => suffrage !== goal)
  if (unfinished !== undefined) {
    return `has ${unfinished.name} as ${unfinished.suffrage}, wanted is ${unfinished.wanted}`
  }
  if (status.commitIndex !== wanted.commitIndex || status.appliedIndex !== wanted.commitIndex) {
    return `has applied ${status.appliedIndex}, committed ${status.commitIndex} of ${wanted.commitIndex}`
  }
  if (status.head !== wanted.head || status.stateDigest !== wanted.stateDigest) {
    return `has head ${status.head} and digest ${status.stateDigest}, not ${wanted.head} and ${wanted.stateDigest}`
  }
  if (status.leader !== leader.id) {
    return `follows ${status.leader}`
  }
  return peer.promises.suspended ? 'is still suspended' : null
}

/** V4: it asks those whom it knows; when none of them is a member any more, there is nobody who could tell it. */
function strangeness(peer: SimulatedPeer, membership: RaftMembership): string | null {
  const { log } = peer
  const newest = log.membershipAt(log.lastIndex)
  const known = [newest, log.membershipAt(Math.max(0, newest.index - 1))].flatMap(({ data }) => membersOf(data).members)
  const isMember = peer.consensus?.status().relation === 'member'
  return isMember && known.some(({ peerId }) => isIn(membership, peerId)) ? 'holds itself for a member' : null
}

function unanswered(calls: Calls): string | null {
  return calls.open.length === 0
    ? null
    : `${calls.open.length} calls have not ended: ${calls.open.slice(0, 5).join(', ')}`
}

function underWay(calls: Calls): string | null {
  return calls.isRemoving ? 'a removal may still be on its way' : null
}

/** V2 */
async function serve(world: World): Promise<void> {
  const members = present(world)
  const fresh = new Map<SimulatedPeer, number>()
  const served = new Set<SimulatedPeer>()
  const cid = (peer: SimulatedPeer): ReturnType<typeof cidOf> => cidOf(1_000_000 + peer.ordinal)
  let problem = ''
  const describe = (answer: Answer<unknown>): string => (answer.kind === 'failed' ? answer.error.message : answer.kind)
  const attempt = async (peer: SimulatedPeer): Promise<void> => {
    const answer = await peer.ask((consensus) => consensus.logPin(requestOf(cid(peer), `fresh ${world.now}`)))
    if (answer.kind !== 'answered' || answer.value.outcome.kind !== 'pinned') {
      problem = describe(answer)
      world.schedule(second / 2, () => go(attempt(peer)))
      return
    }
    fresh.set(peer, answer.value.outcome.modifiedIndex)
    await look(peer, members[(members.indexOf(peer) + 1) % members.length] as SimulatedPeer)
  }
  const look = async (peer: SimulatedPeer, other: SimulatedPeer): Promise<void> => {
    const answer = await read(other, cid(peer), 'linearizable')
    if (answer.kind !== 'answered') {
      problem = describe(answer)
      world.schedule(second / 2, () => go(look(peer, other)))
    } else if (answer.value === fresh.get(peer)) {
      served.add(peer)
    } else {
      throw new Violation('fresh reads', `${other.name} reads ${answer.value} of a pin of ${fresh.get(peer)}`)
    }
  }
  const go = (work: Promise<void>): void => void work.catch((err: unknown) => world.report(err))
  world.schedule(1, () => members.forEach((peer) => go(attempt(peer))))
  await until(world, () => {
    const without = members.find((peer) => !served.has(peer))
    return without === undefined ? null : `${without.name} serves no fresh write and read: ${problem}`
  })
}

function present(world: World): SimulatedPeer[] {
  const membership = membershipOf(world.checker.history.membership())
  return world.peers.filter(({ id }) => isIn(membership, id))
}

/** V1: the pins that can be read are those that the log gives. */
async function compareRows(world: World): Promise<void> {
  for (const peer of present(world)) {
    const answers: Answer<{ readonly revision: number; readonly pins: Listing }>[] = []
    void peer.ask(pinsOf).then((answer) => answers.push(answer))
    await until(world, () => (answers.length === 0 ? `the pins of ${peer.name} cannot be read` : null))
    const [answer] = answers
    if (answer?.kind !== 'answered') {
      throw new Violation('pinset', `the pins of ${peer.name} cannot be read: ${answer?.kind}`)
    }
    const { revision, pins } = answer.value
    checkListing(world, peer, revision, pins)
  }
}

async function pinsOf(consensus: PinsetConsensus): Promise<{ readonly revision: number; readonly pins: Listing }> {
  const view = await consensus.state()
  try {
    return { revision: view.revision, pins: await listingOf(view) }
  } finally {
    await view.close()
  }
}
