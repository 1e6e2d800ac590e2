/** Owns which faults strike when: each kind in its own rhythm from the seed, until the cluster is healed. */
import { isMember, membershipOf } from './membership-data.ts'
import type { PartitionMode } from '../network.ts'
import type { SimulatedNode } from './node.ts'
import type { Random } from '../random.ts'
import type { Strike } from '../rhythm.ts'
import { tickInterval } from './swarm.ts'
import type { World } from './world.ts'

const partitionModes: readonly PartitionMode[] = ['none', 'uniform-size', 'uniform-assignment', 'isolate-one']

export function startFaults(world: World): void {
  const { faults } = world.swarm
  const start = (kind: string, mean: number, strike: Strike): void => world.rhythms.repeat('fault', kind, mean, strike)
  start('crash', faults.crash, (random) => crash(world, victim(world, random), random))
  start('crash-all', faults.crashAll, (random) => crashAll(world, random))
  start('pause', faults.pause, (random) => pause(world, victim(world, random), random))
  start('partition', faults.partition, (random) => partition(world, random))
  start('clog', faults.clog, (random) => world.network.clog(random.exponential(faults.clogMean), random))
  start('reset', faults.reset, (random) => world.network.reset(random))
  start('wipe', faults.wipe, (random) => wipe(world, random.pick(world.nodes), random))
  start('crash-at-write', faults.crashAtWrite, (random) => crashAtWrite(world, victim(world, random), random))
  start('write-failure', faults.writeFailure, (random) => failWrite(victim(world, random)))
  start('disk-full', faults.diskFull, (random) => fillDisk(world, victim(world, random), random))
  start('damage', faults.damage, (random) => damage(world, forgetful(world, random), random))
  start('slow', faults.slow, (random) => slowDown(world, victim(world, random), random))
  start('clock-jump', faults.clockJump, (random) => jumpClock(world, victim(world, random), random))
  start('nonsense', faults.nonsense, (random) => world.nonsense.send(random))
}

/** A node that nobody counts any more loses its disk, and may be admitted again as one that knows nothing. */
function wipe(world: World, node: SimulatedNode, random: Random): string | null {
  const isNamed = (other: SimulatedNode): boolean =>
    [...other.log.memberships, other.log.membershipAt(other.log.base.index)].some(({ data }) =>
      isMember(membershipOf(data), node.id),
    )
  const isRemoved = !isMember(membershipOf(world.checker.history.membership()), node.id)
  if (!isRemoved || node.disk.hardState.term === 0 || world.nodes.some((other) => other !== node && isNamed(other))) {
    return null
  }
  node.crash(random)
  node.wipe()
  world.disconnect(node.id)
  node.start()
  return node.id
}

/** A halted process is stopped by its operator sooner or later, also when the seed has no crashes. */
export function restartWhenHalted(world: World, node: SimulatedNode, random: Random): void {
  const { run } = node
  world.schedule(random.exponential(world.swarm.faults.downMean), () => {
    if (node.run === run) {
      crash(world, node, random)
    }
  })
}

/** @param survivors - of the operations that wait for the disk; by default the seed chooses. */
function crash(world: World, node: SimulatedNode, random: Random, survivors?: number): string | null {
  if (!node.running) {
    return null
  }
  const how = node.paused ? ', paused' : node.role === 'leader' ? ', leader' : ''
  world.count(`crash${how}`)
  node.crash(random, survivors)
  world.schedule(random.exponential(world.swarm.faults.downMean), () => {
    if (!node.running) {
      world.count('restart')
      node.start()
    }
  })
  return `${node.id}${how}`
}

function crashAll(world: World, random: Random): string | null {
  const crashed = world.nodes.filter((node) => crash(world, node, random) !== null)
  return crashed.length === 0 ? null : crashed.map(({ id }) => id).join(' ')
}

/** The next write is the last thing that this run does: it dies just before it, in the middle of it, or when it has just ended. */
function crashAtWrite(world: World, node: SimulatedNode, random: Random): string | null {
  if (!node.running || node.disk.fault !== null) {
    return null
  }
  const when = random.pick(['before', 'in', 'after'] as const)
  node.disk.fault = {
    kind: 'crash',
    survivors: (count) => (when === 'before' ? 0 : when === 'in' ? random.int(count + 1) : count),
    crash: (survivors) => {
      world.count(`crash ${when} a write`)
      crash(world, node, random, survivors)
    },
  }
  return `${node.id}, ${when} its next write`
}

