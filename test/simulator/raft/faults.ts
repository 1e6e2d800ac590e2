/** Owns which faults strike when: each kind in its own rhythm from the seed, until the cluster is healed. */
import { isMember, membershipOf } from './membership-data.ts'
import type { PartitionMode } from '../network.ts'
import type { SimulatedNode } from './node.ts'
import type { World } from './world.ts'

const partitionModes: readonly PartitionMode[] = ['none', 'uniform-size', 'uniform-assignment', 'isolate-one']

export function startFaults(world: World): void {
  const { faults } = world.swarm
  const { random } = world
  world.repeat(faults.crash, () => crash(world, victim(world)))
  world.repeat(faults.crashAll, () => {
    for (const node of world.nodes) {
      crash(world, node)
    }
  })
  world.repeat(faults.pause, () => pause(world, victim(world)))
  world.repeat(faults.partition, () => partition(world))
  world.repeat(faults.clog, () => {
    world.countFault('link clogged')
    world.network.clog(random.exponential(faults.clogMean))
  })
  world.repeat(faults.reset, () => {
    world.countFault('connection reset')
    world.network.reset()
  })
  world.repeat(faults.wipe, () => wipe(world, random.pick(world.nodes)))
}

/** A node that nobody counts any more loses its disk, and may be admitted again as one that knows nothing. */
function wipe(world: World, node: SimulatedNode): void {
  const isNamed = (other: SimulatedNode): boolean =>
    [...other.log.memberships, other.log.membershipAt(other.log.base.index)].some(({ data }) =>
      isMember(membershipOf(data), node.id),
    )
  const isRemoved = !isMember(membershipOf(world.checker.history.membership()), node.id)
  if (!isRemoved || node.disk.hardState.term === 0 || world.nodes.some((other) => other !== node && isNamed(other))) {
    return
  }
  world.countFault('removed node wiped')
  node.crash()
  node.wipe()
  world.network.resetNode(node.id)
  node.start()
}

/** A halted process is stopped by its operator sooner or later, also when the seed has no crashes. */
export function restartWhenHalted(world: World, node: SimulatedNode): void {
  const { run } = node
  world.schedule(world.random.exponential(world.swarm.faults.downMean), () => {
    if (node.run === run) {
      crash(world, node)
    }
  })
}

function crash(world: World, node: SimulatedNode): void {
  if (!node.running) {
    return
  }
  world.countFault(node.paused ? 'crash while paused' : node.role === 'leader' ? 'crash of a leader' : 'crash')
  node.crash()
  world.schedule(world.random.exponential(world.swarm.faults.downMean), () => {
    if (!node.running) {
      world.coverage.count('restart')
      node.start()
    }
  })
}

function pause(world: World, node: SimulatedNode): void {
  if (!node.running || node.paused) {
    return
  }
  world.countFault(node.role === 'leader' ? 'pause of a leader' : 'pause')
  node.pause()
  const { run } = node
  world.schedule(world.random.exponential(world.swarm.faults.pauseMean), () => {
    if (node.run === run) {
      node.resume()
    }
  })
}

function partition(world: World): void {
  const { random, network } = world
  const mode = random.pick(partitionModes)
  const symmetric = random.chance(0.6)
  world.countFault(`partition ${mode}${symmetric ? '' : ', asymmetric'}`)
  network.partition(mode, symmetric, victim(world).id)
  world.schedule(random.exponential(world.swarm.faults.partitionMean), () => network.open())
}

/** Whom a fault strikes: a leader more often than chance would have it, for it has most to lose. */
function victim(world: World): SimulatedNode {
  const { random, nodes } = world
  const leader = nodes.find((node) => node.role === 'leader')
  return leader !== undefined && random.chance(0.3) ? leader : random.pick(nodes)
}
