/** An IPFS node that pins when it is told that the content has arrived. */
import type { CID } from 'multiformats/cid'

import type { AddedEntry, IpfsConnector, IpfsIdentity, IpfsPinOptions, IpfsPinState, PinMode } from '@pinset/interface'

interface Fetch {
  readonly finish: () => void
  readonly fail: (error: Error) => void
  readonly options: IpfsPinOptions
}

export class FakeIpfs implements IpfsConnector {
  readonly pinned = new Map<string, { cid: CID; mode: PinMode }>()
  readonly fetching = new Map<string, Fetch>()
  /** Calls in order: `pin <cid>`, `unpin <cid>`. */
  readonly calls: string[] = []
  /** When false, a fetch waits for `fetching.get(cid).finish()`. */
  immediate = true
  /** Thrown by every call until it is taken away. */
  broken: Error | undefined
  siblings: readonly string[] = []
  #most = 0

  /** Highest number of pins that were being fetched at once. */
  get mostFetching(): number {
    return this.#most
  }

  async pin(cid: CID, options: IpfsPinOptions): Promise<void> {
    this.calls.push(`pin ${cid.toString()}`)
    if (this.broken !== undefined) throw this.broken
    const key = cid.toString()
    if (!this.immediate) {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      this.fetching.set(key, { finish: resolve, fail: reject, options })
      this.#most = Math.max(this.#most, this.fetching.size)
      options.signal?.addEventListener('abort', () => reject(options.signal?.reason as Error))
      try {
        await promise
      } finally {
        this.fetching.delete(key)
      }
    }
    this.pinned.set(key, { cid, mode: options.mode })
  }

  async unpin(cid: CID): Promise<void> {
    this.calls.push(`unpin ${cid.toString()}`)
    if (this.broken !== undefined) throw this.broken
    this.pinned.delete(cid.toString())
  }

  async status(cid: CID): Promise<IpfsPinState> {
    if (this.broken !== undefined) throw this.broken
    const pin = this.pinned.get(cid.toString())
    return pin === undefined ? { kind: 'unpinned' } : { kind: 'pinned', mode: pin.mode }
  }

  async *pins(): AsyncIterable<{ cid: CID; state: IpfsPinState }> {
    if (this.broken !== undefined) throw this.broken
    for (const { cid, mode } of this.pinned.values()) yield { cid, state: { kind: 'pinned', mode } }
  }

  async id(): Promise<IpfsIdentity> {
    if (this.broken !== undefined) throw this.broken
    return { id: 'ipfs', addresses: ['/ip4/127.0.0.1/tcp/4001/p2p/ipfs'] }
  }

  setSiblings(addresses: readonly string[]): void {
    this.siblings = addresses
  }

  async start(): Promise<void> {}
  async stop(): Promise<void> {}

  async *add(): AsyncIterable<AddedEntry> {}
  async *cat(): AsyncIterable<Uint8Array> {}
}
