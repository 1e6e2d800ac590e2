/**
 * Owns the second phase: faults end, every node runs, and within a bound the cluster must be whole and serve again.
 *
 * V1 One leader; its members agree on membership, log, commit index and state. V2 A fresh proposal commits on all, a read is served.
 * V3 No call that began before is left without an answer. V4 The leader stays: nobody disturbs it, removed nodes included.
 */
import { Violation } from '../invariants/violation.ts'
import { isMember, membershipOf } from './membership-data.ts'
import type { SimulatedNode } from './node.ts'
import { millisecond, tickInterval } from './swarm.ts'
import { propose, read } from './workload.ts'
import type { World } from './world.ts'

const rule = 'liveness'

/** Bound in election timeouts (the longest): time for split votes and a snapshot, and for each entry that somebody lacks. */
const boundTimeouts = 60
/** In election timeouts: as long as it takes everybody to become impatient. */
const stayTimeouts = 3
const perEntry = 25 * millisecond

export function healAndServe(world: World): void {
  world.healed = true
  world.rhythms.stop()
  world.trace.line(world.now, 'heal', '')
  let lastHeard = world.network.heal()
  for (const node of world.nodes) {
    node.attention.resume()
    node.attention.slowDown(0, 0)
    lastHeard = Math.max(lastHeard, node.attention.busyUntil)
    node.disk.full = false
    node.disk.fault = null
    if (node.role === 'halted') {
      node.crash()
    }
    if (node.running) {
      node.clock.begin()
    } else {
      node.start()
    }
  }
  clearSuspensions(world)
  const ends = world.nodes.map((node) => node.log.lastIndex)
  const lacking = Math.max(...ends) - Math.min(...ends)
  const bound = boundTimeouts * 2 * (world.swarm.raft.electionTicks as number) * tickInterval + lacking * perEntry
  until(world, bound, () => unsettled(world))
  serve(world, bound)
  until(world, bound, () => unsettled(world) ?? unanswered(world))
  // What was said before may still start a transfer, or bring a higher term, and slow nodes hear it late; who leads after it stays.
  while (world.now <= lastHeard) {
    world.advance()
  }
  until(world, bound, () => unsettled(world) ?? unanswered(world))
  stay(world)
  world.sweep()
}

function stay(world: World): void {
  const [leader] = leaders(world) as [SimulatedNode]
  const { term } = leader
  const end = world.now + stayTimeouts * 2 * (world.swarm.raft.electionTicks as number) * tickInterval
  while (world.now < end) {
    world.advance()
    if (leader.role !== 'leader' || leader.term !== term) {
      throw new Violation(
        rule,
        `${leader.id} leads no more: ${leader.role} of term ${leader.term}, after term ${term} in a healed cluster`,
      )
    }
  }
}

function serve(world: World, bound: number): void {
  let proposal = 0
  let reading = 0
  let retryAt = 0
  until(world, bound, () => {
    const [leader] = leaders(world)
    if (leader !== undefined && world.now >= retryAt) {
      retryAt = world.now + 10 * tickInterval
      proposal = isCommitted(world, proposal) ? proposal : propose(world, leader, world.random)
      reading = world.servedRead(reading) === undefined ? read(world, leader) : reading
    }
    if (!isCommitted(world, proposal)) {
      return 'a fresh proposal is not committed'
    }
    return world.servedRead(reading) === undefined ? 'a fresh read is not served' : null
  })
}

function isCommitted(world: World, proposal: number): boolean {
  return proposal !== 0 && world.checker.once.isApplied(proposal)
}

/** Let things happen until nothing is missing; what is missing at the bound is the violation. */
function until(world: World, bound: number, missing: () => string | null): void {
  const deadline = world.now + bound
  for (;;) {
    const what = missing()
    if (what === null) {
      return
    }
    if (world.now > deadline) {
      throw new Violation(rule, `${what}, ${bound / 1e6} s after the faults have ended`)
    }
    for (let i = 0; i < 8; i++) {
      world.advance()
    }
  }
}

function leaders(world: World): SimulatedNode[] {
  return world.nodes.filter((node) => node.role === 'leader')
}

function unsettled(world: World): string | null {
  const [leader, second] = leaders(world)
  if (leader === undefined || second !== undefined) {
    return leader === undefined ? 'nobody leads' : `both ${leader.id} and ${second?.id} lead`
  }
  const newest = leader.log.membershipAt(leader.log.lastIndex)
  if (leader.commitIndex !== leader.log.lastIndex) {
    return `leader ${leader.id} has committed ${leader.commitIndex} of ${leader.log.lastIndex}`
  }
  const membership = membershipOf(newest.data)
  for (const node of world.nodes) {
    if (isMember(membership, node.id)) {
      const differs = difference(node, leader)
      if (differs !== null) {
        return `${node.id} ${differs}, leader is ${leader.id}`
      }
    }
  }
  return null
}

function difference(node: SimulatedNode, leader: SimulatedNode): string | null {
  if (node.log.lastIndex !== leader.log.lastIndex || node.log.lastTerm !== leader.log.lastTerm) {
    return `has log to ${node.log.lastTerm}/${node.log.lastIndex} and not ${leader.log.lastTerm}/${leader.log.lastIndex}`
  }
  if (node.log.membershipAt(node.log.lastIndex).index !== leader.log.membershipAt(leader.log.lastIndex).index) {
    return 'has another membership'
  }
  if (node.commitIndex !== leader.commitIndex) {
    return `has committed ${node.commitIndex} of ${leader.commitIndex}`
  }
  if (node.state.index !== leader.commitIndex || node.state.head !== leader.state.head) {
    return `has applied ${node.state.index} of ${leader.commitIndex}`
  }
  if (node !== leader && node.leader !== leader.id) {
    return `follows ${node.leader}`
  }
  if (node.disk.suspended) {
    return 'is still suspended'
  }
  return node.idle ? null : 'is not idle'
}

function unanswered(world: World): string | null {
  for (const node of world.nodes) {
    if (node.waitingReads.size > 0 || node.waitingTransfers.size > 0) {
      return `${node.id} has not answered reads [${[...node.waitingReads].join(' ')}], transfers [${[...node.waitingTransfers].join(' ')}]`
    }
  }
  return null
}

/** Where too few voters may vote, the operator has looked at the disks, and lets those vote that have lost nothing. */
function clearSuspensions(world: World): void {
  const stuck = world.nodes.some((node) => {
    const { voters } = membershipOf(node.log.membershipAt(node.log.lastIndex).data)
    const suspended = voters.filter((voter) => world.node(voter).disk.suspended)
    return voters.length > 0 && (voters.length - suspended.length) * 2 <= voters.length
  })
  for (const node of world.nodes) {
    if (stuck && node.disk.suspended && hasLostNothing(world, node)) {
      node.crash()
      node.disk.suspended = false
      node.start()
    }
  }
}

function hasLostNothing(world: World, { disk }: SimulatedNode): boolean {
  const { history } = world.checker
  return (
    !disk.damaged ||
    disk.log.base.index > history.frontier ||
    disk.log.termAt(history.frontier) === history.termAt(history.frontier)
  )
}
