/**
 * Owns the third look at a cluster that is healed: more writes through each follower than it may ask of its leader at a time.
 *
 * RU1 They come one after the other while the first are on their way, and nothing comes after them that could wake what waits.
 * RU2 All are pinned in half of the time after which a call gives up.
 */
import { Violation } from '../invariants/violation.ts'
import type { SimulatedPeer } from './peer.ts'
import { millisecond } from './swarm.ts'
import { cidOf, requestOf } from './workload.ts'
import type { World } from './world.ts'

/** A follower has four calls on their way at most. */
const writes = 24
/** Nobody else pins these. */
const firstCid = 3_000_000
/** Much less than the way to the leader and back takes: each write comes in a turn of its own. */
const apart = 100

/** Room for all at once: none is refused and tried again, and no follower falls behind the log, where it waits for the next snapshot. */
function isRoomy({ swarm }: World): boolean {
  const { maxPendingCalls = 0, maxQueuedOperations = 0, trailingEntries = 0, compactAfterEntries = 0 } = swarm.limits
  const { maxUncommittedBytes = Infinity } = swarm.raft
  const keepsLog = trailingEntries > writes || compactAfterEntries >= 50_000
  return keepsLog && maxPendingCalls > writes && maxQueuedOperations > writes && maxUncommittedBytes > 1000 * writes
}

export async function rushFollowers(world: World, members: readonly SimulatedPeer[]): Promise<void> {
  if (!isRoomy(world)) {
    return
  }
  for (const peer of members.filter(({ role }) => role !== 'leader')) {
    await rush(world, peer)
  }
}

async function rush(world: World, peer: SimulatedPeer): Promise<void> {
  const began = world.now
  const bound = ((world.swarm.limits.leaderWaitMs ?? 0) * millisecond) / 2
  let pinned = 0
  const pin = async (number: number): Promise<void> => {
    const request = requestOf(cidOf(firstCid + writes * peer.ordinal + number), `rush ${number}`)
    const answer = await peer.ask((consensus) => consensus.logPin(request))
    if (answer.kind !== 'answered' || answer.value.outcome.kind !== 'pinned') {
      const why = answer.kind === 'failed' ? answer.error.message : answer.kind
      throw new Violation('rush', `write ${number} of many through ${peer.name}: ${why}`)
    }
    pinned++
  }
  for (let number = 0; number < writes; number++) {
    world.schedule(1 + number * apart, () => void pin(number).catch((err: unknown) => world.report(err))) // RU1
  }
  await world.until(() => pinned === writes || world.now - began > bound)
  if (pinned < writes) {
    throw new Violation(
      'rush',
      `${pinned} of ${writes} writes through ${peer.name} are pinned after ${bound / millisecond} ms`,
    ) // RU2
  }
  world.count('rush: pinned')
}
