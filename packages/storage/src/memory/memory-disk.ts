/**
 * A disk in memory that crashes, fails and lies on demand; everything the tests and the simulator do to storage.
 *
 * M1 Batches of one database take effect in order. A crash keeps a prefix of those that were not synced, each whole or not at all.
 * M2 After a failed batch or sync a database takes no batch until it is opened again, and what was unsynced then may still be lost.
 * M3 What was mounted before a crash can neither read nor write afterwards.
 * M4 Names of databases (creation, removal, renaming) are durable at once, as in the LevelDB adapter.
 * M5 A read gives what was there when it was asked for, however long it takes; closing waits for it. One that fails changes nothing.
 */
import { LockedError, StoppedError } from '@pinset/interface'

import { DatabaseMissingError } from '../errors.ts'
import type { BatchOperation, KeyValue, KeyValueEnvironment, KeyValueStore, StoreDamage } from '../key-value/port.ts'
import { toHex } from '../record/bytes.ts'
import { MemoryStore } from './memory-store.ts'
import { SortedTable } from './sorted-table.ts'

/** A batch on its way: asked before it is written, and, when it is to be synced, again before the sync. */
export interface DiskEvent {
  readonly database: string
  readonly phase: 'write' | 'sync'
  /** The batch is followed by a sync. */
  readonly sync: boolean
  readonly operations: number
  readonly bytes: number
  /** Number of this write, or of this sync, on the disk since it was made; from 1. */
  readonly number: number
}

/** Decides the fate of a batch: return to let it pass, a promise to delay it, throw to let it fail. */
export type DiskIntercept = (event: DiskEvent) => void | Promise<void>

/** A read on its way: of one key or several, or of the next chunk of a range. */
export interface DiskRead {
  readonly database: string
  /** Of a snapshot, not of the open database itself. */
  readonly isOfSnapshot: boolean
  /** Number of this read on the disk since it was made; from 1. */
  readonly number: number
}

/** Decides the fate of a read: return nothing to let it pass, a promise to delay it, throw to let it fail. */
export type DiskReadIntercept = (read: DiskRead) => Promise<void> | undefined

export interface MemoryDiskInit {
  /** For messages. @default 'memory' */
  readonly location?: string
  readonly intercept?: DiskIntercept
  readonly interceptRead?: DiskReadIntercept
}

interface Database {
  /** What reads see. */
  table: SortedTable
  /** What survives a crash for certain. */
  durable: SortedTable
  unsynced: (readonly BatchOperation[])[]
  isOpen: boolean
  failure: unknown
  damage: StoreDamage | null
}

export function diskError(code: 'EIO' | 'ENOSPC'): Error {
  return Object.assign(
    new Error(code === 'EIO' ? 'EIO: i/o error, fdatasync' : 'ENOSPC: no space left on device, write'),
    { code },
  )
}

export function readError(): Error {
  return Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' })
}

export class MemoryDisk {
  readonly location: string
  intercept: DiskIntercept | null
  interceptRead: DiskReadIntercept | null
  /** Entries that one chunk of a range has at most, whatever was asked for. */
  mostPerChunk = Infinity
  /** Bytes of keys and values that the disk holds before it is full. */
  capacityBytes = Infinity
  readonly #databases = new Map<string, Database>()
  #generation = 0
  #writes = 0
  #syncs = 0
  #reads = 0

  constructor(init: MemoryDiskInit = {}) {
    this.location = init.location ?? 'memory'
    this.intercept = init.intercept ?? null
    this.interceptRead = init.interceptRead ?? null
  }

