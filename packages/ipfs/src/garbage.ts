/**
 * Deletes the blocks that no pin needs: mark from the pin table, then sweep the store.
 *
 * Runs beside pins, adds and reads; GarbageBarrier keeps what they touch meanwhile.
 *
 * Invariants
 * M1 marking reads local blocks only; what a partial pin still lacks does not matter, but when a complete pin lacks an inner block
 *    nothing is deleted at all, as what is below that block cannot be known;
 * M2 adds that were under way when the collection began have ended before marking begins, so their roots can be known;
 * M3 a block is compared by multihash: the store does not know codecs.
 */
import { IpfsError } from '@pinset/interface'
import type { AbortOptions } from '@pinset/interface'
import type { FsBlockstore } from 'blockstore-fs'
import type { CID } from 'multiformats/cid'

import { blockLinks } from './block-links.ts'
import type { CodecOf } from './block-links.ts'
import type { BlockSource } from './block-source.ts'
import { walkDag } from './dag-walk.ts'
import type { GarbageBarrier } from './garbage-barrier.ts'
import { multihashKey } from './multihash-key.ts'
import type { MultihashKey } from './multihash-key.ts'
import type { PinTable } from './pin-table.ts'
import { raceSignals } from './race-signals.ts'

export interface CollectGarbageResult {
  readonly kept: number
  readonly deleted: number
}

export interface GarbageComponents {
  readonly table: PinTable
  readonly source: BlockSource
  readonly local: FsBlockstore
  readonly barrier: GarbageBarrier
  readonly codecOf: CodecOf
  /** Settles when the adds under way have ended. */
  readonly addsEnded: () => Promise<void>
  /** Roots of content that was added lately and may be about to be pinned. */
  readonly recentRoots: () => readonly CID[]
}

const MARK_CONCURRENCY = 16

/**
 * Undefined when a collection runs already.
 *
 * @param options.only - delete none but these blocks. @default all that no pin needs
 */
export async function tryCollectGarbage(
  components: GarbageComponents,
  options: AbortOptions & { readonly only?: Iterable<CID> },
): Promise<CollectGarbageResult | undefined> {
  const { barrier } = components
  options.signal?.throwIfAborted()
  if (!barrier.tryBegin()) return undefined
  try {
    await raceSignals(components.addsEnded(), options.signal) // M2
    const marked = await mark(components, options.signal)
    return await sweep(components, options.only ?? stored(components), marked, options.signal)
  } finally {
    barrier.end()
  }
}

async function mark(components: GarbageComponents, signal: AbortSignal | undefined): Promise<Set<MultihashKey>> {
  const marked = new Set<MultihashKey>()
  for (const root of components.recentRoots()) await markDag(components, { root, isComplete: false }, marked, signal)
  for await (const { cid, row } of components.table.rows()) {
    signal?.throwIfAborted()
    if (row.mode === 'direct') marked.add(multihashKey(cid))
    else await markDag(components, { root: cid, isComplete: row.state === 'pinned' }, marked, signal)
  }
  return marked
}

async function markDag(
  components: GarbageComponents,
  dag: { readonly root: CID; readonly isComplete: boolean },
  marked: Set<MultihashKey>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const visit = async (cid: CID): Promise<readonly CID[]> => {
    signal?.throwIfAborted()
    marked.add(multihashKey(cid))
    if (cid.code === RAW_CODE) return [] // nothing below: no need to read it
    const bytes = await components.source.getLocal(cid) // M1
    if (bytes === undefined) {
      if (!dag.isComplete) return []
      throw new IpfsError(
        `Garbage was not collected: pin ${dag.root.toString()} lacks block ${cid.toString()}, which was complete before. Unpin it and pin it again first.`,
      )
    }
    // What cannot be decoded has no links that a walk could have followed either.
    return await blockLinks(cid, bytes, components.codecOf).catch(() => [])
  }
  await walkDag({ root: dag.root, concurrency: MARK_CONCURRENCY, visit }).done
}

const RAW_CODE = 0x55

async function* stored({ local }: GarbageComponents): AsyncGenerator<CID> {
  for await (const { cid } of local.getAll()) yield cid
}

async function sweep(
  components: GarbageComponents,
  cids: Iterable<CID> | AsyncIterable<CID>,
  marked: ReadonlySet<MultihashKey>,
  signal: AbortSignal | undefined,
): Promise<CollectGarbageResult> {
  let kept = 0
  let deleted = 0
  for await (const cid of cids) {
    signal?.throwIfAborted()
    const key = multihashKey(cid) // M3
    const isDeleted =
      !marked.has(key) && (await components.barrier.tryDelete(key, async () => await components.local.delete(cid)))
    if (isDeleted) deleted += 1
    else kept += 1
  }
  return { kept, deleted }
}
