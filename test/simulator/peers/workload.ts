/** Owns what operators ask of the cluster, and a plain load of pins: every call may fail, none may be forgotten. */
import { CONSENSUS_METHODS } from '@pinset/consensus'
import { DEFAULT_PIN_OPTIONS, type PinRequest } from '@pinset/interface'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { create as createDigest } from 'multiformats/hashes/digest'

import type { Random } from '../random.ts'
import type { Strike } from '../rhythm.ts'
import type { Answer } from './answers.ts'
import { harmless } from './attempts.ts'
import { isMember, membershipOf } from './memberships.ts'
import type { SimulatedPeer } from './peer.ts'
import { second } from './swarm.ts'
import type { World } from './world.ts'

const sha2 = 0x12

/** The n-th CID of a run. */
export function cidOf(number: number): CID {
  const digest = new Uint8Array(32)
  new DataView(digest.buffer).setUint32(0, number)
  return CID.createV1(raw.code, createDigest(sha2, digest))
}

export function requestOf(cid: CID, name: string): PinRequest {
  return { ...DEFAULT_PIN_OPTIONS, name, cid }
}

/** For so long a leader may hold a change of the membership before it proposes it, whatever its caller was told. */
const heldLongest = 30 * second
const removal = /^(remove|demote|replace)-peer/

/** Calls that have not ended. */
export class Calls {
  readonly #world: World
  readonly #open = new Map<number, string>()
  #removalUntil = 0

  constructor(world: World) {
    this.#world = world
  }

  get open(): readonly string[] {
    return [...this.#open.values()]
  }

  /** A removal may be on its way: nobody knows its end, or what became of it. */
  get isRemoving(): boolean {
    return this.#world.now < this.#removalUntil || this.open.some((call) => removal.test(call))
  }

  /** Notes how it ends. */
  watch<Value>(what: string, call: Promise<Answer<Value>>): void {
    const number = this.#world.newNumber()
    this.#open.set(number, what)
    void this.#note(what, number, call)
  }

  async #note<Value>(what: string, number: number, call: Promise<Answer<Value>>): Promise<void> {
    try {
      const answer = await call
      this.#open.delete(number)
      const end = answer.kind === 'failed' ? answer.error.name : answer.kind
      if (removal.test(what) && end !== 'answered' && end !== 'down' && !harmless.has(end)) {
        this.#removalUntil = this.#world.now + heldLongest
      }
      this.#world.count(`${what.slice(0, what.indexOf(' '))}: ${end}`)
    } catch (err) {
      this.#world.report(err)
    }
  }
}

export function startWorkload(world: World, calls: Calls): void {
  const { workload } = world.swarm
  const start = (kind: string, mean: number, strike: Strike): void =>
    world.rhythms.repeat('operation', kind, mean, strike)
  start('client', workload.operation, (random) => operate(world, calls, random))
  start('transfer', workload.transfer, (random) => transfer(world, calls, random))
  start('add-peer', workload.addPeer, (random) => addPeer(world, calls, random))
  start('demote-peer', workload.demotePeer, (random) => demotePeer(world, calls, random))
  start('remove-peer', workload.removePeer, (random) => removePeer(world, calls, random))
}

function operate(world: World, calls: Calls, random: Random): string | null {
  const { workload } = world.swarm
  const peer = anyPeer(world, random)
  if (peer === null) {
    return null
  }
  if (random.chance(workload.read)) {
    const consistency = random.chance(0.7) ? 'linearizable' : 'local'
    calls.watch(`read of ${peer.name}`, read(peer, cidOf(random.int(workload.cids)), consistency))
    return `read, ${peer.name}, ${consistency}`
  }
  const count = random.between(1, workload.burst)
  for (let i = 0; i < count; i++) {
    const cid = cidOf(random.int(workload.cids))
    const name = `${world.newNumber()}`
    if (random.chance(0.6)) {
      calls.watch(
        `pin at ${peer.name}`,
        peer.ask((consensus) => consensus.logPin(requestOf(cid, name))),
      )
    } else {
      calls.watch(
        `unpin at ${peer.name}`,
        peer.ask((consensus) => consensus.logUnpin(cid)),
      )
    }
  }
  return `${count} writes, ${peer.name}`
}

