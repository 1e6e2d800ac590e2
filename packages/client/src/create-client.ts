/** The client: each method is one endpoint. */
import type {
  AbortOptions,
  AddEntry,
  ClusterStatus,
  GlobalPinInfo,
  MultiaddrText,
  PeerId,
  PeerInfo,
  Pin,
  PinOptions,
  PinRecord,
  ReadOptions,
  WriteOptions,
} from '@pinset/interface'
import {
  addedFromJson,
  clusterStatusFromJson,
  CorruptError,
  globalPinInfoFromJson,
  InvalidRequestError,
  peerInfoFromJson,
  pinFromJson,
  pinOptionsToQuery,
} from '@pinset/interface'
import type { CID } from 'multiformats/cid'

import type {
  AddedRoot,
  ClientAddOptions,
  ClientInit,
  ListOptions,
  PinAnswer,
  PinsetClient,
  StatusOptions,
  UnpinAnswer,
} from './client.ts'
import { Http } from './http.ts'
import { multipartBody } from './multipart.ts'

const DEFAULT_TIMEOUT_MS = 120_000

/** @throws {InvalidRequestError} when the URL is not one. */
export function createClient(init: ClientInit): PinsetClient {
  const url = init.url.replace(/\/+$/u, '')
  if (!/^https?:\/\/[^/]+/u.test(url) || !URL.canParse(url)) {
    throw new InvalidRequestError(
      `not the URL of an API: ${JSON.stringify(init.url)}; write it like http://127.0.0.1:9094`,
    )
  }
  const fetch = init.fetch ?? globalThis.fetch.bind(globalThis)
  return new HttpClient(url, new Http({ url, fetch, timeoutMs: init.timeoutMs ?? DEFAULT_TIMEOUT_MS }))
}

class HttpClient implements PinsetClient {
  readonly url: string
  readonly #http: Http

  constructor(url: string, http: Http) {
    this.url = url
    this.#http = http
  }