function failWrite(node: SimulatedNode): string | null {
  if (!node.running || node.disk.fault !== null) {
    return null
  }
  node.disk.fault = { kind: 'failure' }
  return `${node.id}, its next write`
}

function fillDisk(world: World, { id, disk }: SimulatedNode, random: Random): string | null {
  if (disk.full) {
    return null
  }
  disk.full = true
  const duration = random.exponential(world.swarm.faults.fullMean)
  world.schedule(duration, () => {
    disk.full = false
  })
  return `${id}, ${milliseconds(duration)}`
}

function damage(world: World, node: SimulatedNode, random: Random): string | null {
  if (!world.mayDamage(node)) {
    return null
  }
  crash(world, node, random)
  const { disk } = node
  const before = { log: disk.log.copy(), hardState: disk.hardState }
  const tookTerms = disk.damage(random, random.chance(0.5))
  world.checker.recovered.damaged(node.id, before.log, disk.log.lastIndex)
  if (tookTerms) {
    world.count('damage took terms')
    world.checker.monotonic.damaged(node.id, disk.hardState)
  }
  const { term, vote } = before.hardState
  return `${node.id}, what is left ends at ${disk.log.lastIndex}${tookTerms ? `, in term ${disk.hardState.term} instead of ${term} with vote ${vote ?? '-'}` : ''}`
}

function slowDown(world: World, node: SimulatedNode, random: Random): string | null {
  if (!node.running) {
    return null
  }
  const { slowMean, slowStepMean } = world.swarm.faults
  const duration = random.exponential(slowMean)
  node.attention.slowDown(slowStepMean, duration)
  return `${node.id}, ${milliseconds(slowStepMean)} for each thing, ${milliseconds(duration)}`
}

function jumpClock(world: World, node: SimulatedNode, random: Random): string | null {
  if (!node.running) {
    return null
  }
  const ticks = random.between(1, 4 * (world.swarm.raft.electionTicks as number))
  if (random.chance(0.5)) {
    world.count('clock jumps forwards')
    node.clock.jump(ticks)
    return `${node.id}, ${ticks} ticks forwards`
  }
  world.count('clock jumps back')
  node.clock.standStill(ticks * tickInterval)
  return `${node.id}, ${ticks} ticks back`
}

function pause(world: World, node: SimulatedNode, random: Random): string | null {
  if (!node.running || node.paused) {
    return null
  }
  const how = node.role === 'leader' ? ', leader' : ''
  world.count(`pause${how}`)
  node.attention.pause()
  const { run } = node
  const duration = random.exponential(world.swarm.faults.pauseMean)
  world.schedule(duration, () => {
    if (node.run === run) {
      node.attention.resume()
    }
  })
  return `${node.id}${how}, ${milliseconds(duration)}`
}

function partition(world: World, random: Random): string {
  const { network } = world
  const mode = random.pick(partitionModes)
  const symmetric = random.chance(0.6)
  const how = `${mode}${symmetric ? '' : ', asymmetric'}`
  world.count(`partition ${how}`)
  const sides = network.partition(mode, symmetric, victim(world, random).id, random)
  const duration = random.exponential(world.swarm.faults.partitionMean)
  world.schedule(duration, () => network.open())
  return `${how}, ${sides}, ${milliseconds(duration)}`
}

/** Whom a fault strikes: a leader more often than chance would have it, for it has most to lose. */
function victim(world: World, random: Random): SimulatedNode {
  const { nodes } = world
  const leader = nodes.find((node) => node.role === 'leader')
  const prefersLeader = random.chance(0.3)
  const any = random.pick(nodes)
  return prefersLeader ? (leader ?? any) : any
}

/** Whom damage strikes: often one that has gone on to a later term than a leader that knows nothing of it, for it has terms to forget. */
function forgetful(world: World, random: Random): SimulatedNode {
  const any = victim(world, random)
  const ahead = world.nodes.filter(({ term }) =>
    world.nodes.some((other) => other.role === 'leader' && other.term < term),
  )
  return ahead.length > 0 && random.chance(0.7) ? random.pick(ahead) : any
}

function milliseconds(duration: number): string {
  return `${(duration / 1000).toFixed(1)} ms`
}
