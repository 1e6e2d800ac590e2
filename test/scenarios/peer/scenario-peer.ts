/**
 * One peer of a scenario: production consensus and storage over a disk in memory, started, stopped and crashed by commands.
 *
 * Owns: the disk with what it is told to do, the process with its clocks. Not: what happens between peers.
 */
import type { ClusterStatus, Logger, PeerId } from '@pinset/interface'
import {
  type Clock,
  type ConsensusLimits,
  createConsensus,
  encodeAdmissionRecord,
  foundCluster,
  OPERATION_VERSION,
  type PinsetConsensus,
} from '@pinset/consensus'
import { createStorage, type DiskEvent, MemoryDisk, openStorage, type Storage } from '@pinset/storage'

import { START_MS } from './names.ts'
import { PeerNetwork } from './peer-network.ts'
import { watchedEnvironment } from './storage-words.ts'
import type { Owner, World } from './world.ts'

export interface Running {
  readonly consensus: PinsetConsensus
  readonly storage: Storage
  readonly network: PeerNetwork
  readonly crashed: PromiseWithResolvers<never>
  readonly end: () => void
}

export interface StartOptions {
  readonly join?: readonly string[] | null
  /** The host runs turns at once instead of later, as none may. */
  readonly turnsAtOnce?: boolean
}

type Level = 'debug' | 'info' | 'warn' | 'error'
const LEVELS: readonly Level[] = ['debug', 'info', 'warn', 'error']

/** The client of a peer that crashes hears nothing more. */
class NoAnswer extends Error {
  override readonly name = 'no answer'
}

/** What of a database can be made to wait: batches, before they are written or before they are synced, or what was read. */
export type DiskPhase = DiskEvent['phase'] | 'read'

interface Gate {
  readonly database: string
  readonly phase: DiskPhase
  readonly waiting: (() => void)[]
}

export class ScenarioPeer implements Owner {
  readonly peerId: PeerId
  readonly #world: World
  readonly #find: (peerId: string) => ScenarioPeer | undefined
  readonly #limits: Partial<ConsensusLimits>
  #disk: MemoryDisk
  running: Running | null = null
  pausedUntilMs = 0
  wallOffsetMs = 0
  journal: Level = 'error'
  isDiskWatched = false
  isAdmissionWatched = false
  #gates: Gate[] = []
  #randomState: number

  constructor(
    world: World,
    peerId: string,
    find: (peerId: string) => ScenarioPeer | undefined,
    limits: Partial<ConsensusLimits>,
  ) {
    this.#world = world
    this.peerId = peerId as PeerId
    this.#find = find
    this.#limits = limits
    this.#randomState = peerId.charCodeAt(0)
    this.#disk = new MemoryDisk()
    this.disk = this.#disk
  }

  get disk(): MemoryDisk {
    return this.#disk
  }

  /** Another disk, such as an old copy or an empty one. */
  set disk(disk: MemoryDisk) {
    this.#disk = disk
    disk.intercept = ({ database, phase }) => this.#pass(database, phase)
    disk.interceptRead = ({ database }) => this.#pass(database, 'read')
  }

  get address(): string {
    return `/memory/${this.peerId}/p2p/${this.peerId}`
  }

  get network(): PeerNetwork | null {
    return this.running?.network ?? null
  }

  get consensus(): PinsetConsensus {
    if (this.running === null) throw new Error(`${this.peerId} does not run`)
    return this.running.consensus
  }

  get status(): ClusterStatus {
    return this.consensus.status()
  }

  async create(storageId: string, founds: boolean): Promise<void> {
    const { peerId, address } = this
    const member = { peerId, storageId, name: peerId, addresses: [address], supportedVersion: OPERATION_VERSION }
    const nonce = new Uint8Array(32).fill(7)
    const founded = founds ? foundCluster({ member, nonce, timeMs: START_MS }) : null
    await createStorage(this.disk.mount(), {
      storageId,
      cluster: founded === null ? null : { clusterId: founded.clusterId, epoch: 1, entry: founded.entry },
    })
  }

  /** An empty database that belongs to the cluster of another peer already, and knows its members. */
  async bind(member: ScenarioPeer): Promise<void> {
    const { clusterId, epoch } = member.status
    const { members } = member.consensus.peers().membership
    const storage = await openStorage(this.disk.mount())
    const admission = encodeAdmissionRecord({ clusterId: clusterId ?? '', epoch, members })
    await storage.bind({ clusterId: clusterId ?? '', epoch, admission })
    await storage.close()
  }

