/** What the conformance suite needs from an adapter: peers that can be made, linked, stopped and made again. */
import type { Logger, PeerId } from '@pinset/interface'

import type { Transport, TransportLimits } from '../../src/index.ts'
import { FakeAdmission, FakeHandler, FakeLogger } from '../fakes.ts'

export interface TransportSpec {
  /** The same name is the same peer, at the same address, in every life. */
  readonly name: string
  readonly admission: FakeAdmission
  readonly logger: Logger
  readonly electionTimeoutMs: number
  readonly limits: Partial<TransportLimits>
}

export interface TransportAdapter {
  create(spec: TransportSpec): Promise<Transport>
}

export interface LabPeer {
  readonly id: PeerId
  readonly transport: Transport
  readonly admission: FakeAdmission
  readonly handler: FakeHandler
  readonly logger: FakeLogger
}

export interface PeerInit {
  readonly limits?: Partial<TransportLimits>
  readonly electionTimeoutMs?: number
  readonly admission?: FakeAdmission
}

/** Makes peers and stops them all. */
export class Lab {
  readonly #adapter: TransportAdapter
  readonly #peers: LabPeer[] = []

  constructor(adapter: TransportAdapter) {
    this.#adapter = adapter
  }

  async peer(name: string, init: PeerInit = {}): Promise<LabPeer> {
    const { limits = {}, electionTimeoutMs = 200, admission = new FakeAdmission() } = init
    const logger = new FakeLogger()
    const transport = await this.#adapter.create({ name, admission, logger, electionTimeoutMs, limits })
    const handler = new FakeHandler()
    transport.setHandler(handler)
    await transport.start()
    const peer: LabPeer = { id: transport.peerId, transport, admission, handler, logger }
    this.#peers.push(peer)
    return peer
  }

  /** Two peers, each set to stay connected to the other. */
  async pair(init: PeerInit = {}, otherInit: PeerInit = init): Promise<[LabPeer, LabPeer]> {
    const a = await this.peer('a', init)
    const b = await this.peer('b', otherInit)
    introduce(a, b)
    return [a, b]
  }

  async close(): Promise<void> {
    await Promise.all(this.#peers.splice(0).map(({ transport }) => transport.stop()))
  }
}

export function introduce(...peers: readonly LabPeer[]): void {
  for (const peer of peers) {
    peer.transport.setPeers(
      peers
        .filter((other) => other !== peer)
        .map((other) => ({ peerId: other.id, addresses: other.transport.listenAddresses() })),
    )
  }
}

/** Where a peer listens. */
export function addressOf({ transport }: Pick<LabPeer, 'transport'>): string {
  const [address] = transport.listenAddresses()
  if (address === undefined) throw new Error('it does not listen')
  return address
}
