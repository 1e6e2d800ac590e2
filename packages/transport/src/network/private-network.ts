/**
 * The private network: a connection is encrypted with the cluster's secret before anything else.
 *
 * Wraps `@libp2p/pnet` against two defects of version 3.0.27, which end all protected connections of a process:
 * P1 All its ciphers share one WebAssembly memory that a big write grows, detaching every other cipher's view, until it cannot
 *    grow any more. Messages are cut to 64 KiB, so that it never grows beyond its first size.
 * P2 Ciphers are never given back, and there is room for about 10 000. Both are given back when the connection closes.
 */
import type { AbortOptions, ConnectionProtector, MessageStream, MultiaddrConnection } from '@libp2p/interface'
import { preSharedKey } from '@libp2p/pnet'

import type { BrokenConnections } from './broken-connections.ts'

const MAX_MESSAGE_BYTES = 64 * 1024

interface Cipher {
  update(bytes: Uint8Array): Uint8Array
  final(): void
}

/** What the connection made by `@libp2p/pnet` has inside. */
interface Box {
  maxMessageSize?: number
  inboundXor: Cipher
  outboundXor: Cipher
}

/** @param psk - a swarm key file. */
export function createProtector(psk: Uint8Array, broken: BrokenConnections | null = null): ConnectionProtector {
  const protector = preSharedKey({ psk })()
  const protect = protector.protect.bind(protector)
  protector.protect = async (connection: MessageStream, options?: AbortOptions): Promise<MessageStream> => {
    const box = await protect(connection, options)
    harden(box as unknown as Box & MessageStream)
    if (connection.direction === 'inbound') broken?.watch(connection as MultiaddrConnection)
    return box
  }
  return protector
}

function harden(box: Box & MessageStream): void {
  box.maxMessageSize = MAX_MESSAGE_BYTES // P1
  box.addEventListener(
    'close',
    () => {
      const { inboundXor, outboundXor } = box
      // A late chunk must find something to call; what it says no longer matters.
      const silent: Cipher = { update: () => new Uint8Array(0), final: () => undefined }
      box.inboundXor = silent
      box.outboundXor = silent
      inboundXor.final() // P2
      outboundXor.final()
    },
    { once: true },
  )
}