export function read(peer: SimulatedPeer, cid: CID, consistency: 'linearizable' | 'local'): Promise<Answer<number>> {
  return peer.show(async (consensus) => {
    const view = await consensus.state({ consistency })
    try {
      return (await view.get(cid))?.modifiedIndex ?? 0
    } finally {
      await view.close()
    }
  })
}

function transfer(world: World, calls: Calls, random: Random): string | null {
  const peer = anyPeer(world, random)
  if (peer === null) {
    return null
  }
  const to = random.chance(0.5) ? null : random.pick(world.peers)
  calls.watch(
    `transfer at ${peer.name}`,
    peer.ask((consensus) => consensus.transferLeadership(to?.id ?? null)),
  )
  return `to ${to?.name ?? 'anybody'}, ${peer.name}`
}

function addPeer(world: World, calls: Calls, random: Random): string | null {
  const members = membershipOf(world.checker.history.membership())
  // A learner that was demoted is meant to be a voter again.
  const out = world.peers.filter(({ id }) => !isMember(members, id) || members.learners.includes(id))
  const peer = anyPeer(world, random)
  if (out.length === 0 || peer === null) {
    return null
  }
  const newcomer = random.pick(out)
  calls.watch(
    `add-peer at ${peer.name}`,
    peer.ask((consensus) => consensus.addPeer(newcomer.address)),
  )
  return `${newcomer.name}, ${peer.name}`
}

function removePeer(world: World, calls: Calls, random: Random): string | null {
  const { voters, learners } = membershipOf(world.checker.history.membership())
  const peer = anyPeer(world, random)
  const leader = world.peers.find(({ role }) => role === 'leader')
  const leaves = random.chance(0.3) ? leader : world.peer(random.pick([...voters, ...learners]))
  if (peer === null || leaves === undefined || world.isFrail) {
    return null
  }
  if (leaves === leader) {
    world.count('remove-peer, leader')
  }
  calls.watch(
    `remove-peer at ${peer.name}`,
    peer.ask((consensus) => consensus.rmPeer(leaves.id)),
  )
  return `${leaves.name}${leaves === leader ? ', leader' : ''}, ${peer.name}`
}

/** Asked of the leader by its method: no command of production does it yet. */
function demotePeer(world: World, calls: Calls, random: Random): string | null {
  const { voters } = membershipOf(world.checker.history.membership())
  const leader = world.peers.find(({ role }) => role === 'leader')
  const asking = world.peers.find((peer) => peer.running && peer !== leader && voters.includes(peer.id))
  if (leader === undefined || asking === undefined || world.isFrail) {
    return null
  }
  const peerId = world.peer(random.pick(voters)).id
  const { id, storageId, transport } = asking
  const serial = 2 ** 40 + world.newNumber()
  const requestId = { peerId: id, storageId, serial, lowWater: serial - 1 }
  const request = { change: { op: 'demote-peer', peerId }, requestId, actor: '' } as const
  calls.watch(
    `demote-peer at ${asking.name}`,
    asking.ask(async () => transport?.calls.call(leader.id, CONSENSUS_METHODS.changeMembership, request)),
  )
  return `${world.peer(peerId).name}, ${asking.name}`
}

/** Any peer that runs may be asked, a leader more often; null when none runs. */
export function anyPeer(world: World, random: Random): SimulatedPeer | null {
  const running = world.peers.filter((peer) => peer.running)
  const leader = running.find(({ role }) => role === 'leader')
  if (leader !== undefined && random.chance(0.3)) {
    return leader
  }
  return running.length === 0 ? null : random.pick(running)
}
