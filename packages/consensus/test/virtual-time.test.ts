/** Short runs in virtual time under loss, cuts, crashes and restarts: safety while it lasts, agreement after it has healed. */
import type { PinOutcome, UnpinOutcome } from '@pinset/interface'
import { describe, expect, it } from 'vitest'

import { cidOf, requestOf } from './support/test-cluster.ts'
import { isUnknown, VirtualWorld, type VirtualPeer } from './support/virtual-world.ts'

/** What one client knows of its own pin; nobody else writes it. */
interface Belief {
  readonly name: string
  /** Index of the pin as this client has seen it last; 0: absent. */
  index: number
  /** The answer to the last write did not come: look before the next one. */
  isUnsure: boolean
  /** Indices on which writes of unknown fate depend: such a write may take effect at any time while the pin is there. */
  readonly open: Set<number>
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

/** Every write depends on the index that the client has seen: one applied twice, late, or lost after its answer shows as a conflict. */
async function step(world: VirtualWorld, belief: Belief): Promise<void> {
  const peers = world.peers.filter(({ running }) => running !== null)
  if (peers.length === 0) {
    return
  }
  const peer = world.pick(peers)
  const { name, open } = belief
  const cid = await cidOf(name)
  const request = await requestOf(name, { metadata: { step: String(world.random()) } })
  try {
    if (belief.isUnsure) {
      const record = await peer.ask(async (consensus) => {
        const view = await consensus.state({ consistency: 'linearizable' })
        try {
          return await view.get(cid)
        } finally {
          await view.close()
        }
      })
      belief.index = record?.modifiedIndex ?? 0
      belief.isUnsure = false
    }
  } catch {
    return
  }
  const ifModifiedIndex = belief.index
  // Absence comes again, an index does not: a late write that waits for absence must not find it.
  const pins = ifModifiedIndex === 0 || open.has(0) || world.random() < 0.6
  try {
    const { outcome } = await peer.ask<{ outcome: PinOutcome | UnpinOutcome }>((consensus) =>
      pins ? consensus.logPin(request, { ifModifiedIndex }) : consensus.logUnpin(cid, { ifModifiedIndex }),
    )
    belief.acknowledged += 1
    if (outcome.kind === 'conflict') {
      expect(open, `${name} was seen at ${ifModifiedIndex} and is at ${outcome.modifiedIndex}`).toContain(
        ifModifiedIndex,
      )
      belief.isUnsure = true
    } else if (outcome.kind === 'refused') {
      expect(outcome.reason).toContain('not a member')
    } else {
      expect(outcome).toMatchObject(pins ? { kind: 'pinned', changed: true } : { kind: 'unpinned' })
      belief.index = outcome.kind === 'pinned' ? outcome.modifiedIndex : 0
    }
  } catch (err) {
    if (isUnknown(err)) {
      open.add(ifModifiedIndex)
      belief.isUnsure = true
    } else if (err instanceof Error && err.name === 'AssertionError') {
      throw err
    }
  }
}

async function disturb(world: VirtualWorld, mayBreakDisk: boolean): Promise<void> {
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
  } else if (chance < 0.78 && mayBreakDisk && world.brokenDisk === null) {
    // Of one peer only: a quorum that has lost what it promised elects nobody, and that is right.
    world.brokenDisk = peer
    peer.disk.failAt('sync', 1 + Math.floor(world.random() * 20))
  } else {
    peer.crash()
  }
}

/** Somebody asks for a new peer, or for one to go. */
async function changeMembers(world: VirtualWorld): Promise<void> {
  const running = world.peers.filter((peer) => peer.running !== null && peer.consensus.status().relation === 'member')
  if (running.length === 0) {
    return
  }
  const { consensus } = world.pick(running)
  const { members } = consensus.status()
  if (world.random() < 0.5 && world.peers.length < 6) {
    const newcomer = await world.add({ founds: false })
    const byToken = world.random() < 0.5
    await newcomer.start(byToken ? running.map(({ address }) => address) : null)
    if (!byToken) {
      consensus.addPeer(newcomer.address).catch(() => {})
    }
  } else if (members.length > 3) {
    consensus.rmPeer(world.pick(members).peerId).catch(() => {})
  }
}

