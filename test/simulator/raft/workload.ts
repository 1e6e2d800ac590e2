/** Owns what clients and operators ask of the cluster: proposals, reads, transfers, elections, membership changes. */
import type { NodeId, RaftMembership } from '@pinset/raft'

import { encodeMembership, isMember, membershipOf } from './membership-data.ts'
import type { SimulatedNode } from './node.ts'
import { proposalData } from './proposal-data.ts'
import type { Random } from '../random.ts'
import type { Strike } from '../rhythm.ts'
import type { World } from './world.ts'

const maxVoters = 7

export function startWorkload(world: World): void {
  const { workload } = world.swarm
  const start = (kind: string, mean: number, strike: Strike): void =>
    world.rhythms.repeat('operation', kind, mean, strike)
  start('read', workload.read, (random) => {
    const node = target(world, random)
    if (node === null) {
      return null
    }
    read(world, node)
    return node.id
  })
  start('propose', workload.propose, (random) => {
    const node = target(world, random)
    if (node === null) {
      return null
    }
    const count = random.between(1, workload.burst)
    for (let i = node.role === 'leader' ? count : 1; i > 0; i--) {
      propose(world, node, random)
    }
    return node.id
  })
  start('transfer', workload.transfer, (random) => {
    const node = target(world, random)
    return node === null ? null : transfer(world, node, random)
  })
  start('membership', workload.membership, (random) => {
    const node = target(world, random)
    return node === null ? null : changeMembership(world, node, random)
  })
  start('campaign', workload.campaign, (random) => {
    const node = random.pick(world.nodes)
    node.when(node.run, () => node.input({ kind: 'campaign' }), 'clients')
    return node.id
  })
}

export function propose(world: World, node: SimulatedNode, random: Random): number {
  const context = world.newContext()
  const data = proposalData(context, random.between(4, world.swarm.workload.maxBytes))
  node.when(
    node.run,
    () => {
      world.checker.proposals.proposed(context)
      node.input({ kind: 'propose', data, context })
    },
    'clients',
  )
  return context
}

export function read(world: World, node: SimulatedNode): number {
  const context = world.newContext()
  node.when(
    node.run,
    () => {
      world.checker.reads.began(context, world.checker.history.frontier)
      world.checker.confirmed.began(context)
      node.waitingReads.add(context)
      node.input({ kind: 'readIndex', context })
    },
    'clients',
  )
  return context
}

function transfer(world: World, node: SimulatedNode, random: Random): string {
  const context = world.newContext()
  const to = random.chance(0.5) ? null : random.pick(world.nodes).id
  node.when(
    node.run,
    () => {
      node.waitingTransfers.add(context)
      node.input({ kind: 'transfer', to, context })
    },
    'clients',
  )
  return `${node.id} → ${to ?? 'any'}`
}

function changeMembership(world: World, node: SimulatedNode, random: Random): string {
  node.when(
    node.run,
    () => {
      if (world.nodes.some(({ disk }) => disk.damaged)) {
        return // With one voter that may not vote, removing another can leave nobody who could lead, for ever.
      }
      const newest = node.log.membershipAt(node.log.lastIndex)
      const present = membershipOf(newest.data)
      const changes = possibleChanges(world, present, node.id)
      if (changes.length === 0) {
        return
      }
      let next = random.pick(changes)
      if (random.chance(0.05)) {
        // Two steps in one are refused when both move a voter.
        next = random.pick([...possibleChanges(world, next, node.id), next])
      }
      const expectedIndex = random.chance(0.05) ? random.int(newest.index + 1) : newest.index
      const context = world.newContext()
      world.noteMembershipProposal(context, expectedIndex)
      node.input({ kind: 'proposeMembership', data: encodeMembership(next), expectedIndex, context })
    },
    'clients',
  )
  return node.id
}

function possibleChanges(world: World, { voters, learners }: RaftMembership, self: NodeId): RaftMembership[] {
  if (voters.length === 0) {
    return []
  }
  const without = (nodes: readonly NodeId[], node: NodeId): NodeId[] => nodes.filter((other) => other !== node)
  const changes: RaftMembership[] = []
  for (const { id } of world.nodes) {
    if (!isMember({ voters, learners }, id)) {
      changes.push({ voters, learners: [...learners, id] })
    }
  }
  for (const learner of learners) {
    changes.push({ voters, learners: without(learners, learner) })
    if (voters.length < maxVoters) {
      const promotion = { voters: [...voters, learner], learners: without(learners, learner) }
      changes.push(promotion, promotion)
    }
  }
  if (voters.length > 1) {
    for (const voter of voters) {
      changes.push(
        { voters: without(voters, voter), learners: [...learners, voter] },
        { voters: without(voters, voter), learners },
      )
    }
    if (voters.includes(self)) {
      changes.push({ voters: without(voters, self), learners })
    }
  }
  return changes
}

/** Mostly the leader, as clients find it; sometimes anybody; while nobody leads they mostly wait. */
function target(world: World, random: Random): SimulatedNode | null {
  const leaders = world.nodes.filter((node) => node.role === 'leader')
  if (random.chance(0.1)) {
    return random.pick(world.nodes)
  }
  return leaders.length === 0 ? null : random.pick(leaders)
}
