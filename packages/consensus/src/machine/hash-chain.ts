/** The hash chain over the log, and the cluster id that stands at its beginning. */
import { createHash } from 'node:crypto'

import type { Entry } from '@pinset/raft'

import { ENTRY_KIND_NUMBERS } from '../codec/entry-codec.ts'

/** The head before the first entry. */
export const FIRST_HEAD: Uint8Array = new Uint8Array(32)

/** SHA-256 of the previous head, term, index (64 bits each, big endian) and the stored bytes: the kind's number and the data. */
export function extendChain(head: Uint8Array, entry: Entry): Uint8Array {
  const prefix = new Uint8Array(49)
  const view = new DataView(prefix.buffer)
  prefix.set(head)
  view.setBigUint64(32, BigInt(entry.term))
  view.setBigUint64(40, BigInt(entry.index))
  prefix[48] = ENTRY_KIND_NUMBERS[entry.kind]
  return new Uint8Array(createHash('sha256').update(prefix).update(entry.data).digest())
}

/** Hex SHA-256 of the stored bytes of the founding entry. */
export function clusterIdOf(foundingEntry: Entry): string {
  return createHash('sha256')
    .update(Uint8Array.of(ENTRY_KIND_NUMBERS[foundingEntry.kind]))
    .update(foundingEntry.data)
    .digest('hex')
}