  /** @throws what opening the storage throws. */
  async start(options: StartOptions = {}): Promise<void> {
    const { peerId, disk } = this
    const world = this.#world
    const environment = watchedEnvironment(disk.mount(), (line) => {
      if (this.isDiskWatched && !line.startsWith('state')) world.note(`${peerId} ${line.replace(/ serials<\d+/, '')}`)
    })
    this.#gates = []
    const storage = await openStorage(environment)
    if (storage.damage !== null) world.note(`${peerId} damage from ${storage.damage.index} on: ${storage.damage.what}`)
    const network = new PeerNetwork(world, this, this.#find)
    const life = { isAlive: true }
    const whileAlive = (run: () => void) => () => void (life.isAlive && run())
    const clock: Clock = {
      nowMs: () => world.nowMs,
      wallMs: () => START_MS + Math.floor(world.nowMs) + this.wallOffsetMs,
      setTimer: (delayMs, callback) => world.at(delayMs, this, whileAlive(callback)),
    }
    const consensus = createConsensus(
      {
        storage,
        raftTransport: network,
        rpc: network,
        dialer: network,
        clock,
        logger: this.#logger(),
        scheduler: {
          schedule: (task) => {
            if (options.turnsAtOnce === true) task()
            else world.at(0, this, whileAlive(task))
          },
        },
        prepare: { pin: (request, { nowMs }) => ({ ...request, allocations: [], timestampMs: nowMs }) },
      },
      {
        peerId,
        name: peerId,
        addresses: [this.address],
        random: () => this.#random(),
        join: options.join === undefined || options.join === null ? null : { addresses: options.join },
        limits: { leaderWaitMs: 6_000, ...this.#limits },
      },
    )
    const crashed = Promise.withResolvers<never>()
    crashed.promise.catch(() => {})
    const end = (): void => {
      network.alive = false
      life.isAlive = false
    }
    this.running = { consensus, storage, network, crashed, end }
    await consensus.start()
  }

  /** A clean stop; hands leadership over, so that time has to pass. */
  async stop(): Promise<void> {
    const { running } = this
    if (running === null) return
    await running.consensus.stop()
    running.end()
    this.running = null
    await running.storage.close()
  }

  /** Power goes. @param kept - how many unsynced batches of a database survive. */
  crash(kept: (database: string) => number = () => 0): void {
    const { running } = this
    this.running = null
    this.pausedUntilMs = 0
    this.disk.crash({ keep: (database) => kept(database) })
    this.#gates = []
    if (running === null) return
    running.end()
    running.crashed.reject(new NoAnswer(`${this.peerId} has crashed`))
    void running.consensus.stop().catch(() => {})
    void running.storage.close().catch(() => {})
  }

  /** The answer of a call, unless the peer crashes before. */
  async ask<Value>(call: (consensus: PinsetConsensus) => Promise<Value>): Promise<Value> {
    const { running } = this
    if (running === null) throw new Error(`${this.peerId} does not run`)
    return await Promise.race([call(running.consensus), running.crashed.promise])
  }

  refused(reason: string): void {
    if (this.isAdmissionWatched) this.#world.note(`${this.peerId} refuses: ${reason}`)
  }

  // ---- the disk ----

  /** Writes, syncs or reads of this database wait from now on. */
  holdDisk(database: string, phase: DiskPhase): void {
    this.#gates.push({ database, phase, waiting: [] })
  }

  /** What waits at this database goes on: so many, or all and nothing waits any more. */
  releaseDisk(database: string, count: number | null): void {
    for (const gate of this.#gates.filter((each) => each.database === database)) {
      for (const go of gate.waiting.splice(0, count ?? gate.waiting.length)) go()
    }
    if (count === null) this.#gates = this.#gates.filter((gate) => gate.database !== database)
  }

  #pass(name: string, wanted: DiskPhase): Promise<void> | undefined {
    const gate = this.#gates.find(({ database, phase }) => wanted === phase && name === `consensus/${database}`)
    return gate === undefined ? undefined : new Promise<void>((resolve) => gate.waiting.push(resolve))
  }

  #logger(): Logger {
    const write =
      (level: Level) =>
      (message: string, fields: Readonly<Record<string, unknown>> = {}) => {
        if (LEVELS.indexOf(level) < LEVELS.indexOf(this.journal)) return
        const cause = fields['err'] instanceof Error ? ` (${fields['err'].message})` : ''
        this.#world.note(`${this.peerId} ${level}: ${message}${cause}`)
      }
    return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
  }

  #random(): number {
    this.#randomState = (Math.imul(this.#randomState, 1_664_525) + 1_013_904_223) >>> 0
    return this.#randomState / 2 ** 32
  }
}
