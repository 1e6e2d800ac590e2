/**
 * The composition root: the only place that knows every adapter. Builds a peer's parts, joins them, and starts and stops them in order.
 *
 * P1 What was started is stopped, in reverse order, also when a later part fails to start.
 */
import { randomInt } from 'node:crypto'

import { createConsensus, type Clock, type PinsetConsensus } from '@pinset/consensus'
import type { Admission, Cluster, Consensus, Logger, PeerId, Pin } from '@pinset/interface'
import { createHeliaConnector } from '@pinset/ipfs'
import { LevelEnvironment, openStorage } from '@pinset/storage'
import { createTransport, parseSwarmKey, PROTOCOLS, type Transport } from '@pinset/transport'

import { allocate } from './allocate.ts'
import { ClusterPeer } from './cluster-peer.ts'
import type { Config } from './config.ts'
import type { DataDirectory } from './data-directory.ts'
import { IpfsSiblings } from './ipfs-siblings.ts'
import { type Identity, swarmKeyToHex } from './keys.ts'
import { stopAll } from './owned.ts'
import { PinTracker } from './pin-tracker/pin-tracker.ts'
import { recallPorts, rememberPorts } from './ports-file.ts'
import { VERSION } from './version.ts'

export interface CreatePeerOptions {
  readonly directory: DataDirectory
  readonly config: Config
  readonly identity: Identity
  readonly swarmKey: string
  readonly logger: Logger
}

/** A peer whose parts run; its HTTP API is not among them. */
export interface Peer {
  readonly peerId: PeerId
  readonly cluster: Cluster
  readonly addresses: readonly string[]
  /** Idempotent. */
  stop(): Promise<void>
}

const clock: Clock = {
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
  setTimer: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs)
    return () => clearTimeout(timer)
  },
}

/** Open storage, listen, take part in consensus, and follow the pinset. Does not wait for a leader. */
export async function createPeer(options: CreatePeerOptions): Promise<Peer> {
  const { directory, config, identity, swarmKey, logger } = options
  const { peerId } = identity
  const owned: (() => Promise<unknown>)[] = []
  const stop = once(async () => stopAll(owned, logger))
  try {
    const storage = await openStorage(new LevelEnvironment(directory.path))
    owned.push(() => storage.close())
    if (storage.damage !== null) {
      logger.error(
        'The Raft log on disk is damaged; this peer does not vote until a leader has brought it up to date',
        { ...storage.damage },
      )
    }

    const listen = await recallPorts(directory, config.cluster.listen)
    // The transport asks consensus whom to let in, and consensus speaks through the transport: neither is used before both stand.
    const late: { consensus?: PinsetConsensus } = {}
    const transport = await createTransport(
      { admission: lateAdmission(late), logger },
      {
        privateKey: identity.privateKey,
        psk: parseSwarmKey(swarmKey),
        listen,
        announce: config.cluster.announce,
        electionTimeoutMs: config.cluster.electionTimeoutMs,
        release: VERSION,
      },
    )
    owned.push(() => transport.stop())
    const consensus = createConsensus(
      {
        storage,
        raftTransport: transport,
        rpc: transport,
        dialer: transport,
        clock,
        logger,
        prepare: { pin: (request, { nowMs }) => allocate(request, nowMs) },
      },
      {
        peerId,
        name: config.name,
        electionTimeoutMs: config.cluster.electionTimeoutMs,
        heartbeatMs: config.cluster.heartbeatMs,
        random: () => randomInt(2 ** 48 - 1) / 2 ** 48,
        join: config.join ?? null,
      },
    )
    late.consensus = consensus
    journalChanges(consensus, peerId, () => transport.listenAddresses(), logger)
    await transport.start()
    await rememberPorts(directory, config.cluster.listen, transport.listenAddresses())
    owned.push(() => consensus.stop())
    await consensus.start()

    const cluster = await startAboveConsensus(options, transport, consensus, owned)
    return { peerId, cluster, addresses: transport.listenAddresses(), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function startAboveConsensus(
  { directory, config, identity, swarmKey, logger }: CreatePeerOptions,
  transport: Transport,
  consensus: PinsetConsensus,
  owned: (() => Promise<unknown>)[],
): Promise<ClusterPeer> {
  const { peerId } = identity
  const ipfs = createHeliaConnector({
    directory: directory.ipfs,
    listen: config.ipfs.listen,
    allowOutsideNetwork: config.ipfs.allowOutsideNetwork,
    logger,
  })
  const isAllocatedHere = (pin: Pin): boolean => pin.allocations.length === 0 || pin.allocations.includes(peerId)
  const tracker = new PinTracker(
    { consensus, ipfs, logger },
    { concurrency: config.tracker.concurrency, isAllocatedHere },
  )
  const cluster = new ClusterPeer(
    { consensus, tracker, ipfs, rpc: transport, dialer: transport },
    { peerId, name: config.name, secretHex: swarmKeyToHex(swarmKey), rpcProtocol: PROTOCOLS.rpc },
  )
  const siblings = new IpfsSiblings({ consensus, rpc: transport, ipfs, logger }, { ownPeerId: peerId })
  for (const part of [ipfs, cluster, siblings, tracker]) {
    owned.push(() => part.stop())
    await part.start()
  }
  return cluster
}

function lateAdmission(late: { readonly consensus?: PinsetConsensus }): Admission {
  const admission = (): Admission => {
    if (late.consensus === undefined) throw new Error('the transport was used before consensus stood')
    return late.consensus.admission
  }
  return {
    identity: () => admission().identity(),
    admit: (peer, storageId, options) => admission().admit(peer, storageId, options),
    isMember: (peer) => admission().isMember(peer),
  }
}

/** What an operator wants to find in the journal afterwards: who led, and who took part. */
function journalChanges(
  consensus: Pick<Consensus, 'events' | 'status'>,
  self: PeerId,
  addresses: () => readonly string[],
  logger: Logger,
): void {
  const { events } = consensus
  events.on('leader:change', ({ leader, term }) => {
    if (leader === null) logger.warn('There is no leader', { term })
    else logger.info(leader === self ? 'This peer leads' : 'Another peer leads', { leader, term })
  })
  events.on('membership:change', ({ index, membership }) => {
    logger.info('The membership has changed', {
      index,
      members: membership.members.map(({ peerId, suffrage }) => `${peerId} ${suffrage}`),
    })
  })
  journalRemoval(consensus, addresses, logger)
  events.on('snapshot:install', ({ revision }) => logger.info('The state was replaced by a snapshot', { revision }))
}

/** Says it once when this peer was removed, also before it started: its other complaints are no longer worth a look. */
export function journalRemoval(
  { events }: Pick<Consensus, 'events'>,
  addresses: () => readonly string[],
  logger: Logger,
): void {
  let wasRemoved = false
  events.on('status:change', ({ relation }) => {
    const isRemoved = relation === 'removed'
    if (isRemoved && !wasRemoved) {
      const address = addresses()[0] ?? 'the address of this peer'
      logger.warn(
        `This peer was removed from its cluster. To bring it back, run \`pinset peers add ${address}\` on a member; to start afresh, make a new directory with \`pinset init --join\` and an invitation`,
      )
    }
    wasRemoved = isRemoved
  })
}

function once(action: () => Promise<void>): () => Promise<void> {
  let result: Promise<void> | undefined
  return () => (result ??= action())
}
