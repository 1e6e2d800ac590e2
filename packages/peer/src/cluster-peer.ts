/**
 * One peer as its API sees it: consensus, pin tracker and IPFS behind one door.
 *
 * Owns validation of what users ask and the answers to other members' questions; decides nothing about consensus or IPFS.
 */
import {
  InvalidRequestError,
  type AbortOptions,
  type AddedEntry,
  type AddEntry,
  type AddOptions,
  type Cluster,
  type ClusterStatus,
  type Committed,
  type Consensus,
  type Dialer,
  type GlobalPinInfo,
  type IpfsConnector,
  type IpfsIdentity,
  type Member,
  type MultiaddrText,
  type PeerId,
  type PeerInfo,
  type PinOutcome,
  type PinOptions,
  type PinRecord,
  type PinRequest,
  type PinsetView,
  type ReadOptions,
  type Rpc,
  type Startable,
  type StatusFilter,
  type UnpinOutcome,
  type WriteOptions,
} from '@pinset/interface'
import { parseMultiaddr, parsePeerId } from '@pinset/transport'
import type { CID } from 'multiformats/cid'
import { setTimeout as sleep } from 'node:timers/promises'

import { invitationToToken } from './invitation.ts'
import {
  INFO,
  MAX_UNPINNING_LISTED,
  type PeerAnswer,
  type PinInfoAnswer,
  RECOVER,
  STATUS,
  UNPINNING,
} from './peer-rpc.ts'
import { PinStatusReader } from './pin-status.ts'
import type { PinTracker } from './pin-tracker/pin-tracker.ts'
import { checkPinOptions, validatePinRequest } from './validate-pin.ts'
import { VERSION } from './version.ts'

export interface ClusterPeerComponents {
  readonly consensus: Consensus
  readonly tracker: PinTracker
  readonly ipfs: IpfsConnector
  readonly rpc: Rpc
  readonly dialer: Dialer
}

export interface ClusterPeerInit {
  readonly peerId: PeerId
  readonly name: string
  /** 64 hex digits. */
  readonly secretHex: string
  readonly rpcProtocol: string
  /** How long a peer that was just added may take until it answers as a member. @default 5000 */
  readonly newcomerWaitMs?: number
}

const NEWCOMER_WAIT_MS = 5_000
const NEWCOMER_PAUSE_MS = 100
/** How long one question to the IPFS node may take when it is part of an answer about something else. */
const IPFS_ID_TIMEOUT_MS = 3_000

export class ClusterPeer implements Cluster, Startable {
  readonly #components: ClusterPeerComponents
  readonly #init: ClusterPeerInit
  readonly #statuses: PinStatusReader
  readonly #unhandle: (() => void)[] = []

  constructor(components: ClusterPeerComponents, init: ClusterPeerInit) {
    this.#components = components
    this.#init = init
    this.#statuses = new PinStatusReader(components, { ownPeerId: init.peerId })
  }

