/**
 * Fetches one pin: walks its DAG until every block is here, for all who wait for it.
 *
 * Owns the walk, its progress and its stall clock. The pin table is written by PinRuns.
 *
 * Invariants
 * R1 `done` resolves only if every block of the pin was read from the local store, or written to it, with its hash verified;
 * R2 when the last caller leaves, nothing more is scheduled; block requests in flight are left alone and what arrives is kept;
 * R3 without a new block for `stallMs` the nodes that answer nothing are redialled once; without a block for another `stallMs` the run
 *    fails, naming the block and the nodes.
 */
import { IpfsError } from '@pinset/interface'
import type { PinMode, PinProgress } from '@pinset/interface'
import type { CID } from 'multiformats/cid'

import { blockLinks } from './block-links.ts'
import type { CodecOf } from './block-links.ts'
import type { FetchSession } from './block-exchange.ts'
import type { BlockSource, PendingBlock } from './block-source.ts'
import { walkDag } from './dag-walk.ts'
import type { DagWalk } from './dag-walk.ts'

export interface PinRunComponents {
  readonly source: BlockSource
  readonly codecOf: CodecOf
  /** Renew the connections that carry no answers; resolves when that is done. */
  readonly redialSilent: () => Promise<void>
  readonly describeMissing: (cid: CID) => string
}

export interface PinRunInit {
  readonly cid: CID
  readonly mode: PinMode
  readonly concurrency: number
  readonly stallMs: number
}

export class PinRun {
  readonly cid: CID
  readonly mode: PinMode
  /** Settles once, with what the walk came to. */
  readonly done: Promise<void>
  /** It ends, or has ended, without the pin. */
  isStopped = false
  readonly #components: PinRunComponents
  readonly #init: PinRunInit
  readonly #session: FetchSession
  readonly #walk: DagWalk
  readonly #left = new AbortController()
  readonly #pending = new Map<PendingBlock, CID>()
  readonly #listeners = new Set<(progress: PinProgress) => void>()
  #callers = 0
  #blocks = 0
  #bytes = 0
  #lastBlockMs = performance.now()
  #redial: 'none' | 'running' | 'done' = 'none'

  constructor(components: PinRunComponents, init: PinRunInit) {
    this.#components = components
    this.#init = init
    this.cid = init.cid
    this.mode = init.mode
    this.#session = { preferred: [] }
    this.#walk = walkDag({ root: init.cid, concurrency: init.concurrency, visit: (cid) => this.#visit(cid) })
    const clock = setInterval(() => this.#checkStall(), Math.max(10, Math.min(1_000, init.stallMs / 4)))
    this.done = this.#walk.done.finally(() => {
      clearInterval(clock)
      this.#left.abort(new Error('the walk has ended'))
    })
    this.done.catch(() => {}) // callers see it; without callers it means nothing
  }

  get progress(): PinProgress {
    return { blocks: this.#blocks, bytes: this.#bytes }
  }

  /** One more waits for this run. Returns what says that they no longer do. */
  join(onProgress: ((progress: PinProgress) => void) | undefined, preferred: readonly string[]): () => void {
    this.#callers += 1
    this.#session.preferred = [...new Set([...this.#session.preferred, ...preferred])]
    // A function of its own, so that one callback given twice is called twice.
    const listener = onProgress === undefined ? undefined : (progress: PinProgress) => onProgress(progress)
    if (listener !== undefined) this.#listeners.add(listener)
    let hasLeft = false
    return () => {
      if (hasLeft) return
      hasLeft = true
      this.#callers -= 1
      if (listener !== undefined) this.#listeners.delete(listener)
      this.stopIfUnused()
    }
  }

  stopIfUnused(): void {
    if (this.#callers === 0) this.stop(new IpfsError(`Nobody waits for the pin of ${this.cid.toString()} any more.`)) // R2
  }

  stop(reason: Error): void {
    this.isStopped = true
    this.#walk.stop(reason)
  }

  async #visit(cid: CID): Promise<readonly CID[]> {
    const pending = this.#components.source.get(cid, this.#session, this.#left.signal)
    this.#pending.set(pending, cid)
    let bytes: Uint8Array
    try {
      bytes = await pending.bytes // R1: in the store and verified
    } finally {
      this.#pending.delete(pending)
    }
    this.#lastBlockMs = performance.now()
    if (this.#redial === 'done') this.#redial = 'none'
    if (this.#left.signal.aborted) return []
    this.#blocks += 1
    this.#bytes += bytes.byteLength
    for (const listener of this.#listeners) listener(this.progress)
    return this.#init.mode === 'direct' ? [] : await blockLinks(cid, bytes, this.#components.codecOf)
  }

  #checkStall(): void {
    const nowMs = performance.now()
    const asked = [...this.#pending].find(([pending]) => pending.isAsked())
    if (asked === undefined) {
      this.#lastBlockMs = nowMs // reading the disk or waiting for its turn is no stall
      return
    }
    if (this.#redial === 'running' || nowMs - this.#lastBlockMs < this.#init.stallMs) return
    if (this.#redial === 'none') {
      this.#redial = 'running' // R3
      void this.#components.redialSilent().finally(() => {
        this.#redial = 'done'
        this.#lastBlockMs = performance.now()
      })
      return
    }
    const [, cid] = asked
    this.stop(
      new IpfsError(
        `Pin ${this.cid.toString()}: no block came for ${this.#init.stallMs / 1000} s, twice. ${this.#components.describeMissing(cid)}`,
      ),
    )
  }
}
