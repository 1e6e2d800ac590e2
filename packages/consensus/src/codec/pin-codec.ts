/**
 * Pins as bytes: their content apart from their time, so that equal pins have equal bytes.
 *
 * - PC1 Decoding makes a new object from these bytes alone: nothing of another pin can be in it.
 * - PC2 Encoding is a function of the pin: metadata is ordered by key, everything else keeps its order.
 */
import { type MultiaddrText, type PeerId, type Pin, type PinMode, type PinRequest, PIN_LIMITS } from '@pinset/interface'

import * as wire from '../proto/log.ts'
import { checkCid, checkCount, checkInteger, checkPeerId, checkText, corrupt, decodeWire, wireBytes } from './checks.ts'
import { LOG_LIMITS } from './limits.ts'

/** Everything about a pin that its user or the allocator chose. */
export type PinContent = Omit<Pin, 'timestampMs'>

const MODES: readonly PinMode[] = ['recursive', 'direct']

export function encodePinContent(pin: PinContent): Uint8Array {
  const { expireAtMs, pinUpdate } = pin
  return wire.PinContent.encode({
    cid: wireBytes(pin.cid.bytes),
    replicationFactorMin: pin.replicationFactorMin,
    replicationFactorMax: pin.replicationFactorMax,
    name: pin.name,
    mode: MODES.indexOf(pin.mode) + 1,
    userAllocations: [...pin.userAllocations],
    ...(expireAtMs === null ? {} : { expireAtMs }),
    metadata: orderedMetadata(pin.metadata),
    ...(pinUpdate === null ? {} : { pinUpdate: wireBytes(pinUpdate.bytes) }),
    origins: [...pin.origins],
    allocations: [...pin.allocations],
  })
}

/** @throws {CorruptError} naming the field that is wrong. */
export function decodePinContent(bytes: Uint8Array): PinContent {
  const decoded = decodeWire('pin', (from) => wire.PinContent.decode(from), bytes)
  const mode = MODES[decoded.mode - 1]
  if (mode === undefined) throw corrupt('pin.mode', `${decoded.mode} is not a mode`)
  return {
    cid: checkCid('pin.cid', decoded.cid, PIN_LIMITS.maxCidBytes),
    ...checkFactors(decoded.replicationFactorMin, decoded.replicationFactorMax),
    name: checkText('pin.name', decoded.name, 0, PIN_LIMITS.maxNameBytes),
    mode,
    userAllocations: checkPeers('pin.userAllocations', decoded.userAllocations, PIN_LIMITS.maxUserAllocations),
    expireAtMs: decoded.expireAtMs === undefined ? null : checkInteger('pin.expireAtMs', decoded.expireAtMs, 0),
    metadata: checkMetadata(decoded.metadata),
    pinUpdate:
      decoded.pinUpdate === undefined ? null : checkCid('pin.pinUpdate', decoded.pinUpdate, PIN_LIMITS.maxCidBytes),
    origins: checkOrigins(decoded.origins),
    allocations: checkPeers('pin.allocations', decoded.allocations, LOG_LIMITS.maxMembers),
  }
}

/** A request is a pin without allocations. */
export function encodePinRequest(request: PinRequest): Uint8Array {
  return encodePinContent({ ...request, allocations: [] })
}

/** @throws {CorruptError} naming the field that is wrong. */
export function decodePinRequest(bytes: Uint8Array): PinRequest {
  const { allocations, ...request } = decodePinContent(bytes)
  if (allocations.length > 0) throw corrupt('pin.allocations', 'a request has none; the leader allocates')
  return request
}

function orderedMetadata(metadata: Readonly<Record<string, string>>): wire.Metadata[] {
  return Object.keys(metadata)
    .sort()
    .map((key) => ({ key, value: metadata[key] ?? '' }))
}

function checkMetadata(items: readonly wire.Metadata[]): Readonly<Record<string, string>> {
  checkCount('pin.metadata', items.length, PIN_LIMITS.maxMetadataEntries)
  let last: string | undefined
  const entries: [string, string][] = []
  for (const { key, value } of items) {
    checkText('pin.metadata key', key, 1, PIN_LIMITS.maxMetadataKeyBytes)
    checkText(`pin.metadata ${JSON.stringify(key)}`, value, 0, PIN_LIMITS.maxMetadataValueBytes)
    // PC2
    if (last !== undefined && key <= last)
      throw corrupt('pin.metadata', `key ${JSON.stringify(key)} is out of order or twice`)
    last = key
    entries.push([key, value])
  }
  return Object.fromEntries(entries)
}

function checkFactors(min: number, max: number): Pick<PinContent, 'replicationFactorMin' | 'replicationFactorMax'> {
  checkInteger('pin.replicationFactorMin', min, -1, LOG_LIMITS.maxMembers)
  checkInteger('pin.replicationFactorMax', max, -1, LOG_LIMITS.maxMembers)
  return { replicationFactorMin: min, replicationFactorMax: max }
}

function checkPeers(field: string, peers: readonly string[], max: number): PeerId[] {
  checkCount(field, peers.length, max)
  return peers.map((peer) => checkPeerId(field, peer))
}

function checkOrigins(origins: readonly string[]): MultiaddrText[] {
  checkCount('pin.origins', origins.length, PIN_LIMITS.maxOrigins)
  return origins.map((origin) => checkText('pin.origins', origin, 1, LOG_LIMITS.maxAddressBytes))
}
