/**
 * A running IPFS node with the parts that Pinset adds to it. Loaded only by `HeliaConnector.start()`.
 *
 * Invariants
 * O1 closing ends in this order: pins and reads, requests to others, connections, Helia and its stores;
 * O2 the roots of adds of the last `RECENT_MS` are known to the garbage collection, at most `MAX_RECENT`.
 */
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
  readonly #adds = new Set<Promise<void>>()
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
    try {
      for await (const entry of addContent(this.#source, entries, {
        ...options,
        signal: this.#orClosing(options.signal),
      })) {
        this.#remember(entry.cid)
        yield entry
      }
    } finally {
      this.#adds.delete(promise)
      resolve()
    }
  }

  async *cat(cid: CID, options: CatOptions): AsyncGenerator<Uint8Array> {
    const describeMissing = (missing: CID): string => this.#describeMissing(missing)
    yield* catContent({ source: this.#source, describeMissing }, cid, options, this.#stallMs)
  }

  async collectGarbage(options: AbortOptions): Promise<CollectGarbageResult | undefined> {
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
      { signal: this.#orClosing(options.signal) },
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
