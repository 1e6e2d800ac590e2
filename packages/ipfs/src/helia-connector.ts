/**
 * An IPFS node in this process, on Helia.
 *
 * Owns the node's life and puts its parts together. Helia's `pins` and `gc` are not used: they lose data.
 *
 * Invariants
 * H1 nothing heavy is imported before `start()`;
 * H2 after `stop()` no call is pending and every store and socket is closed.
 */
import { IpfsError, StoppedError } from '@pinset/interface'
import type {
  AbortOptions,
  AddedEntry,
  AddEntry,
  AddOptions,
  IpfsConnector,
  IpfsIdentity,
  IpfsPinOptions,
  IpfsPinState,
  Logger,
  MultiaddrText,
} from '@pinset/interface'
import type { CID } from 'multiformats/cid'

import type { CollectGarbageResult } from './garbage.ts'
import type { OpenedNode } from './opened-node.ts'
import type { PinRow } from './pin-table.ts'
import { resolveSettings } from './settings.ts'
import type { ConnectorSettings, HeliaConnectorInit } from './settings.ts'

type Life =
  | { readonly kind: 'new' }
  | { readonly kind: 'starting'; readonly opened: Promise<OpenedNode> }
  | { readonly kind: 'running'; readonly node: OpenedNode }
  | { readonly kind: 'stopped'; readonly closed: Promise<void> }

/** A node in `init.directory` that has not started yet. */
export function createHeliaConnector(init: HeliaConnectorInit): HeliaConnector {
  return new HeliaConnector({ logger: init.logger }, resolveSettings(init))
}

export class HeliaConnector implements IpfsConnector {
  readonly #logger: Logger
  readonly #settings: ConnectorSettings
  #siblings: readonly MultiaddrText[] = []
  #life: Life = { kind: 'new' }

  constructor(components: { readonly logger: Logger }, settings: ConnectorSettings) {
    this.#logger = components.logger
    this.#settings = settings
  }

  async start(options: AbortOptions = {}): Promise<void> {
    options.signal?.throwIfAborted()
    if (this.#life.kind === 'running') return
    if (this.#life.kind === 'stopped')
      throw new StoppedError('The IPFS node was stopped; make a new connector to start it again.')
    if (this.#life.kind === 'new') this.#life = { kind: 'starting', opened: this.#open() }
    const { opened } = this.#life as { readonly opened: Promise<OpenedNode> }
    try {
      const node = await opened
      if (this.#isStarting(opened)) {
        this.#life = { kind: 'running', node }
        node.connections.setSiblings(this.#siblings)
      }
    } catch (err) {
      if (this.#isStarting(opened)) this.#life = { kind: 'new' }
      throw err
    }
    if (options.signal?.aborted === true) {
      await this.stop()
      throw options.signal.reason
    }
  }

  async stop(): Promise<void> {
    if (this.#life.kind === 'stopped') return await this.#life.closed
    const life = this.#life
    const closed = (async () => {
      if (life.kind === 'new') return
      const node = life.kind === 'running' ? life.node : await life.opened.catch(() => undefined)
      await node?.close(new StoppedError('The IPFS node of this peer has stopped.')) // H2
    })()
    this.#life = { kind: 'stopped', closed }
    await closed
  }

  async id(options: AbortOptions = {}): Promise<IpfsIdentity> {
    options.signal?.throwIfAborted()
    return this.#node().identity()
  }

  async pin(cid: CID, options: IpfsPinOptions): Promise<void> {
    await this.#node().runs.pin(cid, options)
  }

  async unpin(cid: CID, options: AbortOptions = {}): Promise<void> {
    options.signal?.throwIfAborted()
    await this.#node().runs.unpin(cid)
  }

  async status(cid: CID, options: AbortOptions = {}): Promise<IpfsPinState> {
    options.signal?.throwIfAborted()
    const row = await this.#node().table.get(cid)
    return row === undefined ? { kind: 'unpinned' } : stateOf(row)
  }

  async *pins(options: AbortOptions = {}): AsyncGenerator<{ readonly cid: CID; readonly state: IpfsPinState }> {
    const node = this.#node()
    try {
      for await (const { cid, row } of node.table.rows()) {
        options.signal?.throwIfAborted()
        yield { cid, state: stateOf(row) }
      }
    } catch (err) {
      node.throwIfClosed() // a closed table says less
      throw err
    }
  }

  async *add(entries: AsyncIterable<AddEntry>, options: AddOptions = {}): AsyncGenerator<AddedEntry> {
    yield* this.#node().add(entries, options)
  }

  async *cat(cid: CID, options: AbortOptions & { readonly path?: string } = {}): AsyncGenerator<Uint8Array> {
    yield* this.#node().cat(cid, options)
  }

  setSiblings(addresses: readonly MultiaddrText[]): void {
    this.#siblings = [...addresses]
    if (this.#life.kind === 'running') this.#life.node.connections.setSiblings(this.#siblings)
  }

  /**
   * Delete the blocks that no pin needs; runs beside everything else.
   *
   * Keeps what is pinned, partial pins, and content whose adding ended within the last ten minutes. Waits for adds under way.
   *
   * @throws {IpfsError} a collection runs already.
   */
  async collectGarbage(options: AbortOptions = {}): Promise<CollectGarbageResult> {
    const result = await this.#node().collectGarbage(options)
    if (result === undefined) throw new IpfsError('Garbage is being collected already; wait for that to end.')
    return result
  }

  async #open(): Promise<OpenedNode> {
    const { openNode } = await import('./opened-node.ts') // H1
    return await openNode({ logger: this.#logger }, this.#settings)
  }

  #isStarting(opened: Promise<OpenedNode>): boolean {
    return this.#life.kind === 'starting' && this.#life.opened === opened
  }

  #node(): OpenedNode {
    if (this.#life.kind === 'running') return this.#life.node
    if (this.#life.kind === 'stopped') throw new StoppedError('The IPFS node of this peer has stopped.')
    throw new IpfsError('The IPFS node of this peer has not started yet.')
  }
}

function stateOf(row: PinRow): IpfsPinState {
  return { kind: row.state === 'pinned' ? 'pinned' : 'partial', mode: row.mode }
}
