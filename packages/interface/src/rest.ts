/**
 * JSON of the HTTP API, and the conversions between it and the domain's words.
 *
 * Owns the shapes, for server, client and command line alike; knows nothing of HTTP. Field names, null conventions and zero
 * times are those of IPFS Cluster's api/types.go.
 *
 * J1 What a conversion to JSON prints, the one from JSON reads back as an equal value.
 * J2 JSON from the wire is decoded or refused with `CorruptError`, never trusted.
 */
import { base58btc } from 'multiformats/bases/base58'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'

import type { PeerInfo } from './cluster.ts'
import type { ClusterStatus } from './consensus.ts'
import { CorruptError, InvalidRequestError } from './errors.ts'
import type { AddedEntry } from './ipfs-connector.ts'
import type { PeerId } from './peer.ts'
import type { Pin } from './pin.ts'
import type { GlobalPinInfo, PinInfo, PinStatus } from './status.ts'
import { PIN_STATUSES } from './status.ts'

/** Go's zero time, which stands for "never" and "unknown". */
export const ZERO_TIME = '0001-01-01T00:00:00Z'

export interface PinJson {
  replication_factor_min: number
  replication_factor_max: number
  name: string
  mode: 'recursive' | 'direct'
  shard_size: number
  user_allocations: string[] | null
  expire_at: string
  metadata: Record<string, string> | null
  pin_update: string | null
  origins: string[] | null
  cid: string
  type: 'pin'
  allocations: string[]
  max_depth: number
  reference: null
  timestamp: string
}

export interface PinInfoJson {
  peername: string
  ipfs_peer_id?: string
  ipfs_peer_addresses?: string[]
  status: PinStatus
  timestamp: string
  error: string
  attempt_count: number
  priority_pin: boolean
  /** Addition: while content is being fetched. */
  progress?: { blocks: number; bytes: number }
}

export interface GlobalPinInfoJson {
  cid: string
  name: string
  allocations: string[]
  origins: string[]
  created: string
  metadata: Record<string, string> | null
  peer_map: Record<string, PinInfoJson>
}

export interface PeerInfoJson {
  id: string
  addresses: string[]
  cluster_peers: string[]
  cluster_peers_addresses: string[]
  version: string
  commit: string
  rpc_protocol_version: string
  error: string
  ipfs: { id: string; addresses: string[]; error: string }
  peername: string
}

export interface AddedJson {
  name: string
  cid: string
  bytes?: number
  size?: number
  allocations?: string[]
}

/** The body of an error; as the last line of a stream, with its code (`error`). */
export interface ErrorJson {
  code: number
  message: string
}

/** What `GET /cluster` answers; `haltedReason` only when the peer is halted or has stopped applying, `votingSuspended` only when it does not vote. */
export type ClusterStatusJson = Omit<ClusterStatus, 'haltedReason' | 'votingSuspended'> & {
  haltedReason?: string
  votingSuspended?: true
}

export function timeToJson(milliseconds: number | null): string {
  return milliseconds === null || milliseconds === 0 ? ZERO_TIME : new Date(milliseconds).toISOString()
}

/** @returns Unix milliseconds, or null for Go's zero time. */
export function timeFromJson(text: string): number | null {
  if (text.startsWith('0001-01-01T00:00:00')) return null
  const milliseconds = Date.parse(text)
  if (Number.isNaN(milliseconds)) throw new CorruptError(`not a time: ${JSON.stringify(text.slice(0, 64))}`)
  return milliseconds
}

/**
 * A peer id in its canonical form, from base58 (`12D3Koo…`, `Qm…`) or a CID with the codec libp2p-key.
 *
 * @throws {InvalidRequestError} when it is neither.
 */
export function peerIdFromText(text: string): PeerId {
  if (text.length > 0 && text.length <= 128) {
    try {
      if (text.startsWith('1') || text.startsWith('Qm')) {
        Digest.decode(base58btc.decode(`z${text}`))
        return text as PeerId
      }
      const cid = CID.parse(text)
      if (cid.code === 0x72) return base58btc.encode(cid.multihash.bytes).slice(1) as PeerId
    } catch {
      // Told below, in the same words for each way of being wrong.
    }
  }
  throw new InvalidRequestError(`not a peer id: ${JSON.stringify(text.slice(0, 80))}; a peer id looks like 12D3KooW…`)
}

/** @throws {InvalidRequestError} when the text is not a CID. */
export function cidFromText(text: string): CID {
  try {
    if (text.length <= 512) return CID.parse(text)
  } catch {
    // Told below.
  }
  throw new InvalidRequestError(`not a CID: ${JSON.stringify(text.slice(0, 80))}; a CID looks like bafy… or Qm…`)
}

