/**
 * Applying committed entries to the state, and switching to received states: owns the state's meta data and its only writer.
 *
 * AP1 Entries are applied in the order of the log, each once; applied and restored never overlap.
 * AP2 The next batch is read only after the batch before is written: what apply reads is the state at its index.
 * AP3 Nobody is told of an index before its state can be read.
 * AP4 The log is compacted only up to what a synced write of the state holds, less the entries kept for slow followers.
 * AP5 What cannot be read stops applying before it, for good; nothing is skipped. The peer keeps its log and answers what it has.
 *    Unless the old state is given up anyway (AP8): the received one holds what that cannot give.
 * AP6 appliedIndex never goes back.
 * AP7 A snapshot is handed out only once its index was told: what is read of a write in flight may be seen before it is done.
 * AP8 From the moment in which the log begins to switch to a received state, no write of the old state is begun.
 * AP9 A membership is applied in a synced write: when the log is destroyed, the state still says who can bring this peer up to date.
 */
import { StoppedError, type Logger, type StateMeta, type StateSnapshot } from '@pinset/interface'
import { invariant, type Entry, type Index, type Input, type SnapshotMeta } from '@pinset/raft'

import { decodeEntries, type DecodedEntry } from '../codec/entry-codec.ts'
import { applyEntries, loadRows, type Applied, type LoadedRows } from '../machine/index.ts'
import type { ConsensusStorage } from '../ports.ts'
import { entriesToCheckpoint } from './checkpoints.ts'
import { toError } from './waiting.ts'

export interface ApplierHandler {
  /** These entries are applied and their state can be read. */
  applied(applied: Applied): void
  /** The state was replaced. */
  restored(meta: StateMeta): void
  /** AP5 */
  stopped(cause: Error): void
  /** A write of the state failed: the peer must take no part any more. */
  failed(cause: Error): void
}

export interface ApplierComponents {
  readonly storage: Pick<ConsensusStorage, 'state' | 'adoptState'>
  readonly logger: Logger
  readonly input: (input: Input) => void
  readonly handler: ApplierHandler
  /** The log must not be compacted past this index for now. */
  readonly compactFloor: () => Index
}

export interface ApplierInit {
  readonly baseIndex: Index
  /** Compact when the log holds more entries than this. @default 50000 */
  readonly compactAfterEntries?: number
  /** Compact when more bytes than this were applied since. @default 67108864 */
  readonly compactAfterBytes?: number
  /** Entries kept for slow followers. @default 10000 */
  readonly trailingEntries?: number
  /** Entries per state write. @default 4096 */
  readonly maxWriteEntries?: number
  /** Bytes of entries per state write, about. @default 1048576 */
  readonly maxWriteBytes?: number
}

type Work =
  | { readonly kind: 'entries'; readonly entries: readonly Entry[] }
  | { readonly kind: 'restore'; readonly snapshot: SnapshotMeta }

export class Applier {
  readonly #components: ApplierComponents
  readonly #compactAfterEntries: number
  readonly #compactAfterBytes: number
  readonly #trailingEntries: number
  readonly #maxWriteEntries: number
  readonly #maxWriteBytes: number
  #meta: StateMeta
  #work: Work[] = []
  #isSuperseded = false
  /** Falls in the same moment in which the loop has seen that there is no work. */
  #active = false
  #running: Promise<void> = Promise.resolve()
  /** The write or switch in flight, with the telling of it. */
  #telling: Promise<void> = Promise.resolve()
  #baseIndex: Index
  #bytesSinceBase = 0
  #stopCause: Error | null = null
  #closed = false

  constructor(components: ApplierComponents, init: ApplierInit) {
    this.#components = components
    this.#meta = components.storage.state.meta
    this.#baseIndex = init.baseIndex
    this.#compactAfterEntries = init.compactAfterEntries ?? 50_000
    this.#compactAfterBytes = init.compactAfterBytes ?? 64 * 1024 * 1024
    this.#trailingEntries = init.trailingEntries ?? 10_000
    this.#maxWriteEntries = init.maxWriteEntries ?? 4096
    this.#maxWriteBytes = init.maxWriteBytes ?? 1024 * 1024
  }

  /** Of the state that can be read. */
  get meta(): StateMeta {
    return this.#meta
  }

  get stopCause(): Error | null {
    return this.#stopCause
  }

  apply(entries: readonly Entry[]): void {
    this.#add({ kind: 'entries', entries })
  }

  /** The log begins to switch to a received state, which holds all that was handed out: wait for it. */
  supersede(): void {
    this.#isSuperseded = true // AP8
    this.#work = []
  }

  restore(snapshot: SnapshotMeta): void {
    this.#add({ kind: 'restore', snapshot })
  }

  /** Open the state in use. @throws {StoppedError} it holds what was never told, for its write has failed. */
  async openSnapshot(): Promise<StateSnapshot> {
    const snapshot = await this.#components.storage.state.snapshot()
    const isTold = (): boolean => snapshot.meta.appliedIndex <= this.#meta.appliedIndex
    if (!isTold()) {
      await this.#telling.catch(() => {}) // AP7
    }
    if (!isTold()) {
      await snapshot.close()
      throw new StoppedError(`the state at ${snapshot.meta.appliedIndex} is not applied: its write has failed`)
    }
    return snapshot
  }

  /** Nothing is applied after the batch that is being written. Idempotent. */
  async stop(): Promise<void> {
    this.#closed = true
    this.#work = []
    await this.#running
  }

