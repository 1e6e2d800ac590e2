/**
 * A running IPFS node with the parts that Pinset adds to it. Loaded only by `HeliaConnector.start()`.
 *
 * Invariants
 * O1 closing ends in this order: pins and reads, requests to others, connections, Helia and its stores;
 * O2 the roots of adds of the last `RECENT_MS` are known to the garbage collection, at most `MAX_RECENT`;
 * O3 an add that fails because the disk is full gives back what it wrote, up to `MAX_GIVEN_BACK` blocks, except what a pin or a recent
 *    add needs; nothing that was there before it is deleted.
 */
import { NoSpaceError } from '@pinset/interface'
import type { AbortOptions, AddedEntry, AddEntry, AddOptions, IpfsIdentity, Logger } from '@pinset/interface'
import type { CID } from 'multiformats/cid'

import { addContent } from './add-content.ts'
import { BlockExchange } from './block-exchange.ts'
import { BlockSource } from './block-source.ts'
import { catContent } from './cat-content.ts'
import type { CatOptions } from './cat-content.ts'
import { Connections } from './connections.ts'
import { GarbageBarrier } from './garbage-barrier.ts'
import { tryCollectGarbage } from './garbage.ts'
import type { CollectGarbageResult } from './garbage.ts'
import { openIpfsNode } from './ipfs-node.ts'
import type { IpfsNode } from './ipfs-node.ts'
import { PinRuns } from './pin-runs.ts'
import { PinTable } from './pin-table.ts'
import type { ConnectorSettings } from './settings.ts'
import { WantSender } from './want-sender.ts'

const RECENT_MS = 10 * 60_000
const MAX_RECENT = 10_000
const MAX_GIVEN_BACK = 100_000

export async function openNode(
  components: { readonly logger: Logger },
  settings: ConnectorSettings,
): Promise<OpenedNode> {
  const connections = new Connections(components, settings)
  const node = await openIpfsNode(settings, connections.gater)
  return new OpenedNode({ logger: components.logger, node, connections }, settings)
}

export class OpenedNode {
  readonly connections: Connections
  readonly table: PinTable
  readonly runs: PinRuns
  readonly #node: IpfsNode
  readonly #exchange: BlockExchange
  readonly #sender: WantSender
  readonly #source: BlockSource
  readonly #barrier = new GarbageBarrier()
  readonly #stallMs: number
  readonly #directory: string
  readonly #logger: Logger
  readonly #adds = new Set<Promise<void>>()
  readonly #givingBack = new Set<Promise<void>>()
  readonly #recent = new Map<CID, number>()
  readonly #closing = new AbortController()
  #closed: Promise<void> | undefined

  constructor(
    components: { readonly logger: Logger; readonly node: IpfsNode; readonly connections: Connections },
    settings: ConnectorSettings,
  ) {
    const { logger, node, connections } = components
    const { libp2p, codecOf } = node
    this.#node = node
    this.#logger = logger
    this.#directory = settings.directory
    this.#stallMs = settings.stallMs
    this.connections = connections
    this.table = new PinTable({ db: node.db, logger })
    this.#sender = new WantSender({ libp2p, logger })
    this.#exchange = new BlockExchange({ libp2p, sender: this.#sender }, settings)
    node.onBlockAnswer((answer) => this.#exchange.receive(answer))
    this.#source = new BlockSource({
      local: node.local,
      announce: node.announce,
      exchange: this.#exchange,
      barrier: this.#barrier,
      hasherOf: node.hasherOf,
      logger,
    })
    this.runs = new PinRuns(
      {
        source: this.#source,
        codecOf,
        table: this.table,
        connections,
        redialSilent: () => connections.redial((peer) => this.#exchange.silentMs(peer) >= settings.stallMs / 2),
        describeMissing: (cid) => this.#describeMissing(cid),
      },
      settings,
    )
    connections.start(libp2p)
  }

  identity(): IpfsIdentity {
    const { libp2p } = this.#node
    const id = libp2p.peerId.toString()
    const addresses = libp2p.getMultiaddrs().map((address) => {
      const text = address.toString()
      return text.endsWith(`/p2p/${id}`) ? text : `${text}/p2p/${id}`
    })
    return { id, addresses }
  }

