/** Short runs in virtual time under loss, cuts, crashes and restarts: safety while it lasts, agreement after it has healed. */
import type { PinOutcome, UnpinOutcome } from '@pinset/interface'
import { describe, expect, it } from 'vitest'

import { cidOf, requestOf } from './support/test-cluster.ts'
import { isUnknown, VirtualWorld, type VirtualPeer } from './support/virtual-world.ts'

/** What one client knows of its own pin. */
interface Belief {
  readonly name: string
  /** Indices that the pin may have now; 0: absent; null: some index that is not known. */
  possible: Set<number | null>
  acknowledged: number
}

async function startWorld(seed: number, size: number): Promise<VirtualWorld> {
  const world = new VirtualWorld(seed)
  const first = await world.add({ founds: true })
  await first.start(null)
  for (let number = 2; number <= size; number += 1) {
    const peer = await world.add({ founds: false })
    await peer.start([first.address])
  }
  const formed = await world.run(60_000, () =>
    world.peers.every(
      ({ consensus }) => consensus.status().members.filter(({ suffrage }) => suffrage === 'voter').length === size,
    ),
  )
  expect(formed).toBe(true)
  return world
}

/** Every step is conditional on what the client believes: a write applied twice, or lost after its acknowledgement, shows as a conflict. */
async function step(world: VirtualWorld, belief: Belief): Promise<void> {
  const peers = world.peers.filter(({ running }) => running !== null)
  if (peers.length === 0) {
    return
  }
  const { consensus } = world.pick(peers)
  const known = belief.possible.size === 1 ? [...belief.possible][0] : undefined
  const options = known === undefined || known === null ? {} : { ifModifiedIndex: known }
  const pins = world.random() < 0.6
  try {
    const { outcome }: { outcome: PinOutcome | UnpinOutcome } = pins
      ? await consensus.logPin(
          await requestOf(belief.name, { metadata: { step: String(Math.floor(world.random() * 1e9)) } }),
          options,
        )
      : await consensus.logUnpin(await cidOf(belief.name), options)
    belief.acknowledged += 1
    if (outcome.kind === 'conflict') {
      expect(options, `${belief.name}: a conflict with what this client knows for certain`).toEqual({})
    } else if (outcome.kind === 'pinned') {
      belief.possible = new Set([outcome.modifiedIndex])
    } else {
      expect(['unpinned', 'not-pinned']).toContain(outcome.kind)
      belief.possible = new Set([0])
    }
  } catch (err) {
    if (isUnknown(err)) {
      belief.possible.add(pins ? null : 0)
    }
  }
}

async function disturb(world: VirtualWorld): Promise<void> {
  const chance = world.random()
  const peer = world.pick(world.peers)
  if (chance < 0.25) {
    world.lossRate = world.random() * 0.3
  } else if (chance < 0.45) {
    world.cutOff(peer)
  } else if (chance < 0.7) {
    world.heal()
  } else if (peer.running === null) {
    await peer.start(null)
  } else {
    peer.crash()
  }
}

async function finish(world: VirtualWorld, beliefs: readonly Belief[]): Promise<void> {
  world.heal()
  for (const peer of world.peers) {
    if (peer.running === null) {
      await peer.start(null)
    }
  }
  const agree = (): boolean => {
    const statuses = world.peers.map(({ consensus }) => consensus.status())
    const [first] = statuses
    return statuses.every(
      (status) =>
        status.leader !== null &&
        status.appliedIndex === first?.appliedIndex &&
        status.commitIndex === status.appliedIndex &&
        status.head === first.head,
    )
  }
  const agreed = await world.run(60_000, agree)
  expect(agreed, describeWorld(world)).toBe(true)
  const digests = new Set(world.peers.map(({ consensus }) => consensus.status().stateDigest))
  expect(digests.size).toBe(1)
  for (const peer of world.peers) {
    await checkBeliefs(peer, beliefs)
  }
}

async function checkBeliefs({ consensus }: VirtualPeer, beliefs: readonly Belief[]): Promise<void> {
  const view = await consensus.state()
  for (const { name, possible } of beliefs) {
    const record = await view.get(await cidOf(name))
    const index = record?.modifiedIndex ?? 0
    const isPossible = possible.has(index) || (index > 0 && possible.has(null))
    expect(isPossible, `${name} is at ${index}, possible are ${[...possible].join(', ')}`).toBe(true)
  }
  await view.close()
}

function describeWorld(world: VirtualWorld): string {
  return world.peers
    .map(
      ({ peerId, running }) =>
        `${peerId}\n${running?.consensus.describe() ?? 'stopped'}\n${JSON.stringify(running?.consensus.status())}`,
    )
    .join('\n')
}

async function simulate(seed: number): Promise<{ readonly acknowledged: number; readonly trace: string }> {
  const world = await startWorld(seed, 3)
  const beliefs = Array.from({ length: 6 }, (_, at): Belief => ({
    name: `pin ${at}`,
    possible: new Set([0]),
    acknowledged: 0,
  }))
  let over = false
  const failures: unknown[] = []
  const clients = beliefs.map(async (belief) => {
    while (!over) {
      await step(world, belief)
      await world.delay(world.random() * 60)
    }
  })
  const watched = Promise.all(clients).catch((err: unknown) => failures.push(err))
  for (let round = 0; round < 12; round += 1) {
    await world.run(300 + world.random() * 2_000)
    await disturb(world)
  }
  over = true
  let ended = false
  void watched.then(() => (ended = true))
  await world.run(60_000, () => ended)
  expect(failures).toEqual([])
  await finish(world, beliefs)
  const { head, appliedIndex } = world.peers[0]?.consensus.status() ?? { head: '', appliedIndex: 0 }
  const trace = `${head} ${appliedIndex} ${world.events} ${world.nowMs}`
  for (const peer of world.peers) {
    peer.crash()
  }
  await world.run(1)
  return { acknowledged: beliefs.reduce((sum, belief) => sum + belief.acknowledged, 0), trace }
}

describe('PinsetConsensus in virtual time', () => {
  it.each(Array.from({ length: 8 }, (_, seed) => [seed + 1]))(
    'seed %i: no acknowledged write is lost or applied twice, and all agree',
    { timeout: 60_000 },
    async (seed) => {
      const { acknowledged } = await simulate(seed)
      expect(acknowledged).toBeGreaterThan(50)
    },
  )

  it('the same seed gives the same run', { timeout: 60_000 }, async () => {
    expect((await simulate(42)).trace).toBe((await simulate(42)).trace)
  })
})
