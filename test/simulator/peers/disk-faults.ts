/** Owns what goes wrong with disks, and that it stays within what the others can make good (`operator.ts`). */
import { entryKey } from '../../../packages/storage/src/log/log-records.ts'
import type { DiskRead } from '@pinset/storage'

import type { Random } from '../random.ts'
import type { Operator } from './operator.ts'
import type { SimulatedPeer } from './peer.ts'
import type { World } from './world.ts'

/** The next write or sync fails, anywhere or of the state, and the peer halts. */
export function failWrite(operator: Operator, peer: SimulatedPeer, random: Random): string | null {
  if (peer.process === null || peer.control.fault !== null || !operator.mayBreak(peer)) {
    return null
  }
  const phase = random.pick(['write', 'sync'] as const)
  const database = random.chance(0.5) ? 'state' : ''
  peer.control.fault = { kind: 'failure', phase, database, code: 'EIO', mayStrike: () => operator.mayBreak(peer) }
  return `${peer.name}, its next ${phase}${database === '' ? '' : ` of the ${database}`}`
}

/** One of the next reads fails, of the log or anywhere, of this run or of the next start; only that of a log can cost the vote. */
export function failRead(world: World, operator: Operator, peer: SimulatedPeer, random: Random): string | null {
  const { process, control, name } = peer
  if (process === null || control.readFault !== null) {
    return null
  }
  const database = random.chance(0.4) ? '/log' : ''
  const left = random.between(1, 12)
  const mayStrike = ({ database: of }: DiskRead): boolean =>
    of.includes('state') || !peer.running || operator.mayBreak(peer)
  const fault = { database, left, mayStrike }
  const what = `read ${left} of ${database === '' ? 'all' : 'the log'}`
  if (random.chance(0.3)) {
    peer.crash((_, unsynced) => random.int(unsynced + 1))
    control.readFaultAtStart = fault
    world.schedule(random.exponential(world.swarm.faults.downMean) + 1, () => peer.start())
    return `${name}, ${what} of its next start`
  }
  control.readFault = fault
  return `${name}, its next ${what}`
}

/** There is room for a few more bytes, until somebody makes room; no promise is lost by it, so all disks may fill up at once. */
export function fillDisk(world: World, peer: SimulatedPeer, random: Random): string | null {
  const full = random.chance(0.3) ? world.peers : [peer]
  const filled = full.filter(({ process, control }) => process !== null && !control.isFull)
  const left = random.chance(0.5) ? 0 : random.int(4000)
  for (const { control } of filled) {
    const { disk } = control
    control.fill(left)
    world.schedule(random.exponential(world.swarm.faults.downMean) + 1, () => {
      if (control.disk === disk) {
        control.makeRoom()
      }
    })
  }
  if (filled.length > 1) {
    world.count('several disks full')
  }
  return filled.length === 0 ? null : `${filled.map(({ name }) => name).join(' ')}, ${left} bytes are left`
}

/** The process dies, and some byte on its disk is another one when it starts again. */
export function damage(world: World, operator: Operator, peer: SimulatedPeer, random: Random): string | null {
  if (peer.process === null || !operator.mayBreak(peer)) {
    return null
  }
  const { control, name } = peer
  peer.crash((_, unsynced) => random.int(unsynced + 1))
  world.network.resetNode(peer.id)
  const where = random.pick(['log', 'log', 'log', 'roots', 'state'] as const)
  const databases = control.disk.databases()
  const database = databases.find((each) => (where === 'state' ? each.includes('/state-') : each.endsWith('/log')))
  if (database === undefined) {
    return null
  }
  const firstEntry = entryKey(0)
  const records = control.disk
    .records(database)
    .filter(({ key }) => where === 'state' || Buffer.compare(key, firstEntry) >= 0 === (where === 'log'))
  if (records.length > 0) {
    const { key, value } = random.pick(records)
    if (where === 'log' && random.chance(0.3)) {
      control.disk.removeRecord(database, key)
    } else {
      control.disk.flipByte(database, key, random.int(value.length), 1 << random.int(8))
    }
    peer.damaged(where)
    world.count(`damage: ${where}`)
  }
  world.schedule(random.exponential(world.swarm.faults.downMean) + 1, () => peer.start())
  return `${name}, ${where}`
}

/** The whole disk is gone. */
export function wipe(operator: Operator, peer: SimulatedPeer): string | null {
  if (!operator.mayBreak(peer)) {
    return null
  }
  peer.damaged('all')
  operator.replaceDisk(peer)
  return peer.name
}
