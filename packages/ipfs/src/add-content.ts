/**
 * Imports files and directories as UnixFS, with the CIDs that Kubo's `ipfs add` gives.
 *
 * Owns the order of what is yielded and what paths are accepted; the DAG is built by ipfs-unixfs-importer.
 *
 * Invariants
 * A1 one entry is read to its end before the next is asked for, and a file is held a few dozen chunks at a time, so the entries may come
 *    from one sequential stream of any size;
 * A2 every file and every directory is yielded once, children before their directory, the root last;
 * A3 a path that could leave the root or hide another entry is refused before any of its bytes is read.
 */
import { unixfs } from '@helia/unixfs'
import type { AddOptions as UnixfsAddOptions } from '@helia/unixfs'
import { code as dagPbCode } from '@ipld/dag-pb'
import { IpfsError } from '@pinset/interface'
import type { AddedEntry, AddEntry, AddOptions } from '@pinset/interface'
import { CID } from 'multiformats/cid'
import { sha256 } from 'multiformats/hashes/sha2'

import { fixedSizeChunker } from './fixed-size-chunker.ts'
import { iterateUntil } from './race-signals.ts'
import { type BlockSink, WriteBehind } from './write-behind.ts'

/** What other nodes take in one Bitswap message, less its frame. */
const MAX_CHUNK_BYTES = 2 * 1024 * 1024
const DEFAULT_CHUNK_BYTES = 262_144
const RAW_CODE = 0x55
/** dag-pb node whose data is the UnixFS message { type: directory }. */
const EMPTY_DIRECTORY = Uint8Array.of(0x0a, 0x02, 0x08, 0x01)

type ImportCandidate =
  | { path: string }
  | { content: AsyncIterable<Uint8Array> }
  | { path: string; content: AsyncIterable<Uint8Array> }

export async function* addContent(
  source: BlockSink,
  entries: AsyncIterable<AddEntry>,
  options: AddOptions,
): AsyncGenerator<AddedEntry> {
  const cidVersion = options.cidVersion ?? 1
  const chunkSize = options.chunkSize ?? DEFAULT_CHUNK_BYTES
  if (!Number.isSafeInteger(chunkSize) || chunkSize < 1 || chunkSize > MAX_CHUNK_BYTES) {
    throw new IpfsError(`A chunk size of ${chunkSize} bytes cannot be used; choose one from 1 to ${MAX_CHUNK_BYTES}.`)
  }
  const paths = new AddedPaths(options.wrapWithDirectory ?? false)
  const importerOptions = {
    profile: 'unixfs-v0-2015', // 174 children, HAMT above 256 KiB of links; what it says about CIDs is overridden below
    layout: undefined,
    chunker: fixedSizeChunker(chunkSize),
    cidVersion,
    rawLeaves: options.rawLeaves ?? cidVersion === 1,
    wrapWithDirectory: options.wrapWithDirectory ?? false,
    fileImportConcurrency: 1, // A1
  } as unknown as UnixfsAddOptions
  const writes = new WriteBehind(source)
  const blockstore = writingStore(writes, options.signal)
  const imported = unixfs({ blockstore }).addAll(candidates(entries, paths, options.signal), importerOptions)
  const emptyDirectory = CID.create(cidVersion, dagPbCode, await sha256.digest(EMPTY_DIRECTORY))
  try {
    yield* writes.onceStored(describe(imported, paths, emptyDirectory))
  } finally {
    await writes.settle()
  }
}

async function* describe(
  imported: ReturnType<ReturnType<typeof unixfs>['addAll']>,
  paths: AddedPaths,
  emptyDirectory: CID,
): AsyncGenerator<AddedEntry> {
  // A2: the importer yields children first; empty directories, which it does not yield, come before what holds them.
  for await (const result of imported) {
    const path = result.path ?? ''
    const isDirectory = result.unixfs?.isDirectory() ?? false
    if (isDirectory) {
      for (const empty of paths.takeEmptyBelow(path)) {
        yield directoryEntry(empty, emptyDirectory, EMPTY_DIRECTORY.byteLength)
      }
      paths.take(path)
      yield directoryEntry(path, result.cid, Number(result.size))
      continue
    }
    const contentBytes = result.cid.code === RAW_CODE ? result.size : (result.unixfs?.fileSize() ?? 0n)
    yield { path, cid: result.cid, contentBytes: Number(contentBytes), dagBytes: Number(result.size) }
  }
}

