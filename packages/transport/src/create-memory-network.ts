/** Transports within one process, for tests: the same code above the network, with cuts at will. */
import type { Admission, Logger, PeerId } from '@pinset/interface'
import { silentLogger } from '@pinset/interface'

import type { TransportLimits } from './limits.ts'
import { MemoryHub, MemoryNetwork } from './network/memory-network.ts'
import { NetworkTransport } from './transport.ts'
import type { Transport } from './transport.ts'

export interface MemoryTransportInit {
  readonly logger?: Logger
  /** @default 1000 */
  readonly electionTimeoutMs?: number
  readonly limits?: Partial<TransportLimits>
  readonly release?: string
}

export interface TransportNetwork {
  createTransport(peerId: PeerId, admission: Admission, init?: MemoryTransportInit): Transport
  /** Break all connections between the two, and let none be made until healed. */
  cut(a: PeerId, b: PeerId): void
  /** Cut this peer off from all that are on the network now. */
  isolate(peer: PeerId): void
  /** Let everything between the two get stuck on the way, unnoticed, until healed. */
  stall(a: PeerId, b: PeerId): void
  /** Let the connections that exist between the two be dead for good without a sign; new ones are as good as ever. */
  abandon(a: PeerId, b: PeerId): void
  /** Undo cuts and stalls: between two peers, of one peer, or all. */
  heal(a?: PeerId, b?: PeerId): void
}

export function createMemoryNetwork(): TransportNetwork {
  const hub = new MemoryHub()
  return {
    createTransport(peerId, admission, init = {}) {
      const { logger = silentLogger, electionTimeoutMs = 1000, limits = {}, release = 'memory' } = init
      const network = new MemoryNetwork(hub, peerId)
      return new NetworkTransport({ network, admission, logger }, { electionTimeoutMs, release, limits })
    },
    cut: (a, b) => hub.cut(a, b),
    stall: (a, b) => hub.stall(a, b),
    abandon: (a, b) => hub.abandon(a, b),
    isolate: (peer) => hub.isolate(peer),
    heal: (a, b) => hub.heal(a, b),
  }
}
