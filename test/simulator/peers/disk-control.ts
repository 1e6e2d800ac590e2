/**
 * Owns what goes wrong on one peer's disk, and when: every batch passes here before it is written and again before it is synced.
 *
 * DC1 A crash at a point of a write leaves either all that was written before it, or that and the write itself.
 * DC2 After a failed write nothing of that run is written any more (production's own rule); the disk is fine again at the next start.
 * DC3 Every read passes here too. One that fails, fails once: nothing is lost by it.
 */
import { diskError, MemoryDisk, readError, type DiskEvent, type DiskRead } from '@pinset/storage'

import type { Process } from './process.ts'
import type { World } from './world.ts'

/** Before the write, or when it is durable and nobody has heard of it. */
export type CrashPoint = 'before' | 'after'

export type DiskFault =
  | { readonly kind: 'crash'; readonly point: CrashPoint }
  | {
      readonly kind: 'failure'
      readonly phase: DiskEvent['phase']
      /** Part of the name of the database; empty for any. */
      readonly database: string
      readonly code: 'EIO' | 'ENOSPC'
      /** Asked when it is about to strike. */
      readonly mayStrike: () => boolean
    }

export interface ReadFault {
  /** Part of the name of the database; empty for any. */
  readonly database: string
  /** The read with this number that fits, counted from now, fails. */
  left: number
  /** Asked when it is about to strike. */
  readonly mayStrike: (read: DiskRead) => boolean
}

/** Asked at every disk event: end the process here? */
export type CrashPlan = (peer: string, event: number) => CrashPoint | null

/** A new one each time: who waits for it must be forgotten. */
const neverEnding = (): Promise<void> => new Promise<void>(() => {})

export class DiskControl {
  disk = new MemoryDisk()
  /** Strikes at the next event that it fits. */
  fault: DiskFault | null = null
  /** For the first event of the next run that it fits. */
  faultAtStart: DiskFault | null = null
  readFault: ReadFault | null = null
  readFaultAtStart: ReadFault | null = null
  /** Batches written or synced so far. */
  events = 0
  /** A write of the present run has failed, or a read that the peer cannot do without. */
  hasFailed = false
  /** It has failed, so that its next start may find that it must not vote. */
  isInDoubt = false
  /** What has failed to be read in the present run. */
  readonly unread = { log: false, state: false }
  #isAside = false
  readonly #world: World
  readonly #id: string

  constructor(world: World, id: string) {
    this.#world = world
    this.#id = id
  }

  /** From now on batches are on behalf of this process. */
  serve(process: Process, crash: (point: CrashPoint, database: string) => void): void {
    this.fault = this.faultAtStart
    this.faultAtStart = null
    this.hasFailed = false
    this.#serveReads(process)
    this.disk.intercept = (event) => {
      if (!process.alive) {
        return neverEnding()
      }
      const point = this.#world.crashPlan?.(this.#id, ++this.events) ?? this.#crashPoint(event)
      if (point !== null) {
        this.fault = null
        crash(point, event.database)
        return neverEnding()
      }
      if (this.fault?.kind === 'failure' && fits(this.fault, event) && this.fault.mayStrike()) {
        const { code } = this.fault
        this.fault = null
        this.#world.count(`${event.phase} failed, ${databaseOf(event)}`)
        this.hasFailed = true
        this.isInDoubt = true
        throw diskError(code)
      }
      const waited = this.#wait(process, event)
      return waited === undefined ? this.#needRoom(event) : waited.then(() => this.#needRoom(event))
    }
  }

  /** Read for the invariants: it takes no time. */
  async aside<Value>(reading: () => Promise<Value>): Promise<Value> {
    this.#isAside = true
    try {
      return await reading()
    } finally {
      this.#isAside = false
    }
  }

  /** Resolves when a read that was asked for is begun: as a rule at once. */
  async reading(process: Process): Promise<void> {
    const { latencyMin, latencyMean } = this.#world.diskOptions
    if (process.random.chance(0.2)) {
      await process.delay(latencyMin + process.random.exponential(latencyMean))
    }
  }

  get isFull(): boolean {
    return this.disk.capacityBytes !== Infinity
  }

  /** So many bytes are left. */
  fill(bytes: number): void {
    this.disk.capacityBytes = this.#usedBytes() + bytes
  }

  makeRoom(): void {
    this.disk.capacityBytes = Infinity
  }

  /** Another disk takes the place of this one. */
  replaceDisk(): void {
    this.isInDoubt = false
    this.disk = new MemoryDisk()
  }

  /** For what is done to a disk beside a run. */
  rest(): void {
    this.disk.intercept = null
    this.disk.interceptRead = null
  }

  #serveReads(process: Process): void {
    const { reads, faults } = this.#world.swarm
    this.readFault = this.readFaultAtStart
    this.readFaultAtStart = null
    Object.assign(this.unread, { log: false, state: false })
    this.disk.mostPerChunk = reads.atOnce
    if (reads.slow === 0 && faults.readFailure === 0) {
      return
    }
    this.disk.interceptRead = (read) => {
      if (!process.alive) {
        return neverEnding()
      }
      if (this.#isAside) {
        return undefined
      }
      const { slow, mean } = this.#world.readOptions
      if (process.random.chance(slow)) {
        return process.delay(process.random.exponential(mean)).then(() => this.#readEnds(read))
      }
      this.#readEnds(read)
      return undefined
    }
  }

  /** DC3 @throws {Error} EIO */
  #readEnds(read: DiskRead): void {
    const fault = this.readFault
    if (fault === null || !read.database.includes(fault.database) || --fault.left > 0 || !fault.mayStrike(read)) {
      return
    }
    this.readFault = null
    const database = databaseOf(read)
    this.#world.count(`read failed, ${read.isOfSnapshot ? 'snapshot' : database}`)
    if (!read.isOfSnapshot) {
      this.unread[database] = true
      this.hasFailed = true
      this.isInDoubt ||= database === 'log'
    }
    throw readError()
  }

  #usedBytes(): number {
    const { disk } = this
    return disk
      .databases()
      .flatMap((name) => disk.records(name))
      .reduce((sum, { key, value }) => sum + key.length + value.length, 0)
  }

  /** @throws {Error} ENOSPC, as the disk itself would. */
  #needRoom(event: DiskEvent): void {
    if (event.phase === 'write' && this.isFull && this.#usedBytes() + event.bytes > this.disk.capacityBytes) {
      this.#world.count(`no room, ${databaseOf(event)}`)
      this.hasFailed = true
      throw diskError('ENOSPC')
    }
  }

  #crashPoint({ phase, sync }: DiskEvent): CrashPoint | null {
    if (this.fault?.kind !== 'crash') {
      return null
    }
    const { point } = this.fault
    return point === 'before' || phase === 'sync' || !sync ? point : null
  }

  #wait(process: Process, { phase }: DiskEvent): Promise<void> | undefined {
    const { latencyMin, latencyMean, stall, stallMean } = this.#world.diskOptions
    const { random } = process
    const late = random.chance(stall) ? random.exponential(stallMean) : 0
    const us = phase === 'sync' ? latencyMin + random.exponential(latencyMean) + late : late
    return us === 0 ? undefined : process.delay(us)
  }
}

function databaseOf({ database }: { readonly database: string }): 'state' | 'log' {
  return database.includes('state') ? 'state' : 'log'
}

function fits({ phase, database }: DiskFault & { readonly kind: 'failure' }, event: DiskEvent): boolean {
  return phase === event.phase && event.database.includes(database)
}
