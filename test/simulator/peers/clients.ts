/**
 * Owns clients that contend for a few CIDs through whatever peer runs, and write down what they see: the history of the run.
 *
 * CL1 A client asks for one thing at a time. What it does is drawn from the seed alone, in a rhythm like everything else.
 * CL2 A write with an idempotency key is repeated, through any peer, while it has no answer; without a key it is asked for once.
 *    Sometimes it is repeated long after it was answered.
 * CL3 A CID is left for a fresh one before its history is too large to be searched.
 * CL4 Some time after the faults have ended every client is at rest, and every CID has been read through every member.
 */
import type { CID } from 'multiformats/cid'

import { Recorder, type Answer, type OpenOperation } from '../../linearizability/history.ts'
import { Violation } from '../invariants/violation.ts'
import { Random } from '../random.ts'
import {
  attemptRead,
  attemptWrite,
  callOf,
  contentOf,
  type Attempt,
  type Distort,
  type Look,
  type Write,
} from './attempts.ts'
import { drawRequest, keyText, swarmOfClients, type ClientSwarm } from './client-swarm.ts'
import { isMember, membershipOf } from './memberships.ts'
import { checkAgain, checkFates, checkHistories, checkLook, type Written } from './oracles.ts'
import type { SimulatedPeer } from './peer.ts'
import { epochMs } from './process.ts'
import { millisecond, second } from './swarm.ts'
import { anyPeer, cidOf } from './workload.ts'
import type { World } from './world.ts'

/** CIDs of nobody else. */
const firstCid = 2_000_000
/** CL3: below what the checker takes, with room for the reads at the end. */
const mostOperations = 1900
const mostUnknown = 12
/** For all that is under way when the faults end, with its repetitions. */
const bound = 300 * second
const stream = 0x636c69

export interface ClientsInit {
  /** What the clients talk to instead of a peer's consensus: one that is broken. */
  readonly distort?: Distort
  /** Settings that the seed does not choose. */
  readonly adjust?: (swarm: ClientSwarm) => ClientSwarm
  /** What is held against what clients saw: their histories, the committed log, or both. @default 'both' */
  readonly judge?: 'histories' | 'log' | 'both'
}

interface Client {
  readonly name: string
  isBusy: boolean
  /** The newest revision that it was told. */
  seen: number
  /** The newest `modifiedIndex` that it was told, by CID. */
  readonly known: Map<string, number>
  /** It sets its clock by the times in answers. */
  timeMs: number
}

/** A CID that is contended for. */
interface Slot {
  readonly cid: CID
  operations: number
  /** Writes of unknown fate, and those that may become so. */
  unknown: number
}

export class Clients {
  readonly recorder = new Recorder()
  readonly #world: World
  readonly #swarm: ClientSwarm
  readonly #distort: Distort
  readonly #judge: 'histories' | 'log' | 'both'
  readonly #clients: readonly Client[]
  readonly #slots: Slot[]
  readonly #written: Written[] = []
  #cids = 0

  constructor(world: World, { distort, adjust, judge = 'both' }: ClientsInit = {}) {
    const swarm = swarmOfClients(new Random(world.seed, stream))
    this.#world = world
    this.#swarm = adjust === undefined ? swarm : adjust(swarm)
    this.#distort = distort ?? ((surface) => surface)
    this.#judge = judge
    this.#clients = Array.from({ length: this.#swarm.clients }, (_, n) => newClient(`c${n + 1}`))
    this.#slots = Array.from({ length: this.#swarm.slots }, () => this.#freshSlot())
  }

  start(): void {
    this.#world.rhythms.repeat('operation', 'contend', this.#swarm.mean, (random) => this.#act(random))
  }

