/**
 * Blocks as files, each on the disk before its `put` resolves.
 *
 * FsBlockstore writes without syncing, so that after a loss of power a pin recorded as complete could lack blocks, or have empty ones.
 *
 * Invariants
 * D1 a block's file has its final name only once its bytes have reached the disk;
 * D2 `put` resolves once that name has reached the disk too.
 */
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { FsBlockstore } from 'blockstore-fs'
import { NextToLast } from 'blockstore-fs/sharding'
import type { CID } from 'multiformats/cid'

export class SyncedBlockstore extends FsBlockstore {
  readonly #sharding: NextToLast
  /** One at a time per block: the temporary name is the block's. */
  readonly #writing = new Map<string, Promise<void>>()
  /** Directories that are there, so that they are made and synced once; at most 1024, by the last two characters of a name. */
  readonly #directories = new Map<string, Promise<void>>()

  constructor(location: string) {
    const sharding = new NextToLast()
    super(location, { shardingStrategy: sharding })
    this.#sharding = sharding
  }

  override async put(cid: CID, bytes: Uint8Array): Promise<CID> {
    const { dir, file } = this.#sharding.encode(cid)
    const writing =
      this.#writing.get(file) ??
      this.#write(join(this.path, dir), file, bytes).finally(() => this.#writing.delete(file))
    this.#writing.set(file, writing)
    await writing
    return cid
  }

  async #write(directory: string, file: string, bytes: Uint8Array): Promise<void> {
    await this.#directory(directory)
    const temporary = join(directory, `.${file}.tmp`) // what a crash leaves is overwritten
    try {
      await writeSynced(temporary, bytes) // D1
    } catch (err) {
      await rm(temporary, { force: true }).catch(() => {}) // the disk may be full
      throw err
    }
    await rename(temporary, join(directory, file))
    await sync(directory) // D2
  }

  async #directory(directory: string): Promise<void> {
    let made = this.#directories.get(directory)
    if (made === undefined) {
      made = mkdir(directory, { recursive: true }).then(() => sync(dirname(directory)))
      made.catch(() => this.#directories.delete(directory))
      this.#directories.set(directory, made)
    }
    await made
  }
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(path, 'w')
  try {
    await handle.writeFile(bytes)
    await handle.datasync()
  } finally {
    await handle.close()
  }
}

async function sync(directory: string): Promise<void> {
  if (process.platform === 'win32') return // directories cannot be synced there
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
