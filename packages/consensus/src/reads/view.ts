/**
 * A view of the pinset at one revision, from one database snapshot.
 *
 * VI1 Data and revision come from the same snapshot.
 * VI2 Memory does not grow with the pinset: rows are read in chunks.
 */
import { StoppedError, type AbortOptions, type PinRecord, type PinsetView, type StateSnapshot } from '@pinset/interface'
import type { CID } from 'multiformats/cid'

import { decodePinRecord, pinRowKey } from '../machine/index.ts'

export class SnapshotView implements PinsetView {
  readonly #snapshot: StateSnapshot
  readonly #onClose: () => void
  #closed = false

  constructor(snapshot: StateSnapshot, onClose: () => void) {
    this.#snapshot = snapshot
    this.#onClose = onClose
  }

  get revision(): number {
    return this.#snapshot.meta.appliedIndex // VI1
  }

  async get(cid: CID, options?: AbortOptions): Promise<PinRecord | undefined> {
    this.#checkOpen()
    options?.signal?.throwIfAborted()
    const value = await this.#snapshot.get(pinRowKey(cid))
    return value === undefined ? undefined : decodePinRecord(value)
  }

  async *pins(
    options: AbortOptions & { readonly after?: CID; readonly limit?: number } = {},
  ): AsyncGenerator<PinRecord> {
    this.#checkOpen()
    let left = options.limit ?? Number.POSITIVE_INFINITY
    if (left <= 0) {
      return
    }
    const range = {
      table: 'pin' as const,
      ...(options.after === undefined ? {} : { after: pinRowKey(options.after) }),
      ...(options.limit === undefined ? {} : { limit: options.limit }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    }
    for await (const rows of this.#snapshot.rows(range)) {
      for (const { value } of rows) {
        options.signal?.throwIfAborted()
        yield decodePinRecord(value)
        left -= 1
        if (left <= 0) {
          return
        }
      }
      this.#checkOpen()
    }
  }

  async close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true
      this.#onClose()
      await this.#snapshot.close()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #checkOpen(): void {
    if (this.#closed) {
      throw new StoppedError('this view of the pinset is closed')
    }
  }
}
