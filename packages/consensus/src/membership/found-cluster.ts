/** The founding of a cluster: entry 1 of term 1. */
import type { Entry } from '@pinset/raft'

import { checkBytes } from '../codec/checks.ts'
import { OPERATION_VERSION } from '../codec/limits.ts'
import { encodeMembershipEntry, NONCE_BYTES } from '../codec/membership-codec.ts'
import { clusterIdOf } from '../machine/hash-chain.ts'
import type { Newcomer } from './next-membership.ts'

/**
 * A cluster of one voter: its first entry, to be written with hard state term 1, and its id, which is the hash of that entry.
 *
 * @param nonce - 32 random bytes: two clusters of one peer are two clusters.
 */
export function foundCluster({
  member,
  nonce,
  timeMs,
}: {
  readonly member: Newcomer
  readonly nonce: Uint8Array
  readonly timeMs: number
}): {
  readonly entry: Entry
  readonly clusterId: string
} {
  checkBytes('nonce', nonce, NONCE_BYTES, NONCE_BYTES)
  const { peerId, storageId, name, addresses, supportedVersion } = member
  const data = encodeMembershipEntry({
    version: OPERATION_VERSION,
    next: { members: [{ peerId, storageId, name, addresses, supportedVersion, suffrage: 'voter', wanted: 'voter' }] },
    cause: {
      op: 'add-peer',
      subject: peerId,
      requestId: { peerId, storageId, serial: 1, lowWater: 0 },
      actor: '',
      timeMs,
    },
    nonce,
  })
  const entry: Entry = { term: 1, index: 1, kind: 'membership', data }
  return { entry, clusterId: clusterIdOf(entry) }
}