  async id(options: AbortOptions = {}): Promise<PeerInfo> {
    return peerInfoFromJson((await this.#http.json('/id', { signal: options.signal })).value)
  }

  async version(options: AbortOptions = {}): Promise<string> {
    return textOf((await this.#http.json('/version', { signal: options.signal })).value, 'version')
  }

  async *peers(options: AbortOptions = {}): AsyncGenerator<PeerInfo> {
    for await (const json of this.#http.lines('/peers', { signal: options.signal })) yield peerInfoFromJson(json)
  }

  async addPeer(address: MultiaddrText, options: AbortOptions = {}): Promise<PeerInfo> {
    const { value } = await this.#http.json('/peers', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ address }),
      signal: options.signal,
    })
    return peerInfoFromJson(value)
  }

  async rmPeer(peerId: PeerId, options: AbortOptions = {}): Promise<void> {
    await this.#http.json(`/peers/${encodeURIComponent(peerId)}`, { method: 'DELETE', signal: options.signal })
  }

  async invite(options: AbortOptions = {}): Promise<string> {
    return textOf((await this.#http.json('/invite', { signal: options.signal })).value, 'token')
  }

  async pin(cid: CID, pinOptions: Partial<PinOptions> = {}, options: WriteOptions = {}): Promise<PinAnswer> {
    const query = pinOptionsToQuery(pinOptions)
    const { value, headers } = await this.#write('POST', cid, query, options)
    return {
      pin: pinFromJson(value),
      modifiedIndex: integerOf(headers, 'x-pinset-modified-index'),
      ...committed(headers),
    }
  }

  async unpin(cid: CID, options: WriteOptions = {}): Promise<UnpinAnswer> {
    const { value, headers } = await this.#write('DELETE', cid, new URLSearchParams(), options)
    return { pin: pinFromJson(value), ...committed(headers) }
  }

  async *pins(options: ListOptions = {}): AsyncGenerator<Pin> {
    const query = readQuery(options)
    if (options.after !== undefined) query.set('after', options.after.toString())
    if (options.limit !== undefined) query.set('limit', String(options.limit))
    for await (const json of this.#http.lines('/allocations', { query, signal: options.signal }))
      yield pinFromJson(json)
  }

  async get(cid: CID, options: ReadOptions = {}): Promise<PinRecord & { readonly revision: number }> {
    const path = `/allocations/${cid.toString()}`
    const { value, headers } = await this.#http.json(path, { query: readQuery(options), signal: options.signal })
    return {
      pin: pinFromJson(value),
      modifiedIndex: integerOf(headers, 'x-pinset-modified-index'),
      revision: integerOf(headers, 'x-pinset-revision'),
    }
  }

  async status(cid: CID, options: ReadOptions & { readonly local?: boolean } = {}): Promise<GlobalPinInfo> {
    const query = withLocal(readQuery(options), options.local)
    const { value } = await this.#http.json(`/pins/${cid.toString()}`, { query, signal: options.signal })
    return globalPinInfoFromJson(value)
  }

  async *statusAll(options: StatusOptions = {}): AsyncGenerator<GlobalPinInfo> {
    const query = withLocal(readQuery(options), options.local)
    if (options.filter !== undefined && options.filter.length > 0) query.set('filter', options.filter.join(','))
    if (options.cids !== undefined) query.set('cids', options.cids.map(String).join(','))
    for await (const json of this.#http.lines('/pins', { query, signal: options.signal })) {
      yield globalPinInfoFromJson(json)
    }
  }

  async recover(cid: CID, options: AbortOptions & { readonly local?: boolean } = {}): Promise<GlobalPinInfo> {
    const query = withLocal(new URLSearchParams(), options.local)
    const path = `/pins/${cid.toString()}/recover`
    const { value } = await this.#http.json(path, { method: 'POST', query, signal: options.signal })
    return globalPinInfoFromJson(value)
  }

  async *recoverAll(options: AbortOptions & { readonly local?: boolean } = {}): AsyncGenerator<GlobalPinInfo> {
    const query = withLocal(new URLSearchParams(), options.local)
    for await (const json of this.#http.lines('/pins/recover', { method: 'POST', query, signal: options.signal })) {
      yield globalPinInfoFromJson(json)
    }
  }

  async *add(entries: AsyncIterable<AddEntry>, options: ClientAddOptions = {}): AsyncGenerator<AddedRoot> {
    const { contentType, stream, failure } = multipartBody(entries)
    const request = {
      method: 'POST' as const,
      query: addQuery(options),
      headers: { 'content-type': contentType },
      body: stream,
      signal: options.signal,
    }
    try {
      for await (const json of this.#http.lines('/add', request)) yield addedFromJson(json)
    } catch (error) {
      throw failure() ?? error
    }
  }

  async *cat(cid: CID, options: AbortOptions & { readonly path?: string } = {}): AsyncGenerator<Uint8Array> {
    const segments = (options.path ?? '').split('/').filter((segment) => segment !== '')
    const path = ['/ipfs', cid.toString(), ...segments.map(encodeURIComponent)].join('/')
    yield* this.#http.bytes(path, { signal: options.signal })
  }

  async cluster(options: AbortOptions = {}): Promise<ClusterStatus> {
    return clusterStatusFromJson((await this.#http.json('/cluster', { signal: options.signal })).value)
  }

  async health(options: AbortOptions = {}): Promise<void> {
    await this.#http.json('/health', { signal: options.signal })
  }

  async ready(options: AbortOptions = {}): Promise<void> {
    await this.#http.json('/ready', { signal: options.signal })
  }

  async #write(
    method: 'POST' | 'DELETE',
    cid: CID,
    query: URLSearchParams,
    options: WriteOptions,
  ): Promise<{ readonly value: unknown; readonly headers: Headers }> {
    if (options.ifModifiedIndex !== undefined) query.set('if-modified-index', String(options.ifModifiedIndex))
    return await this.#http.json(`/pins/${cid.toString()}`, {
      method,
      query,
      headers: options.idempotencyKey === undefined ? {} : { 'idempotency-key': options.idempotencyKey },
      signal: options.signal,
    })
  }
}

function readQuery(options: ReadOptions): URLSearchParams {
  const query = new URLSearchParams()
  if (options.minRevision !== undefined) query.set('min-revision', String(options.minRevision))
  if (options.consistency !== undefined) query.set('consistency', options.consistency)
  return query
}

function withLocal(query: URLSearchParams, local: boolean | undefined): URLSearchParams {
  if (local === true) query.set('local', 'true')
  return query
}

function addQuery(options: ClientAddOptions): URLSearchParams {
  const query = pinOptionsToQuery(options.pin ?? {})
  if (options.wrapWithDirectory === true) query.set('wrap-with-directory', 'true')
  if (options.cidVersion !== undefined) query.set('cid-version', String(options.cidVersion))
  if (options.rawLeaves !== undefined) query.set('raw-leaves', String(options.rawLeaves))
  if (options.chunkSize !== undefined) query.set('chunker', `size-${options.chunkSize}`)
  if (options.noPin === true) query.set('no-pin', 'true')
  return query
}

/** IPFS Cluster sends none of these headers: then the revision is 0. */
function committed(headers: Headers): { readonly revision: number; readonly appliedHere: boolean } {
  return {
    revision: integerOf(headers, 'x-pinset-revision'),
    appliedHere: headers.get('x-pinset-applied') !== 'false',
  }
}

function integerOf(headers: Headers, name: string): number {
  const value = Number(headers.get(name) ?? 0)
  if (!Number.isSafeInteger(value))
    throw new CorruptError(`header ${name} is not an integer: ${String(headers.get(name))}`)
  return value
}

function textOf(value: unknown, name: string): string {
  const text = (value as Readonly<Record<string, unknown>> | undefined)?.[name]
  if (typeof text !== 'string') throw new CorruptError(`the answer has no ${name}`)
  return text
}
