/**
 * Content: add files through this peer's IPFS node and pin them; read files back.
 *
 * T1 The line of a root is written only once its pin is committed: a root that a client has read is pinned.
 */
import type { AddEntry, AddOptions, AddedEntry, Cluster, Pin, PinOptions, QueryOptions } from '@pinset/interface'
import { addedToJson, booleanFromQuery, cidFromText, InvalidRequestError, pinOptionsFromQuery } from '@pinset/interface'
import { Type } from 'typebox'

import type { Call } from '../endpoint.ts'
import { endpoint, TEXT } from '../endpoint.ts'
import { bodyChunks } from '../upload/body-chunks.ts'
import { entriesFromParts } from '../upload/entries.ts'
import { boundaryOf, multipartParts } from '../upload/multipart.ts'
import { pinnedOrThrow } from './pins.ts'

const MAX_CHUNK_BYTES = 1024 * 1024
/** A client may not read before it has sent everything: so much may wait for it. */
const UNREAD_ADD_BYTES = 8 * 1024 * 1024

export const CONTENT_ENDPOINTS = [
  endpoint({
    method: 'POST',
    path: '/add',
    summary: 'Add files and directories (multipart), then pin what was added',
    effect: 'write',
    deadline: 'none',
    upload: true,
    query: Type.Object({ layout: TEXT, chunker: TEXT, hash: TEXT, format: TEXT, 'cid-version': TEXT }),
    handle(call, { cluster, limits }) {
      const boundary = boundaryOf(call.headers['content-type'])
      const { query } = call
      const addOptions = addOptionsFromQuery(query)
      const pinOptions = pinOptionsFromQuery({ ...query, mode: undefined }, Date.now())
      const noPin = booleanFromQuery(query, 'no-pin') ?? false
      if (!noPin) cluster.checkPinOptions(pinOptions)
      const streamed = booleanFromQuery(query, 'stream-channels') ?? true
      const add = async function* (): AsyncGenerator {
        const reading = new AbortController()
        const signal = AbortSignal.any([call.signal, reading.signal])
        const body = bodyChunks(call.raw, { signal, idleMs: limits.uploadIdleMs, maxBytes: limits.maxUploadBytes })
        const parts = multipartParts(body, boundary, { maxParts: limits.maxUploadParts })
        try {
          const added = addEntries(cluster, entriesFromParts(parts), { ...addOptions, signal: call.signal })
          for await (const entry of added) {
            const pinned = noPin || !isRoot(entry, addOptions) ? null : await pinRoot(cluster, entry, pinOptions, call)
            yield addedToJson(entry, pinned?.allocations) // T1
          }
        } finally {
          reading.abort()
        }
      }
      const headers = { 'x-chunked-output': '1', 'cache-control': 'no-cache' }
      return streamed
        ? { kind: 'lines', headers, items: add(), unreadBytes: UNREAD_ADD_BYTES, heartbeat: true }
        : { kind: 'array', headers, items: add() }
    },
  }),
  endpoint({
    method: 'GET',
    path: '/ipfs/:cid',
    summary: 'The content of a file',
    effect: 'read',
    deadline: 'none',
    stream: 'file',
    handle: (call, { cluster }) => ({
      kind: 'bytes',
      chunks: cluster.cat(cidFromText(call.params['cid'] ?? ''), { signal: call.signal }),
    }),
  }),
  endpoint({
    method: 'GET',
    path: '/ipfs/:cid/*',
    summary: 'The content of a file below a directory',
    effect: 'read',
    deadline: 'none',
    stream: 'file',
    handle(call, { cluster }) {
      const path = call.params['*'] ?? ''
      const cid = cidFromText(call.params['cid'] ?? '')
      return { kind: 'bytes', chunks: cluster.cat(cid, { signal: call.signal, ...(path === '' ? {} : { path }) }) }
    },
  }),
]

/** Fails when nothing was uploaded, which no cluster has to know about. */
async function* addEntries(
  cluster: Cluster,
  entries: AsyncIterable<AddEntry>,
  options: AddOptions,
): AsyncGenerator<AddedEntry> {
  let any = false
  const seen = async function* (): AsyncGenerator<AddEntry> {
    for await (const entry of entries) {
      any = true
      yield entry
    }
    if (!any) throw new InvalidRequestError('the upload holds no file: send each as a part with a filename')
  }
  yield* cluster.add(seen(), options)
}

function isRoot(entry: AddedEntry, options: AddOptions): boolean {
  return options.wrapWithDirectory === true ? entry.path === '' : !entry.path.includes('/')
}

async function pinRoot(
  cluster: Cluster,
  entry: AddedEntry,
  options: PinOptions,
  call: Call<unknown, unknown>,
): Promise<Pin> {
  const committed = await cluster.pin({ cid: entry.cid, ...options }, { signal: call.signal })
  return pinnedOrThrow(committed.outcome, entry.cid).pin
}

/** Import options with the defaults of IPFS Cluster; what this peer cannot do is refused, never ignored. */
function addOptionsFromQuery(query: QueryOptions): AddOptions {
  const only = (name: string, allowed: readonly string[]): void => {
    const value = query[name]
    if (value !== undefined && value !== '' && !allowed.includes(value)) {
      throw new InvalidRequestError(
        `option ${name}=${value.slice(0, 80)} is not supported; it takes ${allowed.join(' or ')}`,
      )
    }
  }
  only('layout', ['balanced'])
  only('format', ['unixfs'])
  only('hash', ['sha2-256'])
  only('cid-version', ['0', '1'])
  for (const name of ['shard', 'nocopy']) {
    if (booleanFromQuery(query, name) === true) throw new InvalidRequestError(`option ${name} is not supported`)
  }
  for (const name of ['local', 'recursive', 'hidden', 'progress']) booleanFromQuery(query, name)
  const cidVersion = query['cid-version'] === '1' ? 1 : 0
  const chunkSize = chunkSizeFrom(query['chunker'] ?? '')
  return {
    cidVersion,
    rawLeaves: booleanFromQuery(query, 'raw-leaves') ?? cidVersion === 1,
    wrapWithDirectory: booleanFromQuery(query, 'wrap-with-directory') ?? false,
    ...(chunkSize === undefined ? {} : { chunkSize }),
  }
}

function chunkSizeFrom(chunker: string): number | undefined {
  if (chunker === '' || chunker === 'default') return undefined
  const size = /^size-(\d{1,7})$/u.exec(chunker)?.[1]
  const bytes = Number(size ?? 0)
  if (bytes < 1 || bytes > MAX_CHUNK_BYTES) {
    throw new InvalidRequestError(`option chunker is invalid: it takes size-N with N from 1 to ${MAX_CHUNK_BYTES}`)
  }
  return bytes
}