  /** Begin to answer other members. */
  async start(): Promise<void> {
    const { rpc, tracker } = this.#components
    this.#unhandle.push(
      rpc.handle(INFO, (_, { signal }) => this.#answerInfo(signal)),
      rpc.handle(STATUS, (cids, { signal }) => this.#answerStatus(cids, signal)),
      rpc.handle(UNPINNING, async () => tracker.unpinning(MAX_UNPINNING_LISTED)),
      rpc.handle(RECOVER, async (cid) => {
        tracker.recover(cid)
        return null
      }),
    )
  }

  async stop(): Promise<void> {
    for (const unhandle of this.#unhandle.splice(0)) unhandle()
  }

  get events(): Consensus['events'] {
    return this.#components.consensus.events
  }

  version(): string {
    return VERSION
  }

  clusterStatus(): ClusterStatus {
    return this.#components.consensus.status()
  }

  ready(options?: AbortOptions): Promise<void> {
    return this.#components.consensus.ready(options)
  }

  invite(): string {
    const { clusterId, members, peerId, relation } = this.clusterStatus()
    if (clusterId === null || relation !== 'member') {
      throw new InvalidRequestError('this peer is not a member of a cluster, so it cannot invite others to one')
    }
    // The own addresses first: the one who invites is surely there.
    const own = members.filter((member) => member.peerId === peerId)
    const others = members.filter((member) => member.peerId !== peerId)
    const addresses = [...own, ...others].flatMap((member) => member.addresses).slice(0, 32)
    return invitationToToken({
      secretHex: this.#init.secretHex,
      clusterId,
      addresses: addresses.length > 0 ? addresses : this.#ownAddresses(),
    })
  }

  // ---- peers ----

  async id(options: AbortOptions = {}): Promise<PeerInfo> {
    return this.#toPeerInfo(this.#init.peerId, await this.#answerInfo(options.signal))
  }

  async *peers(options: AbortOptions = {}): AsyncIterable<PeerInfo> {
    const members = this.#components.consensus.peers().membership.members
    const answers = members.map((member) => this.#askInfo(member, options))
    for (const answer of answers) yield await answer
  }

  async addPeer(address: MultiaddrText, options: AbortOptions = {}): Promise<PeerInfo> {
    parseMultiaddr(address)
    const { peerId } = await this.#components.consensus.addPeer(address, options)
    const member = this.#components.consensus.peers().membership.members.find((each) => each.peerId === peerId)
    return this.#askNewcomer(member ?? { peerId, name: '', addresses: [address] }, options)
  }

  /** It is a member whether it answers or not: it refuses questions until the first entries have told it which cluster this is. */
  async #askNewcomer(member: Pick<Member, 'peerId' | 'name' | 'addresses'>, options: AbortOptions): Promise<PeerInfo> {
    const deadline = AbortSignal.timeout(this.#init.newcomerWaitMs ?? NEWCOMER_WAIT_MS)
    const signal = options.signal === undefined ? deadline : AbortSignal.any([options.signal, deadline])
    for (;;) {
      const info = await this.#askInfo(member, { signal })
      if (info.error === '') return info
      try {
        await sleep(NEWCOMER_PAUSE_MS, undefined, { signal })
      } catch {
        return { ...info, ipfsError: 'not known yet: the peer is catching up', error: '' }
      }
    }
  }

  async rmPeer(peerId: PeerId, options?: AbortOptions): Promise<void> {
    await this.#components.consensus.rmPeer(parsePeerId(peerId), options)
  }

  // ---- pins ----

  checkPinOptions(options: PinOptions): void {
    checkPinOptions(options)
  }

  pin(request: PinRequest, options?: WriteOptions): Promise<Committed<PinOutcome>> {
    return this.#components.consensus.logPin(validatePinRequest(request), options)
  }

  unpin(cid: CID, options?: WriteOptions): Promise<Committed<UnpinOutcome>> {
    return this.#components.consensus.logUnpin(cid, options)
  }

  state(options?: ReadOptions): Promise<PinsetView> {
    return this.#components.consensus.state(options)
  }

  status(cid: CID, options?: ReadOptions & { readonly local?: boolean }): Promise<GlobalPinInfo> {
    return this.#statuses.one(cid, options)
  }

  statusAll(filter?: StatusFilter): AsyncIterable<GlobalPinInfo> {
    return this.#statuses.all(filter)
  }

  async recover(cid: CID, options: AbortOptions & { readonly local?: boolean } = {}): Promise<GlobalPinInfo> {
    const { consensus, rpc } = this.#components
    const members = consensus
      .peers()
      .membership.members.filter(({ peerId }) => options.local !== true || peerId === this.#init.peerId)
    // A member that cannot be asked shows in the status that follows.
    await Promise.allSettled(members.map(({ peerId }) => rpc.call(peerId, RECOVER, cid, options)))
    return this.#statuses.one(cid, options)
  }

  // ---- content ----

  add(entries: AsyncIterable<AddEntry>, options?: AddOptions): AsyncIterable<AddedEntry> {
    return this.#components.ipfs.add(entries, options)
  }

  cat(cid: CID, options?: AbortOptions & { readonly path?: string }): AsyncIterable<Uint8Array> {
    return this.#components.ipfs.cat(cid, options)
  }

  // ---- answers to members ----

  async #answerInfo(signal: AbortSignal | undefined): Promise<PeerAnswer> {
    const { ipfs, ipfsError } = await this.#ipfsIdentity(signal)
    return { name: this.#init.name, addresses: this.#ownAddresses(), version: VERSION, ipfs, ipfsError }
  }

  async #answerStatus(cids: readonly CID[], signal: AbortSignal): Promise<readonly PinInfoAnswer[]> {
    const { consensus, tracker } = this.#components
    const { ipfs } = await this.#ipfsIdentity(signal)
    await using view = await consensus.state({ signal })
    return await Promise.all(
      cids.map(async (cid) => {
        const record: PinRecord | undefined = await view.get(cid, { signal })
        const answer = await tracker.status(cid, record, { signal })
        return { ...answer, ipfsPeerId: ipfs?.id ?? '', ipfsAddresses: ipfs?.addresses ?? [] }
      }),
    )
  }

  async #ipfsIdentity(signal: AbortSignal | undefined): Promise<{ ipfs: IpfsIdentity | null; ipfsError: string }> {
    const deadline = AbortSignal.timeout(IPFS_ID_TIMEOUT_MS)
    try {
      return {
        ipfs: await this.#components.ipfs.id({
          signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
        }),
        ipfsError: '',
      }
    } catch (error) {
      return { ipfs: null, ipfsError: error instanceof Error ? error.message : String(error) }
    }
  }

  async #askInfo(member: Pick<Member, 'peerId' | 'name' | 'addresses'>, options: AbortOptions): Promise<PeerInfo> {
    try {
      return this.#toPeerInfo(member.peerId, await this.#components.rpc.call(member.peerId, INFO, null, options))
    } catch (error) {
      const unknown: PeerAnswer = {
        name: member.name,
        addresses: member.addresses,
        version: '',
        ipfs: null,
        ipfsError: '',
      }
      return {
        ...this.#toPeerInfo(member.peerId, unknown),
        error: error instanceof Error ? error.message : String(error),
      }
    }
  }

  #toPeerInfo(id: PeerId, answer: PeerAnswer): PeerInfo {
    const members = this.#components.consensus.peers().membership.members
    return {
      id,
      name: answer.name,
      addresses: answer.addresses,
      version: answer.version,
      rpcProtocol: this.#init.rpcProtocol,
      clusterPeers: members.map(({ peerId }) => peerId),
      clusterPeersAddresses: members.flatMap(({ addresses }) => addresses),
      ipfs: answer.ipfs,
      ipfsError: answer.ipfsError,
      error: '',
    }
  }

  #ownAddresses(): readonly MultiaddrText[] {
    return this.#components.dialer.listenAddresses()
  }
}
