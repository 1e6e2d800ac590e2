import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { silentLogger, type Pin } from '@pinset/interface'
import { createStorage, LevelEnvironment, openStorage } from '@pinset/storage'
import {
  createTransport,
  generatePrivateKey,
  generateSwarmKey,
  peerIdOf,
  type PrivateKey,
  type Transport,
} from '@pinset/transport'
import { afterEach, describe, expect, it } from 'vitest'

import { createConsensus, foundCluster, OPERATION_VERSION, type PinsetConsensus } from '../src/index.ts'
import { lateAdmission, namesIn, realClock, requestOf, until, votersOf } from './support/test-cluster.ts'

interface RealPeer {
  readonly consensus: PinsetConsensus
  readonly transport: Transport
  stop(): Promise<void>
}

const owned: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const release of owned.splice(0).toReversed()) {
    await release()
  }
})

async function createDirectory(key: PrivateKey, founds: boolean): Promise<LevelEnvironment> {
  const directory = await mkdtemp(join(tmpdir(), 'pinset-consensus-'))
  owned.push(() => rm(directory, { recursive: true, force: true }))
  const environment = new LevelEnvironment(directory)
  const peerId = peerIdOf(key)
  const storageId = `storage-of-${peerId.slice(-8)}`
  const member = { peerId, storageId, name: 'real', addresses: [], supportedVersion: OPERATION_VERSION }
  const founded = founds ? foundCluster({ member, nonce: new Uint8Array(32).fill(1), timeMs: Date.now() }) : null
  await createStorage(environment, {
    storageId,
    cluster: founded === null ? null : { clusterId: founded.clusterId, epoch: 1, entry: founded.entry },
  })
  return environment
}

async function startPeer(
  environment: LevelEnvironment,
  privateKey: PrivateKey,
  psk: Uint8Array,
  joins: readonly string[] | null,
): Promise<RealPeer> {
  const electionTimeoutMs = 400
  const storage = await openStorage(environment)
  const late: { consensus?: PinsetConsensus } = {}
  const transport = await createTransport(
    { admission: lateAdmission(late), logger: silentLogger },
    { privateKey, psk, listen: ['/ip4/127.0.0.1/tcp/0'], electionTimeoutMs },
  )
  const consensus = createConsensus(
    {
      storage,
      raftTransport: transport,
      rpc: transport,
      dialer: transport,
      clock: realClock,
      logger: silentLogger,
      prepare: { pin: (request, { nowMs }): Pin => ({ ...request, allocations: [], timestampMs: nowMs }) },
    },
    {
      peerId: transport.peerId,
      name: 'real',
      electionTimeoutMs,
      random: Math.random,
      join: joins === null ? null : { addresses: joins },
    },
  )
  late.consensus = consensus
  await transport.start()
  await consensus.start()
  let stopped: Promise<void> | null = null
  const stop = async (): Promise<void> => {
    await consensus.stop()
    await transport.stop()
    await storage.close()
  }
  const peer = { consensus, transport, stop: () => (stopped ??= stop()) }
  owned.push(peer.stop)
  return peer
}

describe('PinsetConsensus over LevelDB and libp2p', () => {
  it('three peers agree, restart with other ports, and find each other again', { timeout: 60_000 }, async () => {
    const psk = generateSwarmKey()
    const keys = await Promise.all([generatePrivateKey(), generatePrivateKey(), generatePrivateKey()])
    const directories = await Promise.all(keys.map((key, at) => createDirectory(key, at === 0)))
    const starting = async (at: number, joins: readonly string[] | null): Promise<RealPeer> =>
      startPeer(nth(directories, at), nth(keys, at), psk, joins)
    const first = await starting(0, null)
    const addresses = first.transport.listenAddresses()
    const peers = [first, await starting(1, addresses), await starting(2, addresses)]
    await until(() => peers.every(({ consensus }) => votersOf(consensus.status()) === 3 && consensus.leader() !== null))

    const requests = await Promise.all(Array.from({ length: 60 }, (_, number) => requestOf(`pin ${number}`)))
    const committed = await Promise.all(requests.map((request, at) => nth(peers, at % 3).consensus.logPin(request)))
    expect(committed.every(({ appliedHere }) => appliedHere)).toBe(true)
    await agreed(peers)

    // Two come back on other ports: they reach the first, and the membership learns their new addresses.
    await Promise.all(peers.slice(1).map((peer) => peer.stop()))
    const again = [first, await starting(1, null), await starting(2, null)]
    await Promise.all(again.map(({ consensus }) => consensus.ready()))
    await until(() =>
      again.every(({ transport }) =>
        first.consensus
          .status()
          .members.some(
            ({ peerId, addresses }) => peerId === transport.peerId && addresses[0] === transport.listenAddresses()[0],
          ),
      ),
    )
    await agreed(again)
    expect(await namesIn(await nth(again, 2).consensus.state())).toHaveLength(60)
  })
})

function nth<Item>(items: readonly Item[], at: number): Item {
  const item = items[at]
  if (item === undefined) {
    throw new Error(`there are ${items.length} items only`)
  }
  return item
}

async function agreed(peers: readonly RealPeer[]): Promise<void> {
  await until(() => {
    const statuses = peers.map(({ consensus }) => consensus.status())
    return statuses.every(
      ({ head, stateDigest, appliedIndex }) =>
        head === statuses[0]?.head &&
        stateDigest === statuses[0].stateDigest &&
        appliedIndex === statuses[0].appliedIndex,
    )
  })
}
