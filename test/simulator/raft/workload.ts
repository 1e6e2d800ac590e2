/** Owns what clients and operators ask of the cluster: proposals, reads, transfers, elections, membership changes. */
import type { NodeId, RaftMembership } from '@pinset/raft'

import { encodeMembership, isMember, membershipOf } from './membership-data.ts'
import type { SimulatedNode } from './node.ts'
import type { World } from './world.ts'

const maxVoters = 7

export function startWorkload(world: World): void {
  const { workload } = world.swarm
  const { random } = world
  world.repeat(workload.operationMean, () => {
    const node = target(world)
    if (random.chance(workload.read)) {
      read(world, node)
    } else {
      for (let i = node.role === 'leader' ? random.between(1, workload.burst) : 1; i > 0; i--) {
        propose(world, node)
      }
    }
  })
  world.repeat(workload.transfer, () => transfer(world, target(world)))
  world.repeat(workload.membership, () => changeMembership(world, target(world)))
  world.repeat(workload.campaign, () => {
    const node = random.pick(world.nodes)
    node.when(node.run, () => node.input({ kind: 'campaign' }), 'clients')
  })
}

export function propose(world: World, node: SimulatedNode): number {
  const context = world.newContext()
  node.when(
    node.run,
    () => {
      world.checker.proposals.proposed(context)
      node.input({ kind: 'propose', data: world.proposal(context), context })
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
      node.waitingReads.add(context)
      node.input({ kind: 'readIndex', context })
    },
    'clients',
  )
  return context
}

function transfer(world: World, node: SimulatedNode): void {
  const context = world.newContext()
  const to = world.random.chance(0.5) ? null : world.random.pick(world.nodes).id
  node.when(
    node.run,
    () => {
      node.waitingTransfers.add(context)
      node.input({ kind: 'transfer', to, context })
    },
    'clients',
  )
}

function changeMembership(world: World, node: SimulatedNode): void {
  const { random } = world
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

/** Mostly the leader, as clients find it; sometimes anybody. */
function target(world: World): SimulatedNode {
  const { random } = world
  if (random.chance(0.1)) {
    return random.pick(world.nodes)
  }
  const leaders = world.nodes.filter((node) => node.role === 'leader')
  return random.pick(leaders.length === 0 ? world.nodes : leaders)
}