  /** Writes and syncs begun so far. */
  get counts(): { readonly writes: number; readonly syncs: number } {
    return { writes: this.#writes, syncs: this.#syncs }
  }

  /** The disk as one run of a process sees it; dead after the next crash (M3). */
  mount(): KeyValueEnvironment {
    const generation = this.#generation
    const assertAlive = (): void => {
      if (generation !== this.#generation) throw new StoppedError(`the disk ${this.location} has crashed`)
    }
    return {
      location: this.location,
      list: async (directory) => {
        assertAlive()
        const names = [...this.#databases.keys()].filter((name) => parentOf(name) === directory)
        return names.length === 0 ? null : names.map((name) => name.slice(directory.length + 1)).sort()
      },
      open: async (name, options) => {
        assertAlive()
        return this.#open(name, options.create, assertAlive)
      },
      makeDirectory: async (name) => {
        assertAlive()
        this.#make(name)
      },
      remove: async (path) => {
        assertAlive()
        for (const name of this.#below(path)) this.#databases.delete(name) // M4
      },
      rename: async (from, to) => {
        assertAlive()
        if (this.#below(to).length > 0) throw new Error(`${this.location}/${to} exists already`)
        for (const name of this.#below(from)) {
          this.#databases.set(to + name.slice(from.length), this.#must(name))
          this.#databases.delete(name)
        }
      },
    }
  }

  /**
   * Power goes: per database, only the first `keep` unsynced batches survive (M1); none by default. Whoever had the disk
   * mounted is cut off.
   */
  crash(options: { readonly keep?: (database: string, unsynced: number) => number } = {}): void {
    this.#generation++
    for (const [name, database] of [...this.#databases].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const asked = options.keep?.(name, database.unsynced.length) ?? 0
      const kept = Math.max(0, Math.min(database.unsynced.length, asked))
      for (const batch of database.unsynced.slice(0, kept)) database.durable.apply(batch)
      database.unsynced = []
      database.table = database.durable.freeze()
      database.isOpen = false
      database.failure = null
    }
  }

  /** Fail the write or sync with this number, counted from now. */
  failAt(phase: DiskEvent['phase'], count: number, code: 'EIO' | 'ENOSPC' = 'EIO'): void {
    const number = (phase === 'write' ? this.#writes : this.#syncs) + count
    const next = this.intercept
    this.intercept = (event) => {
      if (event.phase === phase && event.number === number) throw diskError(code)
      return next?.(event)
    }
  }

  databases(): readonly string[] {
    return [...this.#databases.keys()].sort()
  }

  /** Everything in a database, in order. */
  records(name: string): readonly KeyValue[] {
    const { table } = this.#must(name)
    return Array.from({ length: table.size }, (_, at) => table.at(at) as KeyValue)
  }

  /** Change one byte of a stored value, on the platter and in the cache. */
  flipByte(name: string, key: Uint8Array, offset: number, mask = 0x01): void {
    const value = this.#must(name).table.get(key)
    if (value === undefined || offset >= value.length)
      throw new Error(`no byte ${offset} under key ${toHex(key)} in ${name}`)
    const flipped = value.slice()
    flipped[offset] = (flipped[offset] ?? 0) ^ mask
    this.putRecord(name, key, flipped)
  }

  removeRecord(name: string, key: Uint8Array): void {
    this.#tamper(name, { kind: 'delete', key })
  }

  putRecord(name: string, key: Uint8Array, value: Uint8Array): void {
    this.#tamper(name, { kind: 'put', key, value })
  }

  /** Let the next open find destroyed bytes, as LevelDB's adapter does. */
  setDamage(name: string, what: string): void {
    this.#must(name).damage = { path: `${this.location}/${name}`, what }
  }

  #open(name: string, create: boolean, assertAlive: () => void): KeyValueStore {
    const path = `${this.location}/${name}`
    if (create) this.#make(name)
    const database = this.#databases.get(name)
    if (database === undefined) throw new DatabaseMissingError(path)
    if (database.isOpen) throw new LockedError(`the database ${path} is in use`)
    database.isOpen = true
    database.failure = null
    // LevelDB writes what it replays into synced tables.
    makeDurable(database)
    return new MemoryStore(path, {
      damage: () => database.damage,
      table: () => database.table,
      mostPerChunk: () => this.mostPerChunk,
      assertAlive,
      read: (isOfSnapshot) => this.interceptRead?.({ database: name, isOfSnapshot, number: ++this.#reads }),
      write: async (operations, sync) => {
        assertAlive()
        await this.#write(name, database, operations, sync, assertAlive)
      },
      clearDamage: () => {
        assertAlive()
        database.damage = null
      },
      onClose: () => {
        database.isOpen = false
      },
    })
  }

  /** Nothing tells an empty database from an empty directory. */
  #make(name: string): void {
    if (this.#databases.has(name)) throw new Error(`${this.location}/${name} exists already`)
    const fresh = { unsynced: [], isOpen: false, failure: null, damage: null }
    this.#databases.set(name, { ...fresh, table: new SortedTable(), durable: new SortedTable() })
  }

  async #write(
    name: string,
    database: Database,
    operations: readonly BatchOperation[],
    sync: boolean,
    assertAlive: () => void,
  ): Promise<void> {
    if (database.failure !== null) throw database.failure // M2
    try {
      const bytes = operations.reduce(
        (sum, each) => sum + each.key.length + (each.kind === 'put' ? each.value.length : 0),
        0,
      )
      const event = { database: name, sync, operations: operations.length, bytes }
      this.#writes++
      await this.intercept?.({ ...event, phase: 'write', number: this.#writes })
      assertAlive()
      if (this.capacityBytes !== Infinity && this.#usedBytes() + bytes > this.capacityBytes) throw diskError('ENOSPC')
      database.table.apply(operations)
      database.unsynced.push(operations)
      if (!sync) return
      this.#syncs++
      await this.intercept?.({ ...event, phase: 'sync', number: this.#syncs })
      assertAlive()
      makeDurable(database)
    } catch (err) {
      database.failure = err
      throw err
    }
  }

  #usedBytes(): number {
    let sum = 0
    for (const { table } of this.#databases.values()) sum += table.bytes
    return sum
  }

  #tamper(name: string, operation: BatchOperation): void {
    const database = this.#must(name)
    makeDurable(database)
    database.table.apply([operation])
    database.durable.apply([operation])
  }

  #below(path: string): readonly string[] {
    return [...this.#databases.keys()].filter((name) => name === path || name.startsWith(`${path}/`))
  }

  #must(name: string): Database {
    const database = this.#databases.get(name)
    if (database === undefined) throw new DatabaseMissingError(`${this.location}/${name}`)
    return database
  }
}

function makeDurable(database: Database): void {
  for (const batch of database.unsynced) database.durable.apply(batch)
  database.unsynced = []
}

function parentOf(name: string): string {
  const at = name.lastIndexOf('/')
  return at === -1 ? '' : name.slice(0, at)
}
