/**
 * The network below the three protocols: links to authenticated peers, and streams of bytes on them.
 *
 * libp2p is one adapter, the memory network the other; everything above this page is the same code for both.
 */
import type { MultiaddrText, PeerId } from '@pinset/interface'

export const PROTOCOLS = { raft: '/pinset/raft/1', snapshot: '/pinset/snapshot/1', rpc: '/pinset/rpc/1' } as const

export type Protocol = keyof typeof PROTOCOLS

export interface ByteStreamHandler {
  onData(bytes: Uint8Array): void
  /** The stream takes bytes again. */
  onDrain(): void
  /** The other side has finished writing and all of it was handed over. */
  onEnd(): void
  /** Nothing can be sent or received any more. Once. */
  onClose(reason: Error | null): void
}

/** Ordered bytes both ways. What arrives before `attach` waits. */
export interface ByteStream {
  /** Once. */
  attach(handler: ByteStreamHandler): void
  /** Queue bytes, which must not change afterwards; false: wait for `onDrain`. @throws when the stream is closed. */
  send(bytes: Uint8Array): boolean
  /** Stop `onData`; what is on the way waits within the stream's window. */
  pause(): void
  resume(): void
  /** Finish writing; the other direction stays open. */
  finish(): void
  /** Break off both directions at once. Idempotent. */
  abort(reason: Error): void
}

/** A connection to an authenticated peer. */
export interface Link {
  readonly remotePeer: PeerId
  readonly openedBySelf: boolean
  readonly remoteAddress: MultiaddrText
  openStream(protocol: Protocol, signal: AbortSignal): Promise<ByteStream>
  /** Close without waiting for anything. Idempotent. */
  close(): void
}

export interface NetworkHandler {
  onLink(link: Link): void
  onLinkClosed(link: Link): void
  onStream(protocol: Protocol, stream: ByteStream, link: Link): void
}

export interface PeerAddress {
  readonly peerId: PeerId
  readonly address: MultiaddrText
}

export interface Network {
  readonly localPeer: PeerId
  /** Begin to listen. */
  start(handler: NetworkHandler): Promise<void>
  stop(): Promise<void>
  /** A new or existing link to this peer, its identity verified. The error's message says what was found at the addresses. */
  dial(peer: PeerId, addresses: readonly MultiaddrText[], signal: AbortSignal): Promise<Link>
  /** @throws {InvalidRequestError} */
  parseAddress(text: string): PeerAddress
  listenAddresses(): readonly MultiaddrText[]
}
