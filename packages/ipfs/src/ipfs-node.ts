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
import { FsBlockstore } from 'blockstore-fs'
import { LevelDatastore } from 'datastore-level'
import { createHeliaLight } from 'helia'
import type { Blockstore } from 'interface-blockstore'
import * as json from 'multiformats/codecs/json'
import { sha512 } from 'multiformats/hashes/sha2'
import type { MultihashHasher } from 'multiformats/hashes/interface'

import type { BlockAnswer } from './block-exchange.ts'
import type { CodecOf } from './block-links.ts'
import type { ConnectorSettings } from './settings.ts'

export interface IpfsNode {
  readonly libp2p: Libp2p
  readonly local: FsBlockstore
  /** Helia's store below its lock, which a waiting request would hold for ever. */
  readonly announcing: Pick<Blockstore, 'put'>
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
}

const INSTALL = 'Install the versions that the lock file names.'

export async function openIpfsNode(settings: ConnectorSettings, gater: ConnectionGater): Promise<IpfsNode> {
  const closers: (() => Promise<unknown>)[] = []
  const close = async (): Promise<void> => {
    const errors: unknown[] = []
    for (const closer of closers.splice(0).toReversed()) await closer().catch((err: unknown) => errors.push(err)) // N2
    if (errors.length > 0) throw new AggregateError(errors, `The IPFS node in ${settings.directory} did not close cleanly.`)
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
  const local = new FsBlockstore(join(directory, 'blocks'))
  const datastore = new LevelDatastore(join(directory, 'data'))
  try {
    await local.open()
    closers.push(() => local.close())
    await datastore.open()
    closers.push(() => datastore.close())
  } catch (cause) {
    throw new IpfsError(`Cannot open the IPFS node's stores in ${directory}; is another process using them, or is the directory not writable?`, {
      cause,
    })
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
  const wantList = answersOf(helia)
  return {
    libp2p: helia.libp2p,
    local,
    announcing: storeBelowLock(light.blockstore),
    db: datastore.db,
    codecOf: async (code) => await helia.getCodec(code),
    hasherOf: async (code) => await helia.getHasher(code),
    onBlockAnswer: (listener) => {
      wantList.addEventListener('presence', (event) => listener((event as CustomEvent<BlockAnswer>).detail))
    },
  }
}

function storeBelowLock(blockstore: object): Pick<Blockstore, 'put'> {
  const { unwrap } = blockstore as { readonly unwrap?: () => Pick<Blockstore, 'put'> }
  if (typeof unwrap !== 'function') throw new IpfsError(`This version of helia is not supported: its block store cannot be unwrapped. ${INSTALL}`)
  return unwrap.call(blockstore)
}

function answersOf(helia: object): EventTarget {
  const { blockBrokers } = helia as { readonly blockBrokers?: readonly BitswapBroker[] }
  const wantList = blockBrokers?.find((broker) => broker.name === 'bitswap')?.bitswap?.wantList
  if (typeof wantList?.addEventListener !== 'function') {
    throw new IpfsError(`This version of @helia/bitswap is not supported: its want list cannot be found. ${INSTALL}`)
  }
  return wantList
}
