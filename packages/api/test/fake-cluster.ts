/**
 * A cluster in memory that keeps the promises of the `Cluster` port: a pinset with revisions, peers, content.
 *
 * What a test wants to go wrong it puts into `failures` (thrown by the named method) or `outcome` (returned by the next write).
 */
import type {
  AddedEntry,
  AddEntry,
  AddOptions,
  Cluster,
  ClusterStatus,
  Committed,
  ConsensusEvents,
  Emitter,
  GlobalPinInfo,
  Pin,
  PinInfo,
  PinOutcome,
  PinRecord,
  PinRequest,
  PinStatus,
  PinsetView,
  PeerId,
  PeerInfo,
  ReadOptions,
  StatusFilter,
  UnpinOutcome,
  WriteOptions,
} from '@pinset/interface'
import { InvalidRequestError, NotFoundError, RevisionTimeoutError } from '@pinset/interface'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { sha256 } from 'multiformats/hashes/sha2'

export const PEERS = [
  '12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN',
  '12D3KooWQYhTNQdmr3ArTeUHRYzFg94BKyTkoWBDWez9kSCVe2Xo',
  '12D3KooWSahP5pFRCEfaziPEba7urXGeif6T1y8jmodzdFUvzBHj',
] as unknown as readonly [PeerId, PeerId, PeerId]

export async function cidOf(text: string): Promise<CID> {
  return CID.createV1(raw.code, await sha256.digest(new TextEncoder().encode(text)))
}

export async function cidText(text: string): Promise<string> {
  return (await cidOf(text)).toString()
}

export class FakeCluster implements Cluster {
  readonly events: Emitter<ConsensusEvents> = { on: () => () => {} }
  readonly records = new Map<string, PinRecord>()
  readonly files = new Map<string, Uint8Array>()
  readonly statuses = new Map<string, PinStatus[]>()
  readonly failures = new Map<string, Error>()
  readonly calls: { method: string; options: unknown }[] = []
  /** Taken by the next write in place of what it would do. */
  outcome: PinOutcome | UnpinOutcome | null = null
  /** Writes and reads with this set wait until their signal ends. */
  hang = false
  revision = 0
  appliedHere = true
  openViews = 0
  /** A stream fails after so many items. */
  failAfterItems = Number.POSITIVE_INFINITY
  peerIds: PeerId[] = [...PEERS]
  clusterStatusChanges: Partial<ClusterStatus> = {}
  /** What `progress` a pin reports while its status is `pinning`. */
  progress = { blocks: 7, bytes: 4096 }

  version(): string {
    return '0.1.0-fake'
  }

  async id(): Promise<PeerInfo> {
    await this.#enter('id', {})
    return this.#info(PEERS[0])
  }

  async *peers(): AsyncGenerator<PeerInfo> {
    await this.#enter('peers', {})
    for (const [index, peerId] of this.peerIds.entries()) {
      if (index >= this.failAfterItems) throw new Error('the peers cannot be listed any further')
      yield this.#info(peerId)
    }
  }

  async addPeer(address: string): Promise<PeerInfo> {
    await this.#enter('addPeer', { address })
    const peerId = (address.split('/p2p/')[1] ?? '') as PeerId
    if (peerId === '') throw new InvalidRequestError(`no /p2p/ part in ${address}`)
    this.peerIds.push(peerId)
    return this.#info(peerId)
  }

  async rmPeer(peerId: PeerId): Promise<void> {
    await this.#enter('rmPeer', { peerId })
    if (!this.peerIds.includes(peerId)) throw new NotFoundError(`${peerId} is not a peer of this cluster`)
    this.peerIds = this.peerIds.filter((other) => other !== peerId)
  }

  invite(): string {
    const failure = this.failures.get('invite')
    if (failure !== undefined) throw failure
    return 'pinset1-token-of-the-fake'
  }

  checkPinOptions(): void {
    const failure = this.failures.get('checkPinOptions')
    if (failure !== undefined) throw failure
  }

