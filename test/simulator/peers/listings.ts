/**
 * Owns those who list the whole pinset: however long they read, they see it as the log gives it at one revision.
 *
 * LI1 A view shows every pin of its revision and no other, with the index at which it was written. LI2 It shows the same again later,
 * whatever has been applied, switched to or compacted meanwhile.
 */
import type { PinsetConsensus } from '@pinset/consensus'
import type { PinsetView } from '@pinset/interface'

import { Violation } from '../invariants/violation.ts'
import type { Random } from '../random.ts'
import type { Answer } from './answers.ts'
import type { SimulatedPeer } from './peer.ts'
import { millisecond } from './swarm.ts'
import { anyPeer, type Calls } from './workload.ts'
import type { World } from './world.ts'

export function startListings(world: World, calls: Calls): void {
  world.rhythms.repeat('operation', 'list', world.swarm.workload.list, (random) => list(world, calls, random))
}

/** The index of each pin. */
export type Listing = ReadonlyMap<string, number>

export async function listingOf(view: PinsetView): Promise<Listing> {
  const pins = new Map<string, number>()
  for await (const { pin, modifiedIndex } of view.pins()) {
    pins.set(Buffer.from(pin.cid.bytes).toString('latin1'), modifiedIndex)
  }
  return pins
}

/** LI1 @throws {Violation} */
export function checkListing(world: World, { name }: SimulatedPeer, revision: number, pins: Listing): void {
  world.followHistory()
  const expected = world.pinset.pinsAt(revision)
  const isSame = pins.size === expected.size && [...pins].every(([key, index]) => expected.get(key) === index)
  if (!isSame) {
    throw new Violation('pinset', `${name} has ${pins.size} pins at ${revision}, the log gives ${expected.size}`)
  }
}

function list(world: World, calls: Calls, random: Random): string | null {
  const peer = anyPeer(world, random)
  if (peer === null) {
    return null
  }
  const pause = random.chance(0.5) ? random.exponential(300 * millisecond) : null
  calls.watch(`list at ${peer.name}`, listAt(world, peer, pause))
  return `${peer.name}${pause === null ? '' : ', twice'}`
}

/** @param pause - in µs, before it is listed again; null: it is not. */
function listAt(world: World, peer: SimulatedPeer, pause: number | null): Promise<Answer<void>> {
  const { process } = peer
  return peer.show(async (consensus: PinsetConsensus) => {
    const view = await consensus.state()
    const look = async (): Promise<void> => {
      const pins = await listingOf(view)
      world.trace.mix(view.revision)
      world.trace.mix(pins.size)
      world.guard(() => checkListing(world, peer, view.revision, pins))
    }
    try {
      await look()
      if (pause !== null) {
        await process?.delay(pause)
        await look() // LI2
      }
    } finally {
      await view.close()
    }
  })
}