export function pinToJson(pin: Pin): PinJson {
  return {
    replication_factor_min: pin.replicationFactorMin,
    replication_factor_max: pin.replicationFactorMax,
    name: pin.name,
    mode: pin.mode,
    shard_size: 0,
    user_allocations: orNull(pin.userAllocations),
    expire_at: timeToJson(pin.expireAtMs),
    metadata: recordOrNull(pin.metadata),
    pin_update: pin.pinUpdate?.toString() ?? null,
    origins: orNull(pin.origins),
    cid: pin.cid.toString(),
    type: 'pin',
    allocations: [...pin.allocations],
    max_depth: pin.mode === 'direct' ? 0 : -1,
    reference: null,
    timestamp: timeToJson(pin.timestampMs),
  }
}

export function pinFromJson(json: unknown): Pin {
  return decoding('pin', () => {
    const value = asObject(json)
    const update = value['pin_update']
    return {
      cid: asCid(value['cid']),
      replicationFactorMin: asInteger(value['replication_factor_min']),
      replicationFactorMax: asInteger(value['replication_factor_max']),
      name: asText(value['name']),
      mode: value['max_depth'] === 0 || value['mode'] === 'direct' ? 'direct' : 'recursive',
      userAllocations: asPeerIds(value['user_allocations']),
      expireAtMs: timeFromJson(asText(value['expire_at'])),
      metadata: asTextRecord(value['metadata']),
      pinUpdate: update === null || update === undefined ? null : asCid(update),
      origins: asTexts(value['origins']),
      allocations: asPeerIds(value['allocations']),
      timestampMs: timeFromJson(asText(value['timestamp'])) ?? 0,
    }
  })
}

export function globalPinInfoToJson(info: GlobalPinInfo): GlobalPinInfoJson {
  const peers: Record<string, PinInfoJson> = Object.create(null) as Record<string, PinInfoJson>
  for (const peer of info.peers) peers[peer.peerId] = pinInfoToJson(peer)
  return {
    cid: info.cid.toString(),
    name: info.name,
    allocations: [...info.allocations],
    origins: [...info.origins],
    created: timeToJson(info.createdMs),
    metadata: recordOrNull(info.metadata),
    peer_map: peers,
  }
}

function pinInfoToJson(info: PinInfo): PinInfoJson {
  return {
    peername: info.peerName,
    ...(info.ipfsPeerId === '' ? {} : { ipfs_peer_id: info.ipfsPeerId }),
    ...(info.ipfsAddresses.length === 0 ? {} : { ipfs_peer_addresses: [...info.ipfsAddresses] }),
    status: info.status,
    timestamp: timeToJson(info.timestampMs),
    error: info.error,
    attempt_count: info.attemptCount,
    priority_pin: info.priorityPin,
    ...(info.progress === undefined ? {} : { progress: { ...info.progress } }),
  }
}

export function globalPinInfoFromJson(json: unknown): GlobalPinInfo {
  return decoding('pin status', () => {
    const value = asObject(json)
    return {
      cid: asCid(value['cid']),
      name: asText(value['name']),
      allocations: asPeerIds(value['allocations']),
      origins: asTexts(value['origins']),
      createdMs: timeFromJson(asText(value['created'])) ?? 0,
      metadata: asTextRecord(value['metadata']),
      peers: Object.entries(asObject(value['peer_map'] ?? {})).map(([id, peer]) => pinInfoFromJson(id, asObject(peer))),
    }
  })
}

function pinInfoFromJson(id: string, value: Readonly<Record<string, unknown>>): PinInfo {
  const status = asText(value['status'])
  const progress = value['progress'] === undefined ? null : asObject(value['progress'])
  return {
    peerId: peerIdFromText(id),
    peerName: asText(value['peername']),
    ipfsPeerId: asText(value['ipfs_peer_id']),
    ipfsAddresses: asTexts(value['ipfs_peer_addresses']),
    status: PIN_STATUSES.find((known) => known === status) ?? 'undefined',
    timestampMs: timeFromJson(asText(value['timestamp'] ?? ZERO_TIME)) ?? 0,
    error: asText(value['error']),
    attemptCount: asInteger(value['attempt_count'] ?? 0),
    priorityPin: value['priority_pin'] === true,
    ...(progress === null
      ? {}
      : { progress: { blocks: asInteger(progress['blocks']), bytes: asInteger(progress['bytes']) } }),
  }
}

