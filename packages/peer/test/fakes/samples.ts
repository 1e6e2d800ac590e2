/** CIDs, pins and members for tests. */
import { createHash } from 'node:crypto'

import { DEFAULT_PIN_OPTIONS, type Member, type PeerId, type Pin } from '@pinset/interface'
import { CID } from 'multiformats/cid'
import { create as createDigest } from 'multiformats/hashes/digest'

export function cidOf(text: string): CID {
  return CID.createV1(0x55, createDigest(0x12, createHash('sha256').update(text).digest()))
}

export function pinOf(text: string, options: Partial<Pin> = {}): Pin {
  return { ...DEFAULT_PIN_OPTIONS, cid: cidOf(text), allocations: [], timestampMs: 1_000, ...options }
}

export function memberOf(name: string): Member {
  return {
    peerId: `peer-${name}` as PeerId,
    storageId: `storage-${name}`,
    name,
    addresses: [],
    suffrage: 'voter',
    wanted: 'voter',
    supportedVersion: 1,
  }
}
