/** Entries of the log, from the words of a scenario. */
import { DEFAULT_PIN_OPTIONS, type Member, type PeerId, type Pin, type PinRequest } from '@pinset/interface'
import type { Entry, EntryKind } from '@pinset/raft'

import {
  encodeBatch,
  encodeMembershipEntry,
  encodeOperation,
  encodePinRequest,
  type Envelope,
  type Operation,
  parseIdempotencyKey,
  pinOperation,
  requestFingerprint,
  type RequestId,
  unpinOperation,
} from '../../../packages/consensus/src/codec/index.ts'
import type { Command } from '../scenario-file.ts'
import { cidOf, keyOf } from './names.ts'

export interface EntryPlace {
  readonly term: number
  readonly index: number
  /** The leader's clock. */
  readonly timeMs: number
}

export function entryOf({ term, index }: EntryPlace, kind: EntryKind, data: Uint8Array = new Uint8Array(0)): Entry {
  return { term, index, kind, data }
}

export function operationsEntry(place: EntryPlace, operations: readonly Operation[]): Entry {
  return entryOf(place, 'operations', encodeBatch(operations.map(encodeOperation)))
}

/** `a b:learner c@s2`: peer, suffrage, database. */
export function readMember(word: string): Member {
  const match = /^(\w+)(?:@(\w+))?(?::(learner|voter))?$/.exec(word)
  const [, name = word, storageId = 's1', suffrage = 'voter'] = match ?? []
  return {
    peerId: name as PeerId,
    storageId,
    name,
    addresses: [`/memory/${name}/p2p/${name}`],
    suffrage: suffrage === 'learner' ? 'learner' : 'voter',
    wanted: 'voter',
    supportedVersion: 1,
  }
}

/** `a/3` or `a@s2/3`: origin, its database, serial. */
function readRequestId(command: Command, low = 0): RequestId {
  const by = command.option('by') ?? 'a/1'
  const match = /^(\w+)(?:@(\w+))?\/(\d+)$/.exec(by)
  if (match === null) throw command.mistake(`by=${by} is not an origin and a serial, such as a/1`)
  const [, peerId = '', storageId = 's1', serial] = match
  return { peerId, storageId, serial: Number(serial), lowWater: command.integer('low') ?? low }
}

export function membershipEntry(
  place: EntryPlace,
  members: readonly Member[],
  change: { readonly version?: number } = {},
): Entry {
  const subject = members[0]?.peerId ?? ('a' as PeerId)
  const requestId = { peerId: subject, storageId: 's1', serial: 1, lowWater: 0 }
  return entryOf(
    place,
    'membership',
    encodeMembershipEntry({
      version: change.version ?? 1,
      next: { members },
      cause: { op: 'add-peer', subject, requestId, actor: '', timeMs: place.timeMs },
      nonce: new Uint8Array(0),
    }),
  )
}

/** `pin x by=a/1 name=one mode=direct if=3 key=k1` or `unpin x by=a/2 …`. */
export function readOperation(command: Command, timeMs: number): Operation {
  const { verb } = command
  if (verb !== 'pin' && verb !== 'unpin') throw command.mistake(`"${verb}" is no operation; pin or unpin is`)
  const cid = cidOf(command.argument('CID'))
  const version = command.integer('version') ?? 1
  const ifModifiedIndex = command.integer('if') ?? null
  const key = command.option('key')
  const request: PinRequest = {
    ...DEFAULT_PIN_OPTIONS,
    cid,
    name: command.option('name') ?? '',
    mode: command.option('mode') === 'direct' ? 'direct' : 'recursive',
  }
  const [number, bytes] = verb === 'pin' ? [1, encodePinRequest(request)] : [2, cid.bytes]
  const envelope: Envelope = {
    actor: '',
    requestId: readRequestId(command),
    idempotencyKey: key === undefined ? null : parseIdempotencyKey(keyOf(key)),
    fingerprint: requestFingerprint(number, bytes, ifModifiedIndex, ''),
    timeMs,
    ifModifiedIndex,
  }
  if (verb === 'unpin') return unpinOperation(envelope, cid, version)
  const pin: Pin = { ...request, allocations: [], timestampMs: timeMs }
  return pinOperation(envelope, pin, version)
}
