/** The founding of a cluster: entry 1 of term 1, and what it is to be without one. */
import { CorruptError, type MembershipAt } from '@pinset/interface'
import type { Entry } from '@pinset/raft'

import { checkBytes } from '../codec/checks.ts'
import { OPERATION_VERSION } from '../codec/limits.ts'
import { encodeMembershipEntry, NONCE_BYTES } from '../codec/membership-codec.ts'
import { clusterIdOf } from '../machine/hash-chain.ts'
import type { StorageIdentity } from '../ports.ts'
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

/**
 * A peer that made its cluster, and has lost the first entry before that was applied durably, knows nobody whom it could let in. It
 * had acknowledged nothing by then: what is acknowledged is applied, and the first membership is applied in a synced write.
 *
 * @throws {CorruptError} neither the log, nor the state, nor an admission names a member.
 */
export function checkSomebodyKnown({ clusterId, admission }: StorageIdentity, newest: MembershipAt): void {
  if (clusterId !== null && admission.length === 0 && newest.index === 0) {
    throw new CorruptError(
      `this peer made the cluster ${clusterId}, but its log is destroyed from the first entry on and nothing on its disk names a member: ` +
        'it can neither lead nor be brought up to date. If the cluster has other members, remove this peer there ("pinset peers rm") and let it ' +
        'join again with a new data directory; if it was the only one, move the data directory away and run "pinset init" again',
    )
  }
}
