import { describe, expect, it } from 'vitest'

import { encodeMembership, membershipOf } from './membership-data.ts'
import type { SimulatedNode } from './node.ts'
import { productionCore } from './production-core.ts'
import { calm, tickInterval, type Swarm } from './swarm.ts'
import { propose } from './workload.ts'
import { World } from './world.ts'

const electionTicks = 10
const electionTimeout = electionTicks * tickInterval

function build(seed: number, voters: number, spares = 0): World {
  const raft: Swarm['raft'] = { electionTicks, heartbeatTicks: 2 }
  const adjust = (swarm: Swarm): Swarm => ({
    ...calm(swarm),
    deferReady: 0,
    voters,
    spares,
    clockFactors: Array<number>(voters + spares).fill(1),
    raft,
  })
  return new World({ seed, createCore: productionCore, adjust })
}

function run(world: World, duration: number): void {
  const end = world.now + duration
  while (world.now < end) {
    world.advance()
  }
  world.sweep()
}

function leaderOf(world: World): SimulatedNode {
  const leaders = world.nodes.filter((node) => node.role === 'leader')
  expect(leaders).toHaveLength(1)
  return leaders[0] as SimulatedNode
}

/** In an index-free form: propose what the newest membership becomes, and wait. */
function change(
  world: World,
  leader: SimulatedNode,
  next: (voters: readonly string[], learners: readonly string[]) => { voters: string[]; learners: string[] },
): number {
  const newest = leader.log.membershipAt(leader.log.lastIndex)
  const { voters, learners } = membershipOf(newest.data)
  const context = world.newContext()
  world.noteMembershipProposal(context, newest.index)
  leader.input({
    kind: 'proposeMembership',
    data: encodeMembership(next(voters, learners)),
    expectedIndex: newest.index,
    context,
  })
  const { index } = leader.log.membershipAt(leader.log.lastIndex)
  expect(index).toBeGreaterThan(newest.index)
  run(world, electionTimeout)
  return index
}

const seeds = Array.from({ length: 10 }, (_, i) => i + 1)

describe('without faults', () => {
  it.each([1, 2, 3, 5, 7])('election: a leader within 4 timeouts, and no other for 40 (N=%i, 10 seeds)', (voters) => {
    for (const seed of seeds) {
      const world = build(seed, voters)
      run(world, 4 * electionTimeout)
      const leader = leaderOf(world)
      const { term } = leader
      run(world, 40 * electionTimeout)
      expect(leaderOf(world)).toBe(leader)
      expect(leader.term).toBe(term)
      expect(world.checker.elections.terms).toBe(1)
    }
  })

  it.each([3, 5])(
    'election: the leader crashes, another leads within 6 timeouts and what was committed is there (N=%i, 10 seeds)',
    (voters) => {
      for (const seed of seeds) {
        const world = build(seed, voters)
        run(world, 4 * electionTimeout)
        const first = leaderOf(world)
        const proposal = propose(world, first, world.random)
        run(world, electionTimeout)
        expect(world.checker.once.isApplied(proposal)).toBe(true)
        const { lastIndex } = first.log
        first.crash()
        run(world, 6 * electionTimeout)
        expect(leaderOf(world).commitIndex).toBeGreaterThan(lastIndex)
      }
    },
  )

  it('membership: a removed voter learns of it and disturbs nobody (N=4, one removed, 10 seeds)', () => {
    for (const seed of seeds) {
      const world = build(seed, 4)
      run(world, 4 * electionTimeout)
      const leader = leaderOf(world)
      const { term } = leader
      const removed = world.nodes.find((node) => node !== leader) as SimulatedNode
      const index = change(world, leader, (voters, learners) => ({
        voters: voters.filter((id) => id !== removed.id),
        learners: [...learners],
      }))
      expect(removed.commitIndex).toBeGreaterThanOrEqual(index)
      run(world, 20 * electionTimeout)
      expect(leaderOf(world)).toBe(leader)
      expect(leader.term).toBe(term)
    }
  })

  it('membership: a voter that was away while it was removed comes back and disturbs nobody (N=4, one removed, 10 seeds)', () => {
    for (const seed of seeds) {
      const world = build(seed, 4)
      run(world, 4 * electionTimeout)
      const leader = leaderOf(world)
      const { term } = leader
      const removed = world.nodes.find((node) => node !== leader) as SimulatedNode
      removed.crash()
      change(world, leader, (voters, learners) => ({
        voters: voters.filter((id) => id !== removed.id),
        learners: [...learners],
      }))
      run(world, 20 * electionTimeout)
      removed.start()
      run(world, 20 * electionTimeout)
      expect(leaderOf(world)).toBe(leader)
      expect(leader.term).toBe(term)
    }
  })

  it('membership: a removed leader steps down and another takes over at once (N=3, leader removed, 10 seeds)', () => {
    for (const seed of seeds) {
      const world = build(seed, 3)
      run(world, 4 * electionTimeout)
      const leader = leaderOf(world)
      const index = change(world, leader, (voters, learners) => ({
        voters: voters.filter((id) => id !== leader.id),
        learners: [...learners],
      }))
      const next = leaderOf(world)
      expect(next).not.toBe(leader)
      run(world, electionTimeout)
      expect(leader.commitIndex).toBeGreaterThanOrEqual(index)
      expect(next.commitIndex).toBeGreaterThan(index)
    }
  })

  it('membership: an empty node becomes a learner, then a voter, and counts (N=1, one added, 10 seeds)', () => {
    for (const seed of seeds) {
      const world = build(seed, 1, 1)
      run(world, 4 * electionTimeout)
      const leader = leaderOf(world)
      const added = world.nodes.find((node) => node !== leader) as SimulatedNode
      change(world, leader, (voters) => ({ voters: [...voters], learners: [added.id] }))
      expect(added.log.lastIndex).toBe(leader.log.lastIndex)
      change(world, leader, (voters) => ({ voters: [...voters, added.id], learners: [] }))
      expect(leader.commitIndex).toBe(leader.log.lastIndex)
      added.crash()
      const proposal = propose(world, leader, world.random)
      run(world, electionTimeout / 2)
      expect(world.checker.once.isApplied(proposal)).toBe(false)
    }
  })
})
