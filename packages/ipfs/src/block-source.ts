/**
 * Blocks by CID: from the local store, else from other nodes.
 *
 * Owns the local store's integrity and the blocks that are on their way. Not in the way of a local read: concurrency limits are the
 * caller's.
 *
 * Invariants
 * B1 a block that `get` returns is in the local store and its hash is that of the CID;
 * B2 one block is fetched once at a time, however many wait for it;
 * B3 a waiter that leaves stops its own waiting only; what arrives later is stored all the same;
 * B4 while garbage is collected, every block that is read, fetched or written here is kept (see GarbageBarrier).
 */
import { hash } from 'node:crypto'

import { IpfsError } from '@pinset/interface'
import type { Logger } from '@pinset/interface'
import type { FsBlockstore } from 'blockstore-fs'
import type { CID } from 'multiformats/cid'
import type { MultihashHasher } from 'multiformats/hashes/interface'

import { WantAbandonedError } from './block-exchange.ts'
import type { BlockExchange, FetchSession, Want } from './block-exchange.ts'
import type { GarbageBarrier } from './garbage-barrier.ts'
import { multihashKey } from './multihash-key.ts'
import type { MultihashKey } from './multihash-key.ts'
import { raceSignals } from './race-signals.ts'

export interface BlockSourceComponents {
  /** Only what is here. */
  readonly local: FsBlockstore
  /** Send a block that has been stored to the nodes that want it. */
  readonly announce: (cid: CID) => Promise<void>
  readonly exchange: BlockExchange
  readonly barrier: GarbageBarrier
  readonly hasherOf: (code: number) => Promise<MultihashHasher>
  readonly logger: Logger
}

/** A block that somebody waits for. */
export interface PendingBlock {
  readonly bytes: Promise<Uint8Array>
  /** False while the block is read locally or waits for its turn to be asked for. */
  readonly isAsked: () => boolean
}

interface Fetch {
  readonly want: Want
  readonly stored: Promise<Uint8Array>
  waiters: number
}

const IDENTITY_CODE = 0x00
const SHA2_256_CODE = 0x12

export class BlockSource {
  readonly #components: BlockSourceComponents
  readonly #fetches = new Map<MultihashKey, Fetch>()
  readonly #repairs = new Map<MultihashKey, Promise<Uint8Array | undefined>>()
  readonly #stopped = new AbortController()

  constructor(components: BlockSourceComponents) {
    this.#components = components
  }

  /** Wait for a block until a signal aborts. */
  get(cid: CID, session: FetchSession, signal?: AbortSignal): PendingBlock {
    let want: Want | undefined
    const bytes = this.#get(cid, session, signal, (asked) => (want = asked))
    return { bytes, isAsked: () => want?.isAsked ?? false }
  }

  /** The block if it is here and whole. A damaged one is deleted and counts as missing. */
  async getLocal(cid: CID): Promise<Uint8Array | undefined> {
    if (cid.multihash.code === IDENTITY_CODE) return cid.multihash.digest
    const { local, barrier } = this.#components
    await barrier.touch(multihashKey(cid)) // B4
    if (!(await local.has(cid))) return undefined
    const bytes = await this.#read(cid)
    if (await this.#matches(cid, bytes)) return bytes // B1
    // Another reader may have found the damage as well, and a good block may have come since.
    const key = multihashKey(cid)
    const repairing = this.#repairs.get(key) ?? this.#repair(cid).finally(() => this.#repairs.delete(key))
    this.#repairs.set(key, repairing)
    return await repairing
  }

  async #repair(cid: CID): Promise<Uint8Array | undefined> {
    const { local, logger } = this.#components
    if (!(await local.has(cid))) return undefined
    const bytes = await this.#read(cid)
    if (await this.#matches(cid, bytes)) return bytes
    logger.warn('A stored block was damaged and is deleted; it has to be fetched again.', { cid: cid.toString() })
    await local.delete(cid)
    return undefined
  }

  /** Resolves once the block is in the local store; true when it was not there before. */
  async put(cid: CID, bytes: Uint8Array): Promise<boolean> {
    if (cid.multihash.code === IDENTITY_CODE) return false
    const { local, announce } = this.#components
    const isNew = (await this.getLocal(cid)) === undefined // B1: what is there may be damaged
    if (isNew) await local.put(cid, bytes)
    await announce(cid) // after it is stored: Helia's own order is the other way round, and then the block is not found and not sent
    return isNew
  }

  stop(reason: Error): void {
    this.#stopped.abort(reason)
  }

  async #get(
    cid: CID,
    session: FetchSession,
    signal: AbortSignal | undefined,
    onWant: (want: Want) => void,
  ): Promise<Uint8Array> {
    for (;;) {
      signal?.throwIfAborted()
      this.#stopped.signal.throwIfAborted()
      const here = await this.getLocal(cid)
      if (here !== undefined) return here
      await this.#checkHash(cid)
      try {
        return await this.#await(this.#fetch(cid, session), signal, onWant)
      } catch (err) {
        if (!(err instanceof WantAbandonedError)) throw err // else the last waiter left just before this one came
      }
    }
  }

  async #await(fetch: Fetch, signal: AbortSignal | undefined, onWant: (want: Want) => void): Promise<Uint8Array> {
    onWant(fetch.want)
    fetch.waiters += 1
    if (fetch.waiters === 1) fetch.want.adopt()
    try {
      return await raceSignals(fetch.stored, signal, this.#stopped.signal)
    } finally {
      fetch.waiters -= 1
      if (fetch.waiters === 0) fetch.want.abandon() // B3
    }
  }

  #fetch(cid: CID, session: FetchSession): Fetch {
    const key = multihashKey(cid)
    const known = this.#fetches.get(key) // B2
    if (known !== undefined) return known
    const want = this.#components.exchange.want(cid, session)
    const stored = want.block
      .then(async (bytes) => {
        await this.put(cid, bytes)
        return bytes
      })
      .finally(() => this.#fetches.delete(key))
    stored.catch(() => {}) // waiters see the error; without waiters it means nothing
    const fetch: Fetch = { want, stored, waiters: 0 }
    this.#fetches.set(key, fetch)
    return fetch
  }

  async #read(cid: CID): Promise<Uint8Array> {
    try {
      const parts: Uint8Array[] = []
      for await (const part of this.#components.local.get(cid)) parts.push(part)
      return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts)
    } catch (cause) {
      throw new IpfsError(
        `Block ${cid.toString()} is stored but cannot be read; check the disk and the permissions of the blocks directory.`,
        { cause },
      )
    }
  }

  /** A block whose hash cannot be computed would be asked for in vain. */
  async #checkHash(cid: CID): Promise<void> {
    try {
      await this.#components.hasherOf(cid.multihash.code)
    } catch (cause) {
      const code = cid.multihash.code.toString(16)
      throw new IpfsError(
        `Block ${cid.toString()} has the hash function 0x${code}, which this node cannot compute; use content hashed with sha2-256 or sha2-512.`,
        { cause },
      )
    }
  }

  async #matches(cid: CID, bytes: Uint8Array): Promise<boolean> {
    const { code, digest } = cid.multihash
    if (code === SHA2_256_CODE)
      return Buffer.compare(hash('sha256', bytes, 'buffer').subarray(0, digest.length), digest) === 0
    const hasher = await this.#components.hasherOf(code)
    const computed = await hasher.digest(bytes, { truncate: digest.length })
    return Buffer.compare(computed.digest, digest) === 0
  }
}
