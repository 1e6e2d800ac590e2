/**
 * Writes blocks while the import goes on, so that adding many small files does not wait for the disk once per file.
 *
 * Invariants
 * V1 at most `MAX_WRITES` blocks are being written;
 * V2 an entry is handed out only once every block that was given before it is stored;
 * V3 after a failed write nothing is handed out any more.
 */
import type { CID } from 'multiformats/cid'

const MAX_WRITES = 32
/** Entries that wait for their blocks. */
const MAX_WAITING = 64

/** An entry that is handed out in its turn. */
interface Waiting<T> {
  readonly entry: T
  isStored: boolean
  readonly stored: Promise<void>
}

/** Where blocks go. */
export interface BlockSink {
  /** Resolves once the block is stored. */
  put(cid: CID, bytes: Uint8Array): Promise<unknown>
}

export class WriteBehind {
  readonly #source: BlockSink
  readonly #writes = new Set<Promise<void>>()
  #failure: { readonly cause: unknown } | undefined

  constructor(source: BlockSink) {
    this.#source = source
  }

  /** Resolves once the write has begun. */
  async add(cid: CID, bytes: Uint8Array): Promise<void> {
    while (this.#writes.size >= MAX_WRITES) await Promise.race(this.#writes) // V1
    this.#throwIfFailed()
    const write = this.#put(cid, bytes).finally(() => this.#writes.delete(write))
    this.#writes.add(write)
  }

  async #put(cid: CID, bytes: Uint8Array): Promise<void> {
    try {
      await this.#source.put(cid, bytes)
    } catch (cause) {
      this.#failure ??= { cause }
    }
  }

  async *onceStored<T>(entries: AsyncIterable<T>): AsyncGenerator<T> {
    const waiting: Waiting<T>[] = []
    for await (const entry of entries) {
      const item: Waiting<T> = { entry, isStored: false, stored: this.settle() }
      void item.stored.finally(() => (item.isStored = true))
      waiting.push(item)
      while (waiting[0]?.isStored === true || waiting.length >= MAX_WAITING) yield* this.#handOut(waiting.splice(0, 1))
    }
    yield* this.#handOut(waiting)
  }

  /** Resolves once what is being written now is stored, or has failed. */
  async settle(): Promise<void> {
    await Promise.all(this.#writes)
  }

  async *#handOut<T>(waiting: readonly Waiting<T>[]): AsyncGenerator<T> {
    for (const { entry, stored } of waiting) {
      await stored // V2
      this.#throwIfFailed() // V3
      yield entry
    }
  }

  #throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure.cause
  }
}
