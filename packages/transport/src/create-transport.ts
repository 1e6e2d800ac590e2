/** The transport over libp2p. */
import type { PrivateKey } from '@libp2p/interface'
import type { Admission, Logger } from '@pinset/interface'

import { parseSwarmKey } from './keys.ts'
import type { TransportLimits } from './limits.ts'
import { parseMultiaddr } from './multiaddrs.ts'
import { createLibp2pNetwork } from './network/libp2p-network.ts'
import { NetworkTransport } from './transport.ts'
import type { Transport } from './transport.ts'

const RELEASE = '0.1.0'

export interface TransportComponents {
  readonly admission: Admission
  readonly logger: Logger
}

export interface TransportInit {
  readonly privateKey: PrivateKey
  /** A swarm.key as `parseSwarmKey` gives it; null for a network without a secret. */
  readonly psk: Uint8Array | null
  /** Multiaddrs to listen on; port 0 takes a free one. */
  readonly listen: readonly string[]
  /** Addresses to tell others instead of those listened on. */
  readonly announce?: readonly string[]
  readonly electionTimeoutMs: number
  /** Release of the program, shown to others when they cannot understand it. */
  readonly release?: string
  readonly limits?: Partial<TransportLimits>
}

/** A transport that does nothing before `start()`. @throws {InvalidRequestError} bad addresses or secret. */
export async function createTransport(components: TransportComponents, init: TransportInit): Promise<Transport> {
  const { privateKey, electionTimeoutMs, release = RELEASE, limits = {} } = init
  const psk = init.psk === null ? null : parseSwarmKey(new TextDecoder().decode(init.psk))
  const listen = init.listen.map((address) => parseMultiaddr(address).address)
  const announce = (init.announce ?? []).map((address) => parseMultiaddr(address).address)
  const network = await createLibp2pNetwork({ privateKey, psk, listen, announce }, components.logger)
  return new NetworkTransport({ ...components, network }, { electionTimeoutMs, release, limits })
}