  async pin(request: PinRequest, options: WriteOptions = {}): Promise<Committed<PinOutcome>> {
    await this.#enter('pin', { request, ...options }, options.signal)
    const forced = this.#forced()
    if (forced !== null) return this.#committed(forced as PinOutcome)
    if (request.name.length > 255) throw new InvalidRequestError('the name is longer than 255 bytes')
    this.revision += 1
    const everywhere = request.replicationFactorMax === 0 || request.replicationFactorMax === -1
    const pin: Pin = {
      ...request,
      replicationFactorMin: request.replicationFactorMin || -1,
      replicationFactorMax: request.replicationFactorMax || -1,
      allocations: everywhere ? [] : this.peerIds.slice(0, request.replicationFactorMax),
      timestampMs: Date.UTC(2026, 0, 1),
    }
    this.records.set(request.cid.toString(), { pin, modifiedIndex: this.revision })
    return this.#committed({ kind: 'pinned', pin, modifiedIndex: this.revision, changed: true })
  }

  async unpin(cid: CID, options: WriteOptions = {}): Promise<Committed<UnpinOutcome>> {
    await this.#enter('unpin', { cid, ...options }, options.signal)
    const forced = this.#forced()
    if (forced !== null) return this.#committed(forced as UnpinOutcome)
    const record = this.records.get(cid.toString())
    if (record === undefined) return this.#committed({ kind: 'not-pinned' })
    this.revision += 1
    this.records.delete(cid.toString())
    return this.#committed({ kind: 'unpinned', pin: record.pin })
  }

  async state(options: ReadOptions = {}): Promise<PinsetView> {
    await this.#enter('state', options, options.signal)
    if ((options.minRevision ?? 0) > this.revision) {
      throw new RevisionTimeoutError(`revision ${options.minRevision} is not applied here yet`, this.revision)
    }
    const { failAfterItems } = this
    const records = [...this.records.values()].sort((a, b) => Buffer.compare(a.pin.cid.bytes, b.pin.cid.bytes))
    const closed = (): void => {
      this.openViews -= 1
    }
    this.openViews += 1
    return {
      revision: this.revision,
      get: async (cid) => records.find((record) => record.pin.cid.equals(cid)),
      async *pins({ after, limit } = {}) {
        const from = records.filter((record) => !after || Buffer.compare(record.pin.cid.bytes, after.bytes) > 0)
        for (const [index, record] of from.slice(0, limit ?? from.length).entries()) {
          if (index >= failAfterItems) throw new Error('the disk is on fire')
          yield record
        }
      },
      close: async () => closed(),
      [Symbol.asyncDispose]: async () => closed(),
    }
  }

  async status(cid: CID, options: ReadOptions & { local?: boolean } = {}): Promise<GlobalPinInfo> {
    await this.#enter('status', { cid, ...options }, options.signal)
    return this.#global(cid, options.local ?? false)
  }

  async *statusAll(filter: StatusFilter = {}): AsyncGenerator<GlobalPinInfo> {
    await this.#enter('statusAll', filter, filter.signal)
    let items = 0
    for (const { pin } of this.records.values()) {
      if (filter.cids !== undefined && !filter.cids.some((cid) => cid.equals(pin.cid))) continue
      const info = this.#global(pin.cid, filter.local ?? false)
      if (filter.statuses !== undefined && !info.peers.some((peer) => filter.statuses?.includes(peer.status))) continue
      if (items >= this.failAfterItems) throw new Error('the tracker is gone')
      items += 1
      yield info
    }
  }

  async recover(cid: CID, options: { local?: boolean } = {}): Promise<GlobalPinInfo> {
    await this.#enter('recover', { cid, ...options })
    this.statuses.delete(cid.toString())
    return this.#global(cid, options.local ?? false)
  }

  async *add(entries: AsyncIterable<AddEntry>, options: AddOptions = {}): AsyncGenerator<AddedEntry> {
    await this.#enter('add', options)
    const directories: string[] = []
    let bytes = 0
    for await (const entry of entries) {
      if (entry.content === undefined) {
        directories.unshift(entry.path)
        continue
      }
      const chunks: Uint8Array[] = []
      for await (const chunk of entry.content) chunks.push(Uint8Array.from(chunk))
      const content = Buffer.concat(chunks)
      bytes += content.length
      const cid = CID.createV1(raw.code, await sha256.digest(content))
      this.files.set(cid.toString(), content)
      yield { path: entry.path, cid, contentBytes: content.length, dagBytes: content.length }
    }
    if (options.wrapWithDirectory === true) directories.push('')
    for (const path of directories) {
      yield { path, cid: await cidOf(`directory ${path} ${bytes}`), contentBytes: 0, dagBytes: bytes }
    }
  }