  #add(work: Work): void {
    if (this.#closed || this.#stopCause !== null) {
      return
    }
    this.#work.push(work)
    if (!this.#active) {
      this.#active = true
      this.#running = this.#run()
    }
  }

  async #run(): Promise<void> {
    try {
      for (let work = this.#work.shift(); work !== undefined && !this.#closed; work = this.#work.shift()) {
        if (work.kind === 'restore') {
          this.#telling = this.#restore(work.snapshot)
          await this.#telling
        } else {
          await this.#applyEntries(this.#gather(work.entries))
        }
      }
    } catch (err) {
      this.#stop(toError(err))
    } finally {
      this.#active = false
    }
  }

  /** What was handed out and waits, up to the limits of one write; the rest stays in the queue. */
  #gather(first: readonly Entry[]): readonly Entry[] {
    const waiting: Entry[] = [...first]
    while (this.#work[0]?.kind === 'entries' && waiting.length < this.#maxWriteEntries) {
      const next = this.#work.shift()
      if (next?.kind === 'entries') {
        waiting.push(...next.entries)
      }
    }
    let bytes = 0
    let count = 0
    const maxEntries = Math.min(this.#maxWriteEntries, entriesToCheckpoint(waiting[0]?.index ?? 1)) // CH1
    for (const entry of waiting) {
      if (count > 0 && (count >= maxEntries || bytes + entry.data.length > this.#maxWriteBytes)) {
        break
      }
      bytes += entry.data.length
      count += 1
    }
    if (count < waiting.length) {
      this.#work.unshift({ kind: 'entries', entries: waiting.slice(count) })
    }
    return waiting.slice(0, count)
  }

  async #applyEntries(entries: readonly Entry[]): Promise<void> {
    invariant(
      entries[0]?.index === this.#meta.appliedIndex + 1,
      () => `AP1 entry ${entries[0]?.index} follows the applied index ${this.#meta.appliedIndex}`,
    )
    const { decoded, stopped } = decodeEntries(entries)
    if (decoded.length > 0) {
      this.#telling = this.#write(decoded)
      await this.#telling
    }
    if (stopped !== null && !this.#isSuperseded) {
      throw stopped // AP5
    }
  }

  /** AP2; null when it fails and is not needed any more. */
  async #load(decoded: readonly DecodedEntry[]): Promise<LoadedRows | null> {
    try {
      return await loadRows(this.#components.storage.state, this.#meta, decoded)
    } catch (err) {
      if (!this.#isSuperseded) {
        throw err
      }
      this.#components.logger.warn('a state that is being replaced could not be read', { err })
      return null
    }
  }

  async #write(decoded: readonly DecodedEntry[]): Promise<void> {
    const { state } = this.#components.storage
    const rows = await this.#load(decoded)
    if (rows === null || this.#isSuperseded) {
      return // AP8
    }
    const applied = applyEntries(this.#meta, decoded, rows)
    for (const { entry } of decoded) {
      this.#bytesSinceBase += entry.data.length
    }
    const compact = this.#compactIndex(applied.write.meta.appliedIndex)
    try {
      await state.write(applied.write, { sync: compact !== null || applied.membership !== null }) // AP4, AP9
    } catch (err) {
      this.#components.handler.failed(toError(err))
      throw err
    }
    this.#meta = applied.write.meta
    if (this.#closed) {
      return
    }
    this.#components.handler.applied(applied) // AP3
    this.#components.input({ kind: 'applied', index: this.#meta.appliedIndex })
    if (compact !== null) {
      this.#compact(compact)
    }
  }

  /** Up to where the log shall be dropped once the state is durable at `appliedIndex`; null when not now. AP4 */
  #compactIndex(appliedIndex: Index): Index | null {
    const held = appliedIndex - this.#baseIndex
    if (held <= this.#compactAfterEntries && this.#bytesSinceBase <= this.#compactAfterBytes) {
      return null
    }
    // Large entries: few of them are kept, else the log would never become small.
    const trailing = Math.min(this.#trailingEntries, Math.floor(held / 2))
    const index = Math.min(appliedIndex - trailing, this.#components.compactFloor())
    return index > this.#baseIndex ? index : null
  }

  #compact(index: Index): void {
    const share = (this.#meta.appliedIndex - index) / Math.max(1, this.#meta.appliedIndex - this.#baseIndex)
    this.#bytesSinceBase = Math.floor(this.#bytesSinceBase * share)
    this.#baseIndex = index
    this.#components.logger.debug('compacting the log', { index })
    this.#components.input({ kind: 'compact', index })
  }

  async #restore(snapshot: SnapshotMeta): Promise<void> {
    const { storage, handler, logger, input } = this.#components
    try {
      await storage.adoptState()
    } catch (err) {
      handler.failed(toError(err))
      throw err
    }
    const { meta } = storage.state
    invariant(
      meta.appliedIndex === snapshot.index && meta.appliedTerm === snapshot.term,
      () => `AP1 the adopted state is at ${meta.appliedIndex}, not at ${snapshot.index}`,
    )
    invariant(
      meta.appliedIndex >= this.#meta.appliedIndex,
      () => `AP6 the state goes from ${this.#meta.appliedIndex} back to ${meta.appliedIndex}`,
    )
    this.#meta = meta
    this.#isSuperseded = false
    this.#baseIndex = snapshot.index
    this.#bytesSinceBase = 0
    logger.info('the state was replaced by a snapshot', { index: snapshot.index })
    if (!this.#closed) {
      handler.restored(meta)
      input({ kind: 'applied', index: snapshot.index })
    }
  }

  #stop(cause: Error): void {
    if (this.#stopCause === null && !this.#closed) {
      this.#stopCause = cause // AP5
      this.#work = []
      this.#components.logger.error('applying has stopped; the state stays where it is', {
        err: cause,
        appliedIndex: this.#meta.appliedIndex,
      })
      this.#components.handler.stopped(cause)
    }
  }
}