export function peerInfoToJson(info: PeerInfo): PeerInfoJson {
  return {
    id: info.id,
    addresses: [...info.addresses],
    cluster_peers: [...info.clusterPeers],
    cluster_peers_addresses: [...info.clusterPeersAddresses],
    version: info.version,
    commit: '',
    rpc_protocol_version: info.rpcProtocol,
    error: info.error,
    ipfs: { id: info.ipfs?.id ?? '', addresses: [...(info.ipfs?.addresses ?? [])], error: info.ipfsError },
    peername: info.name,
  }
}

export function peerInfoFromJson(json: unknown): PeerInfo {
  return decoding('peer', () => {
    const value = asObject(json)
    const ipfs = asObject(value['ipfs'] ?? {})
    const ipfsId = asText(ipfs['id'])
    return {
      id: peerIdFromText(asText(value['id'])),
      name: asText(value['peername']),
      addresses: asTexts(value['addresses']),
      version: asText(value['version']),
      rpcProtocol: asText(value['rpc_protocol_version']),
      clusterPeers: asPeerIds(value['cluster_peers']),
      clusterPeersAddresses: asTexts(value['cluster_peers_addresses']),
      ipfs: ipfsId === '' ? null : { id: ipfsId, addresses: asTexts(ipfs['addresses']) },
      ipfsError: asText(ipfs['error']),
      error: asText(value['error']),
    }
  })
}

export function addedToJson(entry: AddedEntry, allocations: readonly PeerId[] = []): AddedJson {
  return {
    name: entry.path,
    cid: entry.cid.toString(),
    ...(entry.contentBytes === 0 ? {} : { bytes: entry.contentBytes }),
    ...(entry.dagBytes === 0 ? {} : { size: entry.dagBytes }),
    ...(allocations.length === 0 ? {} : { allocations: [...allocations] }),
  }
}

export function addedFromJson(json: unknown): AddedEntry & { readonly allocations: readonly PeerId[] } {
  return decoding('added entry', () => {
    const value = asObject(json)
    return {
      path: asText(value['name']),
      cid: asCid(value['cid']),
      contentBytes: asInteger(value['bytes'] ?? 0),
      dagBytes: asInteger(value['size'] ?? 0),
      allocations: asPeerIds(value['allocations']),
    }
  })
}

export function clusterStatusToJson(status: ClusterStatus): ClusterStatusJson {
  const { haltedReason, votingSuspended, ...rest } = status
  return {
    ...rest,
    ...(haltedReason === null ? {} : { haltedReason }),
    ...(votingSuspended ? { votingSuspended } : {}),
  }
}

export function clusterStatusFromJson(json: unknown): ClusterStatus {
  return decoding('cluster status', () => {
    const value = asObject(json)
    const quorum = asObject(value['quorum'])
    if (!Array.isArray(value['members'])) throw new TypeError('members is not a list')
    for (const name of ['epoch', 'term', 'commitIndex', 'appliedIndex', 'membershipIndex']) asInteger(value[name])
    for (const name of ['size', 'reachable', 'tolerates']) asInteger(quorum[name])
    for (const member of value['members']) asTexts(asObject(member)['addresses'])
    return { haltedReason: null, votingSuspended: false, ...value } as unknown as ClusterStatus
  })
}

/** What a conversion throws about JSON becomes one error that names the thing (J2). */
function decoding<Value>(what: string, decode: () => Value): Value {
  try {
    return decode()
  } catch (error) {
    throw new CorruptError(`the answer is not a ${what}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError('not an object')
  return value as Record<string, unknown>
}

function asText(value: unknown): string {
  if (value === undefined || value === null) return ''
  if (typeof value !== 'string') throw new TypeError(`not a text: ${typeof value}`)
  return value
}

function asInteger(value: unknown): number {
  if (!Number.isSafeInteger(value)) throw new TypeError(`not an integer: ${String(value)}`)
  return value as number
}

function asTexts(value: unknown): string[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw new TypeError('not a list')
  return value.map(asText)
}

function asPeerIds(value: unknown): PeerId[] {
  return asTexts(value).map(peerIdFromText)
}

/** A CID as text, or in the form `{"/": text}` of older IPFS Cluster versions. */
function asCid(value: unknown): CID {
  return cidFromText(asText(typeof value === 'object' && value !== null ? asObject(value)['/'] : value))
}

function asTextRecord(value: unknown): Record<string, string> {
  return Object.fromEntries(Object.entries(asObject(value ?? {})).map(([key, item]) => [key, asText(item)]))
}

function orNull(list: readonly string[]): string[] | null {
  return list.length === 0 ? null : [...list]
}

function recordOrNull(record: Readonly<Record<string, string>>): Record<string, string> | null {
  return Object.keys(record).length === 0 ? null : { ...record }
}