  async *cat(cid: CID, options: { path?: string } = {}): AsyncGenerator<Uint8Array> {
    await this.#enter('cat', { cid, ...options })
    const content = this.files.get(cid.toString())
    if (content === undefined) throw new NotFoundError(`no content for ${cid.toString()}`)
    for (let at = 0, chunks = 0; at < content.length; at += 65_536, chunks += 1) {
      if (chunks >= this.failAfterItems) throw new Error('the block is not to be found')
      yield content.subarray(at, at + 65_536)
    }
  }

  clusterStatus(): ClusterStatus {
    return {
      clusterId: 'ab'.repeat(32),
      epoch: 1,
      peerId: PEERS[0],
      relation: 'member',
      role: 'leader',
      leader: PEERS[0],
      term: 3,
      commitIndex: this.revision,
      appliedIndex: this.revision,
      head: 'cd'.repeat(32),
      stateDigest: 'ef'.repeat(32),
      membershipIndex: 1,
      pending: false,
      members: this.peerIds.map((peerId, index) => ({
        peerId,
        name: `p${index}`,
        suffrage: 'voter',
        wanted: 'voter',
        addresses: [`/ip4/10.0.0.${index + 1}/tcp/9096/p2p/${peerId}`],
        reachable: true,
        matchIndex: this.revision,
      })),
      quorum: { size: 2, reachable: 3, tolerates: 1 },
      votingSuspended: false,
      haltedReason: null,
      ...this.clusterStatusChanges,
    }
  }

  async ready(): Promise<void> {
    await this.#enter('ready', {})
  }

  async #enter(method: string, options: unknown, signal?: AbortSignal): Promise<void> {
    this.calls.push({ method, options })
    const failure = this.failures.get(method)
    if (failure !== undefined) throw failure
    if (!this.hang) return
    await new Promise((_resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason as Error))
    })
  }

  #forced(): PinOutcome | UnpinOutcome | null {
    const { outcome } = this
    this.outcome = null
    return outcome
  }

  #committed<Outcome>(outcome: Outcome): Committed<Outcome> {
    return { outcome, revision: this.revision, appliedHere: this.appliedHere }
  }

  #info(peerId: PeerId): PeerInfo {
    const index = this.peerIds.indexOf(peerId)
    return {
      id: peerId,
      name: `p${index}`,
      addresses: [`/ip4/10.0.0.${index + 1}/tcp/9096/p2p/${peerId}`],
      version: '0.1.0-fake',
      rpcProtocol: '/pinset/rpc/1',
      clusterPeers: this.peerIds,
      clusterPeersAddresses: [],
      ipfs: { id: peerId, addresses: [`/ip4/10.0.0.${index + 1}/tcp/4001/p2p/${peerId}`] },
      ipfsError: '',
      error: '',
    }
  }

  /** Statuses come from `statuses`, one poll after the other, the last one again and again; else pinned or unpinned. */
  #global(cid: CID, local: boolean): GlobalPinInfo {
    const record = this.records.get(cid.toString())
    const planned = this.statuses.get(cid.toString())
    const last = planned !== undefined && planned.length > 1 ? planned.shift() : planned?.[0]
    const status = last ?? (record === undefined ? 'unpinned' : 'pinned')
    return {
      cid,
      name: record?.pin.name ?? '',
      allocations: record?.pin.allocations ?? [],
      origins: [],
      createdMs: record?.pin.timestampMs ?? 0,
      metadata: record?.pin.metadata ?? {},
      revision: this.revision,
      peers: (local ? this.peerIds.slice(0, 1) : this.peerIds).map((peerId, index) =>
        this.#pinInfo(peerId, index, status),
      ),
    }
  }

  #pinInfo(peerId: PeerId, index: number, status: PinStatus): PinInfo {
    return {
      peerId,
      peerName: `p${index}`,
      ipfsPeerId: peerId,
      ipfsAddresses: [],
      status,
      timestampMs: Date.UTC(2026, 0, 1),
      error: status === 'pin_error' ? 'no space left' : '',
      attemptCount: 0,
      priorityPin: false,
      ...(status === 'pinning' ? { progress: this.progress } : {}),
    }
  }
}
