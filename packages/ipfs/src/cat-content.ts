/**
 * Reads the bytes of a UnixFS file in order.
 *
 * Invariants
 * F1 nothing is read further ahead of the consumer than `READ_AHEAD` blocks (Helia's own `cat` reads the whole file into memory);
 * F2 when the consumer stops, so does the reading.
 */
import { unixfs } from '@helia/unixfs'
import { decode as decodeDagPb } from '@ipld/dag-pb'
import { InvalidRequestError, IpfsError, NotFoundError } from '@pinset/interface'
import type { AbortOptions } from '@pinset/interface'
import type { CID } from 'multiformats/cid'

import type { FetchSession } from './block-exchange.ts'
import type { BlockSource } from './block-source.ts'
import { decodeUnixfsData } from './unixfs-data.ts'

export interface CatComponents {
  readonly source: BlockSource
  readonly describeMissing: (cid: CID) => string
}

export interface CatOptions extends AbortOptions {
  readonly path?: string
}

interface NextBlock {
  readonly cid: CID
  bytes?: Promise<Uint8Array>
}

const READ_AHEAD = 8
const RAW_CODE = 0x55
const DAG_PB_CODE = 0x70

export async function* catContent(
  components: CatComponents,
  cid: CID,
  options: CatOptions,
  stallMs: number,
): AsyncGenerator<Uint8Array> {
  const reader = new BlockReader(components, options.signal, stallMs)
  try {
    const path = (options.path ?? '').split('/').filter((part) => part !== '')
    const file = await resolveFile(reader, cid, path.join('/'))
    yield* readInOrder(reader, file, [cid.toString(), ...path].join('/'))
  } finally {
    reader.stop() // F2
  }
}

async function* readInOrder(reader: BlockReader, root: CID, name: string): AsyncGenerator<Uint8Array> {
  /** Blocks still to read; the next is the last. */
  const stack: NextBlock[] = [{ cid: root }]
  let isRoot = true
  for (;;) {
    for (const ahead of stack.slice(-READ_AHEAD)) ahead.bytes ??= reader.begin(ahead.cid) // F1
    const next = stack.pop()
    if (next?.bytes === undefined) return
    const block = await reader.within(next.cid, next.bytes)
    const { data, links } = decodeFileBlock(next.cid, block, name, isRoot)
    isRoot = false
    for (const link of links.toReversed()) stack.push({ cid: link })
    if (data.byteLength > 0) yield data
  }
}

function decodeFileBlock(
  cid: CID,
  block: Uint8Array,
  name: string,
  isRoot: boolean,
): { readonly data: Uint8Array; readonly links: readonly CID[] } {
  if (cid.code === RAW_CODE) return { data: block, links: [] }
  if (cid.code !== DAG_PB_CODE)
    throw new InvalidRequestError(`${name} is not a file: its codec is 0x${cid.code.toString(16)}`)
  const node = decodeNode(cid, block)
  const content = node.Data === undefined ? undefined : decodeUnixfsData(node.Data)
  if (content === undefined)
    throw new InvalidRequestError(`${name} is not a file: block ${cid.toString()} is not UnixFS`)
  if (content.kind === 'directory' || content.kind === 'hamt-sharded-directory') {
    throw new InvalidRequestError(`${name} is a directory${isRoot ? '' : ' in part'}; give the path of a file in it`)
  }
  if (content.kind === 'symlink' || content.kind === 'metadata')
    throw new InvalidRequestError(`${name} is a ${content.kind}, not a file`)
  return { data: content.data, links: node.Links.map((link) => link.Hash) }
}

function decodeNode(cid: CID, block: Uint8Array): ReturnType<typeof decodeDagPb> {
  try {
    return decodeDagPb(block)
  } catch (cause) {
    throw new IpfsError(`Block ${cid.toString()} is not valid dag-pb; the content itself is damaged.`, { cause })
  }
}

async function resolveFile(reader: BlockReader, cid: CID, path: string): Promise<CID> {
  if (path === '') return cid
  try {
    const stats = await unixfs({ blockstore: reader.blockstore }).stat(cid, { path })
    return stats.cid
  } catch (err) {
    if (reader.failure !== undefined) throw reader.failure.cause
    throw new NotFoundError(`there is no ${path} in ${cid.toString()}`, { cause: err })
  }
}

/** Blocks for one read, each within the stall time. */
class BlockReader {
  readonly #components: CatComponents
  readonly #stallMs: number
  readonly #stopped = new AbortController()
  readonly #session: FetchSession = { preferred: [] }
  readonly #removeListener: () => void
  /** Why a block could not be had; what the importer makes of it says less. */
  failure: { readonly cause: unknown } | undefined

  constructor(components: CatComponents, signal: AbortSignal | undefined, stallMs: number) {
    this.#components = components
    this.#stallMs = stallMs
    const onAbort = (): void => this.#stopped.abort(signal?.reason)
    if (signal?.aborted === true) onAbort()
    signal?.addEventListener('abort', onAbort, { once: true })
    this.#removeListener = () => signal?.removeEventListener('abort', onAbort)
  }

  readonly blockstore = {
    get: (cid: CID) => this.#stream(cid),
    has: () => true,
    put: () => {
      throw new IpfsError('Reading a file writes no blocks.')
    },
  }

  begin(cid: CID): Promise<Uint8Array> {
    const { bytes } = this.#components.source.get(cid, this.#session, this.#stopped.signal)
    bytes.catch(() => {}) // seen when its turn comes, or never
    return bytes
  }

  async within(cid: CID, bytes: Promise<Uint8Array>): Promise<Uint8Array> {
    let timer: ReturnType<typeof setTimeout> | undefined
    const stalled = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new IpfsError(this.#components.describeMissing(cid))), this.#stallMs)
    })
    try {
      return await Promise.race([bytes, stalled])
    } catch (cause) {
      this.failure = { cause }
      throw cause
    } finally {
      clearTimeout(timer)
    }
  }

  stop(): void {
    this.#removeListener()
    this.#stopped.abort(new Error('the reading has ended'))
  }

  async *#stream(cid: CID): AsyncGenerator<Uint8Array> {
    yield await this.within(cid, this.begin(cid))
  }
}
