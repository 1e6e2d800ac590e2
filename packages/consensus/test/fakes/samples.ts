/** Pins, members and entries for tests. */
import { DEFAULT_PIN_OPTIONS, type Member, type PeerId, type Pin } from '@pinset/interface'
import type { Entry, EntryKind } from '@pinset/raft'
import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'

import {
  type Envelope,
  encodeBatch,
  encodeMembershipEntry,
  encodeOperation,
  type MembershipCause,
  type Operation,
  pinOperation,
  unpinOperation,
} from '../../src/codec/index.ts'
import type { KeyedRequest } from '../../src/machine/idempotency-table.ts'

export const START_MS = 1_700_000_000_000

export function peer(name: string): PeerId {
  return name as PeerId
}

export function cidOf(number: number): CID {
  const hash = new Uint8Array(32)
  new DataView(hash.buffer).setUint32(28, number)
  return CID.createV1(0x70, create(0x12, hash))
}

export function pinOf(number: number, options: Partial<Pin> = {}): Pin {
  return { ...DEFAULT_PIN_OPTIONS, cid: cidOf(number), allocations: [], timestampMs: START_MS, ...options }
}

export function member(name: string, options: Partial<Member> = {}): Member {
  return {
    peerId: peer(name),
    storageId: 's1',
    name,
    addresses: [`/ip4/127.0.0.1/tcp/1/p2p/${name}`],
    suffrage: 'voter',
    wanted: 'voter',
    supportedVersion: 1,
    ...options,
  }
}

export function envelope(
  serial: number,
  options: Partial<Envelope> & {
    readonly origin?: string
    readonly storageId?: string
    readonly lowWater?: number
    /** A client's key and what it was used for. */
    readonly idempotency?: KeyedRequest | null
  } = {},
): Envelope {
  const { origin = 'a', storageId = 's1', lowWater = 0, idempotency = null, ...rest } = options
  return {
    actor: '',
    requestId: { peerId: origin, storageId, serial, lowWater },
    idempotencyKey: idempotency?.key ?? null,
    fingerprint: idempotency?.fingerprint ?? new Uint8Array(32),
    timeMs: START_MS,
    ifModifiedIndex: null,
    ...rest,
  }
}

/** UUIDv7 with this time and number. */
export function keyOf(timeMs: number, number: number): Uint8Array {
  const key = new Uint8Array(16)
  const view = new DataView(key.buffer)
  view.setUint32(0, Math.floor(timeMs / 0x1_0000))
  view.setUint16(4, timeMs % 0x1_0000)
  view.setUint8(6, 0x70)
  view.setUint32(8, (0x8000_0000 | number) >>> 0)
  return key
}

export function entryOf(index: number, kind: EntryKind, data: Uint8Array = new Uint8Array(0), term = 1): Entry {
  return { term, index, kind, data }
}

export function operationsEntry(index: number, operations: readonly Operation[]): Entry {
  return entryOf(index, 'operations', encodeBatch(operations.map(encodeOperation)))
}

export function membershipEntry(
  index: number,
  members: readonly Member[],
  cause: Partial<MembershipCause> = {},
): Entry {
  const subject = members[0]?.peerId ?? peer('a')
  const requestId = { peerId: subject, storageId: 's1', serial: 1, lowWater: 0 }
  const data = encodeMembershipEntry({
    version: 1,
    next: { members },
    cause: { op: 'add-peer', subject, requestId, actor: '', timeMs: START_MS, ...cause },
    nonce: new Uint8Array(0),
  })
  return entryOf(index, 'membership', data)
}

export function pinOp(number: number, at: Envelope, options: Partial<Pin> = {}): Operation {
  return pinOperation(at, pinOf(number, options), 1)
}

export function unpinOp(number: number, at: Envelope): Operation {
  return unpinOperation(at, cidOf(number), 1)
}

/** What came of reading bytes that may be anything: `decoded`, or the name of the error. */
export function verdict(read: () => unknown): string {
  try {
    read()
    return 'decoded'
  } catch (error) {
    return error instanceof Error ? error.name : 'not an error'
  }
}

/** All that may come of it. */
export const DECODED_OR_REFUSED = /^(decoded|CorruptError|UpgradeRequiredError)$/