function directoryEntry(path: string, cid: CID, dagBytes: number): AddedEntry {
  return { path, cid, contentBytes: 0, dagBytes }
}

async function* candidates(
  entries: AsyncIterable<AddEntry>,
  paths: AddedPaths,
  signal: AbortSignal | undefined,
): AsyncGenerator<ImportCandidate> {
  signal?.throwIfAborted()
  let count = 0
  for await (const entry of iterateUntil(entries, signal)) {
    const isNew = paths.accept(entry.path, entry.content === undefined) // A3
    count += 1
    if (!isNew) continue
    const content = entry.content === undefined ? undefined : abortable(entry.content, entry.path, signal)
    if (content === undefined) yield { path: entry.path }
    else if (entry.path === '') yield { content }
    else yield { path: entry.path, content }
  }
  signal?.throwIfAborted()
  if (count === 0) throw new IpfsError('Nothing was given to add; give at least one file or directory.')
}

async function* abortable(
  content: AsyncIterable<Uint8Array>,
  path: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  for await (const bytes of iterateUntil(content, signal)) {
    if (!(bytes instanceof Uint8Array)) throw new IpfsError(`The content of ${path} is not bytes.`)
    yield bytes
  }
}

/** What the importer writes to; it never reads. */
function writingStore(
  writes: WriteBehind,
  signal: AbortSignal | undefined,
): Parameters<typeof unixfs>[0]['blockstore'] {
  return {
    put: async (cid, bytes) => {
      signal?.throwIfAborted()
      await writes.add(cid, bytes as Uint8Array)
      return cid
    },
    has: () => false,
    get: () => {
      throw new IpfsError('An import reads no blocks.')
    },
  }
}

/** The paths given so far, and the declared directories that were not yielded yet. */
class AddedPaths {
  readonly #wrap: boolean
  readonly #kinds = new Map<string, 'file' | 'directory'>()
  readonly #empty = new Set<string>()

  constructor(wrap: boolean) {
    this.#wrap = wrap
  }

  /** False for a directory that is there already. */
  accept(path: string, isDirectory: boolean): boolean {
    if (path === '' && !isDirectory && !this.#wrap && this.#kinds.size === 0) {
      this.#kinds.set('', 'file')
      return true
    }
    const parts = path.split('/')
    for (const part of parts) checkName(part, path)
    if (this.#kinds.get('') === 'file')
      throw new IpfsError(`Cannot add ${path} beside a file without a name; give every file a path.`)
    for (let depth = 1; depth < parts.length; depth += 1) {
      const parent = parts.slice(0, depth).join('/')
      if (this.#kinds.get(parent) === 'file') throw new IpfsError(`Cannot add ${path}: ${parent} was added as a file.`)
      this.#kinds.set(parent, 'directory')
      this.#empty.delete(parent)
    }
    const known = this.#kinds.get(path)
    if (known === 'directory' && isDirectory) return false
    if (known !== undefined) throw new IpfsError(`Cannot add ${path}: there is another entry with this path.`)
    this.#kinds.set(path, isDirectory ? 'directory' : 'file')
    if (isDirectory) this.#empty.add(path)
    return true
  }

  take(path: string): void {
    this.#empty.delete(path)
  }

  /** Empty directories strictly below a directory, once. */
  *takeEmptyBelow(directory: string): Generator<string> {
    const prefix = directory === '' ? '' : `${directory}/`
    for (const path of this.#empty) {
      if (path === directory || !path.startsWith(prefix)) continue
      this.#empty.delete(path)
      yield path
    }
  }
}

function checkName(name: string, path: string): void {
  if (name === '' || name === '.' || name === '..' || name.includes('\0') || name.endsWith('\\')) {
    throw new IpfsError(
      `Cannot add ${JSON.stringify(path)}: a path is relative, its parts are separated by single slashes, and none is ".", ".." or ends with a backslash.`,
    )
  }
}
