/** Owns which faults strike when: each kind in its own rhythm from the seed, until the cluster is healed. */
import type { PartitionMode } from '../network.ts'
import type { Random } from '../random.ts'
import type { Strike } from '../rhythm.ts'
import { damage, failRead, failWrite, fillDisk, wipe } from './disk-faults.ts'
import type { Operator } from './operator.ts'
import type { SimulatedPeer } from './peer.ts'
import type { World } from './world.ts'

const partitionModes: readonly PartitionMode[] = ['none', 'uniform-size', 'uniform-assignment', 'isolate-one']

export function startFaults(world: World, operator: Operator): void {
  const { faults } = world.swarm
  const start = (kind: string, mean: number, strike: Strike): void => world.rhythms.repeat('fault', kind, mean, strike)
  start('crash', faults.crash, (random) => crash(world, victim(world, random), random))
  start('crash-all', faults.crashAll, (random) => crashAll(world, random))
  start('crash-at-write', faults.crashAtWrite, (random) => crashAtWrite(world, victim(world, random), random))
  start('stop', faults.stop, (random) => stop(world, victim(world, random), random))
  start('pause', faults.pause, (random) => pause(world, victim(world, random), random))
  start('partition', faults.partition, (random) => partition(world, random))
  start('clog', faults.clog, (random) => world.network.clog(random.exponential(faults.clogMean), random))
  start('reset', faults.reset, (random) => reset(world, random))
  start('clock-jump', faults.clockJump, (random) => jumpClock(world, victim(world, random), random))
  start('write-failure', faults.writeFailure, (random) => failWrite(operator, victim(world, random), random))
  start('read-failure', faults.readFailure, (random) => failRead(world, operator, victim(world, random), random))
  start('disk-full', faults.diskFull, (random) => fillDisk(world, victim(world, random), random))
  start('damage', faults.damage, (random) => damage(world, operator, victim(world, random), random))
  start('wipe', faults.wipe, (random) => wipe(operator, victim(world, random)))
  start('snapshot-break', faults.snapshotBreak, () => breakSnapshots(world))
}

/** Power goes, or only the process: then all that was written survives. */
function crash(world: World, peer: SimulatedPeer, random: Random): string | null {
  if (peer.process === null) {
    return null
  }
  const how = !peer.running ? ', starting' : peer.process.paused ? ', paused' : peer.role === 'leader' ? ', leader' : ''
  const kept = random.pick(['none', 'some', 'all'] as const)
  world.count(`crash${how}`)
  peer.crash((_, unsynced) => (kept === 'none' ? 0 : kept === 'all' ? unsynced : random.int(unsynced + 1)))
  world.schedule(random.exponential(world.swarm.faults.downMean) + 1, () => peer.start())
  return `${peer.name}${how}, ${kept} of what was unsynced is kept`
}

function crashAll(world: World, random: Random): string | null {
  const crashed = world.peers.filter((peer) => crash(world, peer, random) !== null)
  return crashed.length === 0 ? null : crashed.map(({ name }) => name).join(' ')
}

function crashAtWrite(world: World, peer: SimulatedPeer, random: Random): string | null {
  const { process, control, name } = peer
  if (process === null || control.fault !== null) {
    return null
  }
  const point = random.pick(['before', 'after'] as const)
  if (random.chance(0.2)) {
    control.faultAtStart = { kind: 'crash', point }
    return `${crash(world, peer, random)}, and ${point} the first write of its start`
  }
  control.fault = { kind: 'crash', point }
  return `${name}, ${point} its next write`
}

function stop(world: World, peer: SimulatedPeer, random: Random): string | null {
  if (!peer.running || peer.process?.paused === true || peer.isStopping) {
    return null
  }
  const downMean = random.exponential(world.swarm.faults.downMean) + 1
  peer.stop().then(
    () => world.schedule(downMean, () => peer.start()),
    (err: unknown) => world.report(err),
  )
  return peer.name
}

function pause(world: World, { process, name, role }: SimulatedPeer, random: Random): string | null {
  if (process === null || process.paused) {
    return null
  }
  const how = role === 'leader' ? ', leader' : ''
  world.count(`pause${how}`)
  process.pause()
  world.schedule(random.exponential(world.swarm.faults.pauseMean), () => process.resume())
  return `${name}${how}`
}

function partition(world: World, random: Random): string {
  const { network } = world
  const mode = random.pick(partitionModes)
  const symmetric = random.chance(0.6)
  world.count(`partition ${mode}${symmetric ? '' : ', asymmetric'}`)
  const sides = network.partition(mode, symmetric, victim(world, random).id, random)
  world.schedule(random.exponential(world.swarm.faults.partitionMean), () => network.open())
  return sides
}

/** A connection is lost, and with it the calls and snapshots on it. */
function reset(world: World, random: Random): string {
  const name = world.network.reset(random)
  const [a, b] = [random.pick(world.peers), random.pick(world.peers)]
  a.transport?.connectionLost(b.id)
  b.transport?.connectionLost(a.id)
  return `${name}, calls ${a.name}-${b.name}`
}

function jumpClock(world: World, peer: SimulatedPeer, random: Random): string {
  const jumpMs = random.pick([-3_600_000, -10_000, -100, 100, 10_000, 600_000])
  world.count(`clock jumps ${jumpMs < 0 ? 'back' : 'forwards'}`)
  peer.wallJumpMs += jumpMs
  return `${peer.name}, ${jumpMs} ms`
}

function breakSnapshots(world: World): string | null {
  const broken = world.peers.filter((peer) => (peer.transport?.snapshots.broken(null) ?? 0) > 0)
  return broken.length === 0 ? null : `from ${broken.map(({ name }) => name).join(' ')}`
}

/** Whom a fault strikes: a leader more often than chance would have it, for it has most to lose. */
function victim(world: World, random: Random): SimulatedPeer {
  const leader = world.peers.find((peer) => peer.role === 'leader')
  return leader !== undefined && random.chance(0.3) ? leader : random.pick(world.peers)
}