async function finish(world: VirtualWorld, beliefs: readonly Belief[]): Promise<readonly VirtualPeer[]> {
  world.heal()
  for (const peer of world.peers) {
    peer.mendDisk()
    if (peer.running !== null && peer.consensus.status().haltedReason !== null) {
      peer.crash()
    }
    if (peer.running === null) {
      await peer.start(null)
    }
  }
  const membersNow = (): readonly VirtualPeer[] => {
    const leader = world.peers.find(
      ({ consensus }) => consensus.status().role === 'leader' && consensus.status().relation === 'member',
    )
    const members = leader?.consensus.status().members ?? []
    return world.peers.filter(({ peerId }) => members.some((member) => member.peerId === peerId))
  }
  const agree = (): boolean => {
    const members = membersNow()
    const statuses = members.map(({ consensus }) => consensus.status())
    const [first] = statuses
    const others = world.peers.filter((peer) => !members.includes(peer))
    return (
      first !== undefined &&
      statuses.every(
        (status) =>
          status.relation === 'member' &&
          status.leader !== null &&
          !status.pending &&
          status.members.every(({ suffrage, wanted }) => suffrage === wanted) &&
          status.appliedIndex === first.appliedIndex &&
          status.commitIndex === status.appliedIndex &&
          status.head === first.head,
      ) &&
      // Who is out knows it, unless it never came in.
      others.every(({ consensus }) => consensus.status().relation !== 'member')
    )
  }
  const agreed = await world.run(120_000, agree)
  expect(agreed, describeWorld(world)).toBe(true)
  const members = membersNow()
  const digests = new Set(members.map(({ consensus }) => consensus.status().stateDigest))
  expect(digests.size).toBe(1)
  for (const peer of members) {
    await checkBeliefs(peer, beliefs)
  }
  return members
}

async function checkBeliefs({ consensus }: VirtualPeer, beliefs: readonly Belief[]): Promise<void> {
  const view = await consensus.state()
  for (const { name, index, isUnsure, open } of beliefs) {
    const found = (await view.get(await cidOf(name)))?.modifiedIndex ?? 0
    if (!isUnsure && !open.has(index)) {
      expect(found, `${name} on ${consensus.status().peerId}`).toBe(index)
    }
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

interface Run {
  readonly acknowledged: number
  readonly trace: string
}

async function simulate(seed: number, changesMembers = false): Promise<Run> {
  const world = await startWorld(seed, 3)
  const beliefs = Array.from({ length: 6 }, (_, at): Belief => ({
    name: `pin ${at}`,
    index: 0,
    isUnsure: false,
    open: new Set(),
    acknowledged: 0,
  }))
  const load = { isOver: false }
  const failures: unknown[] = []
  const clients = beliefs.map(async (belief) => {
    while (!load.isOver) {
      await step(world, belief)
      await world.delay(world.random() * 60)
    }
  })
  const watched = Promise.all(clients).catch((err: unknown) => failures.push(err))
  for (let round = 0; round < 12; round += 1) {
    await world.run(300 + world.random() * 2_000)
    await (changesMembers && world.random() < 0.4 ? changeMembers(world) : disturb(world, !changesMembers))
  }
  load.isOver = true
  let ended = false
  void watched.then(() => (ended = true))
  expect(await world.run(60_000, () => ended), 'every call has ended').toBe(true)
  expect(failures).toEqual([])
  const [member] = await finish(world, beliefs)
  const { head, appliedIndex } = member?.consensus.status() ?? { head: '', appliedIndex: 0 }
  const trace = `${head} ${appliedIndex} ${world.events} ${world.nowMs}`
  for (const peer of world.peers) {
    peer.crash()
  }
  await world.run(1)
  return { acknowledged: beliefs.reduce((sum, belief) => sum + belief.acknowledged, 0), trace }
}

describe('PinsetConsensus in virtual time', () => {
  it.each(Array.from({ length: 4 }, (_, seed) => [seed + 1]))(
    'seed %i: no acknowledged write is lost or applied twice, and all agree',
    { timeout: 60_000 },
    async (seed) => {
      const { acknowledged } = await simulate(seed)
      expect(acknowledged).toBeGreaterThan(50)
    },
  )

  it.each(Array.from({ length: 4 }, (_, seed) => [seed + 1]))(
    'seed %i, while peers come and go: the same, and who is out learns it',
    { timeout: 60_000 },
    async (seed) => {
      const { acknowledged } = await simulate(seed, true)
      expect(acknowledged).toBeGreaterThan(20)
    },
  )

  it('the same seed gives the same run', { timeout: 60_000 }, async () => {
    expect((await simulate(42)).trace).toBe((await simulate(42)).trace)
  })
})
