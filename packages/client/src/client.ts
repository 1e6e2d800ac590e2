/** What a client of the HTTP API can do, in the domain's words. */
import type {
  AbortOptions,
  AddedEntry,
  AddEntry,
  AddOptions,
  ClusterStatus,
  GlobalPinInfo,
  MultiaddrText,
  PeerId,
  PeerInfo,
  Pin,
  PinOptions,
  PinRecord,
  PinStatus,
  ReadOptions,
  WriteOptions,
} from '@pinset/interface'
import type { CID } from 'multiformats/cid'

export interface ClientInit {
  /** Of the API, such as `http://127.0.0.1:9094`. */
  readonly url: string
  /** @default the global `fetch` */
  readonly fetch?: typeof globalThis.fetch
  /** How long a request that is not a stream may take. @default 120000 */
  readonly timeoutMs?: number
}

export type ClientReadOptions = ReadOptions

export interface ListOptions extends ReadOptions {
  /** Only what comes after this CID in the order of the list. */
  readonly after?: CID
  readonly limit?: number
}

export interface StatusOptions extends ReadOptions {
  /** Only the peer that answers. */
  readonly local?: boolean
  /** Only pins with one of these statuses on at least one peer; `error` and `queued` stand for several. */
  readonly filter?: readonly (PinStatus | 'error' | 'queued')[]
  readonly cids?: readonly CID[]
}

export interface PinAnswer {
  readonly pin: Pin
  readonly modifiedIndex: number
  /** Reads with `minRevision` of this see the change. */
  readonly revision: number
  /** False when the change is committed but the answering peer had not applied it in time. */
  readonly appliedHere: boolean
}

export type UnpinAnswer = Omit<PinAnswer, 'modifiedIndex'>

export interface ClientAddOptions extends AddOptions {
  /** How what was added is pinned. */
  readonly pin?: Partial<Omit<PinOptions, 'mode' | 'pinUpdate'>>
  /** Import only. @default false */
  readonly noPin?: boolean
}

export interface AddedRoot extends AddedEntry {
  readonly allocations: readonly PeerId[]
}

/**
 * A typed client of the HTTP API.
 *
 * Errors of the API are the classes of `@pinset/interface` where there is one for them, else `ApiError`; each has the `status`
 * of the answer. `ApiUnreachableError` means that there was no answer. Streams throw when they were cut short.
 */
export interface PinsetClient {
  readonly url: string
  id(options?: AbortOptions): Promise<PeerInfo>
  version(options?: AbortOptions): Promise<string>
  peers(options?: AbortOptions): AsyncIterable<PeerInfo>
  addPeer(address: MultiaddrText, options?: AbortOptions): Promise<PeerInfo>
  rmPeer(peerId: PeerId, options?: AbortOptions): Promise<void>
  invite(options?: AbortOptions): Promise<string>

  pin(cid: CID, pinOptions?: Partial<PinOptions>, options?: WriteOptions): Promise<PinAnswer>
  unpin(cid: CID, options?: WriteOptions): Promise<UnpinAnswer>
  pins(options?: ListOptions): AsyncIterable<Pin>
  /** @throws {NotFoundError} when it is not pinned. */
  get(cid: CID, options?: ClientReadOptions): Promise<PinRecord & { readonly revision: number }>
  status(cid: CID, options?: ClientReadOptions & { readonly local?: boolean }): Promise<GlobalPinInfo>
  statusAll(options?: StatusOptions): AsyncIterable<GlobalPinInfo>
  recover(cid: CID, options?: AbortOptions & { readonly local?: boolean }): Promise<GlobalPinInfo>
  recoverAll(options?: AbortOptions & { readonly local?: boolean }): AsyncIterable<GlobalPinInfo>

  /** Uploads as it reads; the entry of a root comes once it is pinned. */
  add(entries: AsyncIterable<AddEntry>, options?: ClientAddOptions): AsyncIterable<AddedRoot>
  cat(cid: CID, options?: AbortOptions & { readonly path?: string }): AsyncIterable<Uint8Array>

  cluster(options?: AbortOptions): Promise<ClusterStatus>
  /** Resolves when the process answers. */
  health(options?: AbortOptions): Promise<void>
  /** Resolves when the peer is ready; else throws with the reason. */
  ready(options?: AbortOptions): Promise<void>
}
