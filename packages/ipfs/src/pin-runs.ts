/**
 * Pins and unpins: one run per CID, and the rows that say how it stands.
 *
 * Invariants
 * P1 at most one run per CID; pins of the same CID and mode share it, of another mode wait for its end;
 * P2 the row says `fetching` before the run begins and `pinned` only after it has ended well (R1);
 * P3 a run that was stopped writes nothing afterwards, so an unpin is not undone;
 * P4 at most `pinsFetched` runs.
 */
import { IpfsError } from '@pinset/interface'
import type { IpfsPinOptions } from '@pinset/interface'
import type { CID } from 'multiformats/cid'

import type { Connections } from './connections.ts'
import { PinRun } from './pin-run.ts'
import type { PinRunComponents } from './pin-run.ts'
import type { PinTable } from './pin-table.ts'
import { raceSignals } from './race-signals.ts'

export interface PinRunsComponents extends PinRunComponents {
  readonly table: PinTable
  readonly connections: Connections
}

export interface PinRunsInit {
  readonly blocksPerPin: number
  readonly pinsFetched: number
  readonly stallMs: number
}

/** A run with the writing of its rows. */
interface Entry {
  readonly run: PinRun
  /** Settles after the last row was written; never rejects. */
  readonly settled: Promise<unknown>
  /** As the caller sees it. */
  readonly pinned: Promise<void>
}

export class PinRuns {
  readonly #components: PinRunsComponents
  readonly #init: PinRunsInit
  readonly #entries = new Map<string, Entry>()
  /** Order of what changes one CID's row. */
  readonly #turns = new Map<string, Promise<unknown>>()
  #stopReason: Error | undefined

  constructor(components: PinRunsComponents, init: PinRunsInit) {
    this.#components = components
    this.#init = init
  }

  async pin(cid: CID, options: IpfsPinOptions): Promise<void> {
    const key = cid.toString()
    for (;;) {
      options.signal?.throwIfAborted()
      const entry = this.#entries.get(key) ?? (await this.#beginInTurn(cid, options))
      if (entry === undefined) return
      if (entry.run.mode === options.mode && !entry.run.isStopped) {
        await this.#join(entry, options)
        return
      }
      await raceSignals(entry.settled, options.signal) // P1; nor is a stopped run joined
    }
  }

  async unpin(cid: CID): Promise<void> {
    const key = cid.toString()
    this.#entries.get(key)?.run.stop(new IpfsError(`The pin of ${key} was removed while it was being fetched.`))
    await this.#turn(key, async () => {
      const entry = this.#entries.get(key) // begun by a pin that came first
      entry?.run.stop(new IpfsError(`The pin of ${key} was removed while it was being fetched.`))
      await entry?.settled
      await this.#components.table.delete(cid)
    })
  }

  async stop(reason: Error): Promise<void> {
    this.#stopReason = reason
    for (const { run } of this.#entries.values()) run.stop(reason)
    await Promise.all([...this.#entries.values()].map((entry) => entry.settled))
    await Promise.all(this.#turns.values())
  }

  /** One at a time per CID, in order. */
  async #turn<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(key)
    const result = (async () => {
      await before
      return await work()
    })()
    const settled = Promise.allSettled([result])
    this.#turns.set(key, settled)
    void settled.finally(() => {
      if (this.#turns.get(key) === settled) this.#turns.delete(key)
    })
    return await result
  }

  async #beginInTurn(cid: CID, options: IpfsPinOptions): Promise<Entry | undefined> {
    const beginning = this.#turn(cid.toString(), () => this.#begin(cid, options))
    try {
      return await raceSignals(beginning, options.signal)
    } catch (err) {
      beginning.then(
        (entry) => entry?.run.stopIfUnused(),
        () => {},
      )
      throw err
    }
  }

  /** The run that fetches the pin, or undefined when it is pinned already. */
  async #begin(cid: CID, options: IpfsPinOptions): Promise<Entry | undefined> {
    if (this.#stopReason !== undefined) throw this.#stopReason
    const key = cid.toString()
    const running = this.#entries.get(key)
    if (running !== undefined) return running
    const { table } = this.#components
    const row = await table.get(cid)
    const name = options.name ?? row?.name ?? ''
    if (row?.state === 'pinned' && row.mode === options.mode) {
      if (row.name !== name) await table.put(cid, { ...row, name })
      options.onProgress?.({ blocks: row.blocks, bytes: row.bytes })
      return undefined
    }
    if (this.#entries.size >= this.#init.pinsFetched) {
      throw new IpfsError(`The IPFS node fetches ${this.#entries.size} pins already; try ${key} again later.`) // P4
    }
    await table.put(cid, { mode: options.mode, state: 'fetching', name, blocks: 0, bytes: 0 }) // P2
    if (this.#stopReason !== undefined) throw this.#stopReason
    return this.#start(cid, options, name)
  }

  #start(cid: CID, options: IpfsPinOptions, name: string): Entry {
    const key = cid.toString()
    const { blocksPerPin, stallMs } = this.#init
    const run = new PinRun(this.#components, {
      cid,
      mode: options.mode,
      concurrency: blocksPerPin,
      stallMs,
    })
    const pinned = run.done
      .then(() => this.#components.table.put(cid, { mode: run.mode, state: 'pinned', name, ...run.progress })) // P2, P3
      .catch((err: unknown) => {
        throw err instanceof IpfsError || err === this.#stopReason
          ? err
          : new IpfsError(`Pin ${key} failed: ${err instanceof Error ? err.message : String(err)}`, { cause: err })
      })
    const settled = Promise.allSettled([pinned])
    const entry: Entry = { run, pinned, settled }
    this.#entries.set(key, entry)
    void settled.finally(() => this.#entries.delete(key))
    return entry
  }

  async #join(entry: Entry, options: IpfsPinOptions): Promise<void> {
    const origins = this.#components.connections.useOrigins(options.origins ?? [])
    const leave = entry.run.join(options.onProgress, origins.peers)
    try {
      await raceSignals(entry.pinned, options.signal)
    } finally {
      leave()
      origins.release()
    }
  }
}
