/**
 * Opens the stores and starts Helia on a libp2p of its own. Everything heavy is imported here, and this file only by `start()`.
 *
 * Invariants
 * N1 no bootstrap, routing, discovery, relay or port mapping: the node knows whom it is told about;
 * N2 what was opened is closed, in reverse order, also when a later step fails.
 */
import { join } from 'node:path'

import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { withBitswap } from '@helia/bitswap'
import { withLibp2pLight } from '@helia/libp2p'
import * as dagCbor from '@ipld/dag-cbor'
import { identify } from '@libp2p/identify'
import type { ConnectionGater, Libp2p } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { IpfsError } from '@pinset/interface'
import type { FsBlockstore } from 'blockstore-fs'
import { LevelDatastore } from 'datastore-level'
import { createHeliaLight } from 'helia'
import type { CID } from 'multiformats/cid'
import * as json from 'multiformats/codecs/json'
import { sha512 } from 'multiformats/hashes/sha2'
import type { MultihashHasher } from 'multiformats/hashes/interface'

import type { BlockAnswer } from './block-exchange.ts'
import type { CodecOf } from './block-links.ts'
import type { ConnectorSettings } from './settings.ts'
import { SyncedBlockstore } from './synced-blockstore.ts'

export interface IpfsNode {
  readonly libp2p: Libp2p
  readonly local: FsBlockstore
  /** Send a stored block to the nodes that want it. */
  readonly announce: (cid: CID) => Promise<void>
  readonly db: LevelDatastore['db']
  readonly codecOf: CodecOf
  readonly hasherOf: (code: number) => Promise<MultihashHasher>
  /** Every answer of another node to a want. */
  onBlockAnswer(listener: (answer: BlockAnswer) => void): void
  close(): Promise<void>
}

/** The part of Helia's Bitswap that is used; checked when it starts, as it is not in its types. */
interface BitswapBroker {
  readonly name: string
  readonly bitswap?: { readonly wantList?: EventTarget }
  announce?(cid: CID): Promise<void>
}

export async function openIpfsNode(settings: ConnectorSettings, gater: ConnectionGater): Promise<IpfsNode> {
  const closers: (() => Promise<unknown>)[] = []
  const close = async (): Promise<void> => {
    const errors: unknown[] = []
    for (const closer of closers.splice(0).toReversed()) await closer().catch((err: unknown) => errors.push(err)) // N2
    if (errors.length > 0)
      throw new AggregateError(errors, `The IPFS node in ${settings.directory} did not close cleanly.`)
  }
  try {
    return { ...(await open(settings, gater, closers)), close }
  } catch (err) {
    await close().catch(() => {})
    throw err
  }
}

async function open(
  settings: ConnectorSettings,
  gater: ConnectionGater,
  closers: (() => Promise<unknown>)[],
): Promise<Omit<IpfsNode, 'close'>> {
  const { directory } = settings
  const local = new SyncedBlockstore(join(directory, 'blocks'))
  const datastore = new LevelDatastore(join(directory, 'data'))
  try {
    await local.open()
    closers.push(() => local.close())
    await datastore.open()
    closers.push(() => datastore.close())
  } catch (cause) {
    throw new IpfsError(
      `Cannot open the IPFS node's stores in ${directory}; is another process using them, or is the directory not writable?`,
      {
        cause,
      },
    )
  }
  const light = createHeliaLight({ datastore, blockstore: local, codecs: [dagCbor, json], hashers: [sha512] })
  const helia = withBitswap(
    withLibp2pLight(light, {
      addresses: { listen: [...settings.listen] },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      connectionGater: gater,
      connectionManager: { inboundConnectionThreshold: Infinity, maxIncomingPendingConnections: 1_000 },
      connectionMonitor: { enabled: false },
      services: { identify: identify() },
    }),
  )
  try {
    closers.push(() => helia.stop())
    await helia.start()
  } catch (cause) {
    throw new IpfsError(
      `The IPFS node cannot listen on ${settings.listen.join(', ')}; is the port in use, or the address not one of this machine?`,
      { cause },
    )
  }
  const { wantList, announce } = bitswapOf(helia)
  return {
    libp2p: helia.libp2p,
    local,
    announce,
    db: datastore.db,
    codecOf: async (code) => await helia.getCodec(code),
    hasherOf: async (code) => await helia.getHasher(code),
    onBlockAnswer: (listener) => {
      wantList.addEventListener('presence', (event) => listener((event as CustomEvent<BlockAnswer>).detail))
    },
  }
}

function bitswapOf(helia: object): { readonly wantList: EventTarget; readonly announce: (cid: CID) => Promise<void> } {
  const { blockBrokers } = helia as { readonly blockBrokers?: readonly BitswapBroker[] }
  const broker = blockBrokers?.find(({ name }) => name === 'bitswap')
  const wantList = broker?.bitswap?.wantList
  if (typeof wantList?.addEventListener !== 'function' || typeof broker?.announce !== 'function') {
    throw new IpfsError(
      'This version of @helia/bitswap is not supported: its want list cannot be found. Install the versions that the lock file names.',
    )
  }
  return { wantList, announce: async (cid) => await broker.announce?.(cid) }
}