  async *add(entries: AsyncIterable<AddEntry>, options: AddOptions): AsyncGenerator<AddedEntry> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#adds.add(promise)
    const written: CID[] = []
    const below: CID[] = []
    let hasRoot = false
    const put = async (cid: CID, bytes: Uint8Array): Promise<void> => {
      const isNew = await this.#source.put(cid, bytes)
      if (isNew && written.length < MAX_GIVEN_BACK) written.push(cid)
    }
    try {
      const signal = this.#orClosing(options.signal)
      for await (const entry of addContent({ put }, entries, { ...options, signal })) {
        const isRoot = options.wrapWithDirectory === true ? entry.path === '' : !entry.path.includes('/')
        if (!isRoot && below.length < MAX_RECENT) below.push(entry.cid)
        hasRoot ||= isRoot
        this.#remember(entry.cid)
        yield entry
      }
    } catch (err) {
      if (!isNoSpace(err)) throw err
      for (const cid of below) this.#recent.delete(cid)
      this.#giveBack(written) // O3
      const rest = hasRoot ? 'what was not listed as added' : 'nothing'
      throw new NoSpaceError(
        `No space is left on the disk of ${this.#directory}: ${rest} was ${hasRoot ? 'not pinned' : 'pinned'}, and the blocks written for it are deleted. Make room there, then add it again.`,
        { cause: err },
      )
    } finally {
      this.#adds.delete(promise)
      resolve()
    }
  }

  /** In the background: it has to wait for other adds. */
  #giveBack(written: readonly CID[]): void {
    const work = this.#tryGiveBack(written).finally(() => this.#givingBack.delete(work))
    this.#givingBack.add(work)
  }

  async #tryGiveBack(written: readonly CID[]): Promise<void> {
    const fields = { directory: this.#directory, written: written.length }
    try {
      const result = await this.#collect({ only: written, signal: this.#closing.signal })
      const deleted = result?.deleted ?? 0
      this.#logger.warn('The disk is full: content could not be added, and its blocks were deleted.', {
        ...fields,
        deleted,
      })
    } catch (err) {
      this.#logger.warn('The disk is full: content could not be added, and its blocks could not be deleted.', {
        ...fields,
        err,
      })
    }
  }

  async *cat(cid: CID, options: CatOptions): AsyncGenerator<Uint8Array> {
    const describeMissing = (missing: CID): string => this.#describeMissing(missing)
    yield* catContent({ source: this.#source, describeMissing }, cid, options, this.#stallMs)
  }

  async collectGarbage(options: AbortOptions): Promise<CollectGarbageResult | undefined> {
    return await this.#collect({ signal: this.#orClosing(options.signal) })
  }

  async #collect(options: Parameters<typeof tryCollectGarbage>[1]): Promise<CollectGarbageResult | undefined> {
    return await tryCollectGarbage(
      {
        table: this.table,
        source: this.#source,
        local: this.#node.local,
        barrier: this.#barrier,
        codecOf: this.#node.codecOf,
        addsEnded: async () => void (await Promise.all(this.#adds)),
        recentRoots: () => this.#recentRoots(),
      },
      options,
    )
  }

  throwIfClosed(): void {
    this.#closing.signal.throwIfAborted()
  }

  /** Idempotent. */
  async close(reason: Error): Promise<void> {
    this.#closing.abort(reason)
    this.#closed ??= this.#close(reason)
    await this.#closed
  }

  async #close(reason: Error): Promise<void> {
    await this.runs.stop(reason) // O1
    this.#source.stop(reason)
    this.#exchange.stop(reason)
    this.#sender.stop()
    await Promise.all(this.#givingBack)
    await this.connections.stop()
    await this.#node.close()
  }

  #orClosing(signal: AbortSignal | undefined): AbortSignal {
    return signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal])
  }

  #remember(cid: CID): void {
    this.#recent.set(cid, Date.now())
    if (this.#recent.size <= MAX_RECENT) return
    for (const oldest of this.#recent.keys()) {
      this.#recent.delete(oldest)
      break
    }
  }

  #recentRoots(): readonly CID[] {
    const sinceMs = Date.now() - RECENT_MS
    for (const [cid, atMs] of this.#recent) if (atMs < sinceMs) this.#recent.delete(cid) // O2
    return [...this.#recent.keys()]
  }

  #describeMissing(cid: CID): string {
    const asked = this.#exchange
      .askedFor(cid)
      .map(({ peer, denied }) => `${peer}${denied ? ' (does not have it)' : ' (no answer)'}`)
    return asked.length === 0
      ? `Block ${cid.toString()} is missing and no IPFS node is connected that could be asked; check the addresses of the other peers, or give an origin that has it.`
      : `Block ${cid.toString()} is missing; asked ${asked.join(', ')}. Give an origin that has it, or add the content again.`
  }
}

function isNoSpace(err: unknown): boolean {
  const { code } = err as { readonly code?: unknown }
  return code === 'ENOSPC' || code === 'EDQUOT'
}
