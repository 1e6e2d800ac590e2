/**
 * Lets garbage be collected while pins are fetched and content is added.
 *
 * Invariants
 * G1 while a collection runs, a block that anybody touched since it began is not deleted;
 * G2 who touches a block that is just being deleted goes on after the deletion, and so finds it missing.
 * Deciding to delete and touching are synchronous, so there is nothing between them.
 */
import type { MultihashKey } from './multihash-key.ts'

export class GarbageBarrier {
  #touched: Set<MultihashKey> | undefined
  readonly #deleting = new Map<MultihashKey, Promise<void>>()

  /** Keep a block from now until the running collection, if any, ends. */
  async touch(key: MultihashKey): Promise<void> {
    if (this.#touched === undefined) return
    this.#touched.add(key) // G1
    await this.#deleting.get(key) // G2
  }

  /** False when a collection runs already. */
  tryBegin(): boolean {
    if (this.#touched !== undefined) return false
    this.#touched = new Set()
    return true
  }

  /** Delete unless touched; true when deleted. */
  async tryDelete(key: MultihashKey, deleteBlock: () => Promise<void>): Promise<boolean> {
    if (this.#touched === undefined || this.#touched.has(key)) return false
    const deletion = deleteBlock()
    const quiet = deletion.catch(() => {}).finally(() => this.#deleting.delete(key))
    this.#deleting.set(key, quiet)
    await deletion
    return true
  }

  end(): void {
    this.#touched = undefined
  }
}
