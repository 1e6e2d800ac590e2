/** Multiaddrs as people type them, checked where they enter the process. */
import { multiaddr } from '@multiformats/multiaddr'
import { InvalidRequestError } from '@pinset/interface'
import type { MultiaddrText, PeerId } from '@pinset/interface'

import { parsePeerId, shown } from './keys.ts'

export interface ParsedMultiaddr {
  /** Canonical, with its `/p2p/` part when it had one. */
  readonly text: MultiaddrText
  /** Without the `/p2p/` part. */
  readonly address: MultiaddrText
  readonly peerId: PeerId | null
}

const EXAMPLE = '/ip4/192.0.2.7/tcp/9096/p2p/12D3KooW…'

/** @throws {InvalidRequestError} what is wrong, with an example of what is right. */
export function parseMultiaddr(text: string): ParsedMultiaddr {
  const trimmed = text.trim()
  if (!trimmed.startsWith('/')) throw invalid(text, 'it must begin with "/"')
  const parts = /^(.*?)(?:\/(?:p2p|ipfs)\/([^/]+))?\/?$/.exec(trimmed)
  const address = canonical(parts?.[1] ?? '', text)
  const peer = parts?.[2]
  if (!/^\/(?:ip4|ip6|dns|dns4|dns6|dnsaddr)\/[^/]+/.test(address))
    throw invalid(text, 'it must begin with /ip4, /ip6 or /dns and a host')
  if (!address.startsWith('/dnsaddr/') && !/^\/[^/]+\/[^/]+\/tcp\/\d+$/.test(address))
    throw invalid(text, 'after the host it needs /tcp and a port')
  if (peer === undefined) return { text: address, address, peerId: null }
  const peerId = parsePeerId(peer)
  return { text: `${address}/p2p/${peerId}`, address, peerId }
}

/** Any multiaddr with a peer at its end, over whatever transport: an address of an IPFS node. @throws {InvalidRequestError} */
export function parseAnyMultiaddr(text: string): MultiaddrText {
  const address = canonical(text.trim(), text)
  const peer = /\/p2p\/([^/]+)$/.exec(address)?.[1]
  if (peer === undefined) throw invalid(text, 'its last part must be /p2p/<peer id>')
  parsePeerId(peer)
  return address
}

/** As `parseMultiaddr`, for an address that must say which peer is there. */
export function parsePeerMultiaddr(text: string): ParsedMultiaddr & { readonly peerId: PeerId } {
  const parsed = parseMultiaddr(text)
  if (parsed.peerId === null) throw invalid(text, 'its /p2p/<peer id> part is missing, which says whom to expect there')
  return { ...parsed, peerId: parsed.peerId }
}

function canonical(address: string, text: string): string {
  try {
    return multiaddr(address).toString()
  } catch (err) {
    throw invalid(text, err instanceof Error ? err.message : 'it cannot be read', err)
  }
}

function invalid(text: string, what: string, cause?: unknown): InvalidRequestError {
  return new InvalidRequestError(`"${shown(text)}" is not an address of a peer: ${what}; an example is ${EXAMPLE}`, {
    cause,
  })
}