  /** CL4, and then everything that must hold of what was seen. @throws {Violation} */
  async finish(): Promise<void> {
    await this.#until(() => this.#clients.every(({ isBusy }) => !isBusy), 'calls of clients have not ended')
    let left = 0
    const membership = membershipOf(this.#world.checker.history.membership())
    for (const peer of this.#world.peers.filter(({ id }) => isMember(membership, id))) {
      left++
      this.#readAll(peer)
        .then(() => left--)
        .catch((err: unknown) => this.#world.report(err))
    }
    await this.#until(() => left === 0, 'not every member serves the pins of clients')
    if (this.#judge !== 'log') {
      checkHistories(this.recorder.operations)
    }
    if (this.#judge !== 'histories') {
      checkFates(this.#world.pinset, this.#written)
    }
  }

  async #until(done: () => boolean, problem: string): Promise<void> {
    const deadline = this.#world.now + bound
    await this.#world.until(() => done() || this.#world.now > deadline)
    if (!done()) {
      throw new Violation('liveness', `${problem}, ${bound / second} s after the cluster was whole`)
    }
  }

  async #readAll(peer: SimulatedPeer): Promise<void> {
    const client = newClient(`end ${peer.name}`)
    for (let n = 0; n < this.#cids; n++) {
      while (!(await this.#readLinearizable(client, cidOf(firstCid + n), peer))) {
        await this.#pause(second / 2)
      }
    }
  }

  /** CL1 */
  #act(random: Random): string | null {
    const client = random.pick(this.#clients)
    if (client.isBusy || !this.#world.peers.some(({ running }) => running)) {
      return null
    }
    const at = random.int(this.#slots.length)
    let slot = this.#slots[at] as Slot
    if (slot.operations >= mostOperations || slot.unknown >= mostUnknown) {
      slot = this.#freshSlot() // CL3
      this.#slots[at] = slot
    }
    slot.operations++
    client.isBusy = true
    const { done, text } = random.chance(this.#swarm.read)
      ? this.#read(client, slot, random)
      : this.#write(client, slot, random)
    done
      .catch((err: unknown) => this.#world.report(err))
      .finally(() => {
        client.isBusy = false
      })
    return `${client.name} ${text}`
  }

  #read(client: Client, { cid }: Slot, random: Random): { done: Promise<unknown>; text: string } {
    const peer = anyPeer(this.#world, random)
    if (peer === null) {
      return { done: Promise.resolve(), text: 'read, nobody runs' }
    }
    if (random.chance(this.#swarm.localRead)) {
      const least = random.chance(0.7) ? client.seen : 0
      return { done: this.#readLocal(client, cid, peer, least), text: `local read from ${least}, ${peer.name}` }
    }
    return { done: this.#readLinearizable(client, cid, peer), text: `read, ${peer.name}` }
  }

  async #readLocal(client: Client, cid: CID, peer: SimulatedPeer, least: number): Promise<void> {
    const look = await attemptRead(peer, cid, { minRevision: least }, this.#distort)
    this.#tell(client, 'local read', typeof look === 'string' ? look : 'answered')
    if (typeof look === 'string') {
      return
    }
    this.#check(client, cid, peer, look, least)
    if (least > 0) {
      client.seen = Math.max(client.seen, look.revision)
    }
  }

  /** @returns whether there was an answer. */
  async #readLinearizable(client: Client, cid: CID, peer: SimulatedPeer): Promise<boolean> {
    const key = cid.toString()
    const operation = this.recorder.begin(client.name, key, { kind: 'read' }, `through ${peer.name}`)
    const look = await attemptRead(peer, cid, { consistency: 'linearizable' }, this.#distort)
    this.#tell(client, 'read', typeof look === 'string' ? look : 'answered')
    if (typeof look === 'string') {
      operation.notHappened()
      return false
    }
    const { revision, record } = look
    const modifiedIndex = record?.modifiedIndex ?? 0
    operation.answered(
      record === null
        ? { kind: 'absent', revision }
        : { kind: 'present', content: contentOf(record.pin), modifiedIndex, revision },
      this.#time(),
    )
    this.#check(client, cid, peer, look, client.seen)
    client.known.set(key, modifiedIndex)
    client.seen = Math.max(client.seen, revision)
    return true
  }

  #check(client: Client, cid: CID, peer: SimulatedPeer, look: Look, least: number): void {
    this.#world.trace.mix(look.revision)
    if (this.#judge !== 'histories') {
      this.#world.followHistory()
      checkLook(this.#world.pinset, `${client.name} through ${peer.name}`, cid, least, look)
    }
  }

  #write(client: Client, slot: Slot, random: Random): { done: Promise<void>; text: string } {
    const { unpin, unique, conditional, keyed } = this.#swarm
    const key = slot.cid.toString()
    const isUnique = random.chance(unique)
    const request = random.chance(unpin)
      ? null
      : drawRequest(random, slot.cid, isUnique ? `u${this.#world.newNumber()}` : null)
    const known = random.chance(0.2) ? 0 : client.known.get(key)
    const timeMs = Math.max(client.timeMs, Math.floor(epochMs + this.#world.now / 1000))
    const options = {
      actor: client.name,
      ...(known !== undefined && random.chance(conditional) && { ifModifiedIndex: known }),
      ...(random.chance(keyed) && { idempotencyKey: keyText(timeMs, this.#world.newNumber()) }),
    }
    const write = { cid: slot.cid, request, options }
    const operation = this.recorder.begin(client.name, key, callOf(write), this.#time())
    slot.unknown++
    const text = request === null ? 'unpin' : `pin ${contentOf(request)}`
    const ended = async (): Promise<void> => {
      const { attempt, notes } = await this.#attemptAll(client, write, random)
      slot.unknown -= attempt.kind === 'unknown' ? 0 : 1
      const fate = end(operation, attempt, [...notes, this.#time()].join(', '))
      this.#written.push({ client: client.name, write, isUnique: isUnique && request !== null, fate })
      this.#learn(client, key, attempt)
      if (attempt.kind === 'answered' && options.idempotencyKey !== undefined && random.chance(this.#swarm.again)) {
        await this.#askAgain(client, write, attempt.answer, random)
      }
    }
    return { done: ended(), text }
  }

  /** CL2 @returns what the client knows after the last attempt. */
  async #attemptAll(
    client: Client,
    write: Write,
    random: Random,
  ): Promise<{ readonly attempt: Attempt; readonly notes: readonly string[] }> {
    const most = write.options.idempotencyKey === undefined ? 1 : this.#swarm.attempts
    const notes: string[] = []
    let unknown: Attempt | null = null
    for (let n = 1; ; n++) {
      const peer = anyPeer(this.#world, random)
      const patience = random.chance(this.#swarm.impatient) ? random.exponential(300 * millisecond) : null
      const attempt: Attempt =
        peer === null
          ? { kind: 'nothing', detail: 'nobody runs' }
          : await attemptWrite(peer, write, this.#distort, patience)
      const how = attempt.kind === 'answered' ? attempt.answer.kind : attempt.detail
      notes.push(`${peer?.name ?? 'nobody'}: ${how}`)
      this.#tell(client, write.request === null ? 'unpin' : 'pin', how)
      if (attempt.kind === 'answered') {
        this.#world.count(
          `client: answered at attempt ${n === 1 ? '1' : unknown === null ? '2+' : '2+, after unknown'}`,
        )
        return { attempt, notes }
      }
      unknown = attempt.kind === 'unknown' ? attempt : unknown
      if (n >= most) {
        return { attempt: unknown ?? attempt, notes }
      }
      await this.#pause(random.exponential(200 * millisecond) + 1)
    }
  }

  /** CL2 */
  async #askAgain(client: Client, write: Write, first: Answer, random: Random): Promise<void> {
    await this.#pause(random.exponential(second / 2) + 1)
    const peer = anyPeer(this.#world, random)
    const attempt = peer === null ? null : await attemptWrite(peer, write, this.#distort, null)
    this.#tell(client, 'again', attempt?.kind ?? 'nobody runs')
    if (attempt?.kind === 'answered' && this.#judge !== 'histories') {
      checkAgain(`${client.name} through ${peer?.name}`, first, attempt.answer)
    }
  }

  #learn(client: Client, key: string, attempt: Attempt): void {
    if (attempt.kind === 'answered') {
      const { answer } = attempt
      this.#world.trace.mix(answer.revision)
      client.seen = Math.max(client.seen, answer.revision)
      client.timeMs = Math.max(client.timeMs, attempt.timeMs)
      const isAbsent = answer.kind === 'unpinned' || answer.kind === 'not-pinned'
      const index = 'modifiedIndex' in answer ? answer.modifiedIndex : isAbsent ? 0 : null
      if (index !== null) {
        client.known.set(key, index)
      }
    }
  }

  #freshSlot(): Slot {
    return { cid: cidOf(firstCid + this.#cids++), operations: 0, unknown: 0 }
  }

  #tell({ name }: Client, what: string, how: string): void {
    this.#world.count(`client ${what}: ${how}`)
    this.#world.trace.mixText(how)
    this.#world.trace.line(this.#world.now, name, `${what}: ${how}`)
  }

  #pause(us: number): Promise<void> {
    return new Promise((resolve) => this.#world.schedule(us, resolve))
  }

  #time(): string {
    return `${(this.#world.now / 1000).toFixed(3)} ms`
  }
}

function newClient(name: string): Client {
  return { name, isBusy: false, seen: 0, known: new Map(), timeMs: 0 }
}

function end(operation: OpenOperation, attempt: Attempt, note: string): Written['fate'] {
  switch (attempt.kind) {
    case 'answered':
      operation.answered(attempt.answer, note)
      return { kind: 'answered', returnedAt: 0, answer: attempt.answer }
    case 'unknown':
      operation.unknown(note)
      return { kind: 'unknown' }
    case 'nothing':
      operation.notHappened()
      return { kind: 'not-happened' }
  }
}
