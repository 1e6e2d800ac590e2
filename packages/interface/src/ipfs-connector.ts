/** What a peer asks of the IPFS node that it drives. */
import type { CID } from 'multiformats/cid'

import type { AbortOptions, Startable } from './options.ts'
import type { MultiaddrText } from './peer.ts'
import type { PinMode } from './pin.ts'
import type { PinProgress } from './status.ts'

export interface IpfsIdentity {
  readonly id: string
  /** Where other IPFS nodes reach this one; each with a `/p2p/` part. */
  readonly addresses: readonly MultiaddrText[]
}

export interface IpfsPinOptions extends AbortOptions {
  readonly mode: PinMode
  readonly name?: string
  /** Addresses of IPFS nodes that are likely to have the content. */
  readonly origins?: readonly MultiaddrText[]
  readonly onProgress?: (progress: PinProgress) => void
}

/** How one CID stands on this IPFS node. `partial`: the pin was begun and not all blocks are here. */
export type IpfsPinState =
  | { readonly kind: 'pinned'; readonly mode: PinMode }
  | { readonly kind: 'partial'; readonly mode: PinMode }
  | { readonly kind: 'unpinned' }

/** One file or directory to add; directories come before what they hold, paths are `/`-separated and relative. */
export interface AddEntry {
  readonly path: string
  /** Absent for a directory. */
  readonly content?: AsyncIterable<Uint8Array>
}

export interface AddOptions extends AbortOptions {
  /** Wrap everything in one more directory. @default false */
  readonly wrapWithDirectory?: boolean
  /** @default 1 */
  readonly cidVersion?: 0 | 1
  /** @default true when `cidVersion` is 1 */
  readonly rawLeaves?: boolean
  /** Bytes per leaf. @default 262144 */
  readonly chunkSize?: number
}

export interface AddedEntry {
  readonly path: string
  readonly cid: CID
  /** Bytes of the file's content; 0 for a directory. */
  readonly contentBytes: number
  /** Size of the whole DAG below, in bytes. */
  readonly dagBytes: number
}

/**
 * Driver of one IPFS node. Every call is bounded by its signal; a block request in flight is never aborted.
 *
 * Every call may throw `IpfsError` (the node failed, or content cannot be had; the message says what to do) and `StoppedError`.
 */
export interface IpfsConnector extends Startable {
  id(options?: AbortOptions): Promise<IpfsIdentity>
  /** Resolves once the whole DAG (or the root, for `direct`) is here and recorded as pinned. Idempotent; resumes a partial pin. */
  pin(cid: CID, options: IpfsPinOptions): Promise<void>
  /** Resolves once the pin is forgotten; the blocks go with the next garbage collection. Idempotent. */
  unpin(cid: CID, options?: AbortOptions): Promise<void>
  status(cid: CID, options?: AbortOptions): Promise<IpfsPinState>
  /** All pins, completed or partial, in no order. */
  pins(options?: AbortOptions): AsyncIterable<{ readonly cid: CID; readonly state: IpfsPinState }>
  /** Import content. Children come before their directory, the root last. */
  add(entries: AsyncIterable<AddEntry>, options?: AddOptions): AsyncIterable<AddedEntry>
  /**
   * The bytes of a file, `path` below the CID; fetched from connected nodes when they are not here.
   *
   * @throws {InvalidRequestError} it is not a file.
   * @throws {NotFoundError} there is nothing at `path`.
   */
  cat(cid: CID, options?: AbortOptions & { readonly path?: string }): AsyncIterable<Uint8Array>
  /** Addresses of the IPFS nodes of the other peers; the connector keeps connections to them. */
  setSiblings(addresses: readonly MultiaddrText[]): void
}
