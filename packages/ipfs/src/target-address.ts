/** Checks the addresses of IPFS nodes and groups them by node. */
import type { PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { MultiaddrText } from '@pinset/interface'

export interface TargetAddress {
  readonly multiaddr: Multiaddr
  readonly text: string
}

export interface ParsedTargets {
  readonly targets: Map<string, { readonly peerId: PeerId; readonly addresses: TargetAddress[] }>
  readonly refused: readonly MultiaddrText[]
}

const HOSTS = new Set(['ip4', 'ip6', 'dns', 'dns4', 'dns6'])

/** Unless `anyTransport`, an address is host, tcp and p2p, and nothing else. */
export function parseTargets(addresses: readonly MultiaddrText[], anyTransport: boolean): ParsedTargets {
  const targets: ParsedTargets['targets'] = new Map()
  const refused: MultiaddrText[] = []
  for (const text of addresses) {
    const parsed = parseTarget(text, anyTransport)
    if (parsed === undefined) {
      refused.push(text)
      continue
    }
    const peer = parsed.peerId.toString()
    const target = targets.get(peer) ?? { peerId: parsed.peerId, addresses: [] }
    target.addresses.push({ multiaddr: parsed.address, text: parsed.address.toString() })
    targets.set(peer, target)
  }
  return { targets, refused }
}

function parseTarget(
  text: MultiaddrText,
  anyTransport: boolean,
): { readonly peerId: PeerId; readonly address: Multiaddr } | undefined {
  try {
    const address = multiaddr(text)
    const components = address.getComponents()
    const last = components.at(-1)
    if (last?.name !== 'p2p' || last.value === undefined) return undefined
    const [host, port] = components
    const isPlain = components.length === 3 && HOSTS.has(host?.name ?? '') && port?.name === 'tcp'
    if (!isPlain && !anyTransport) return undefined
    return { peerId: peerIdFromString(last.value), address }
  } catch {
    return undefined
  }
}
