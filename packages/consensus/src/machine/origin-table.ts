/**
 * Which requests of each origin have been answered, and how: what makes a repeated request take effect once.
 *
 * - OT1 A serial at or below the low-water mark was answered and forgotten: it takes no effect any more.
 * - OT2 An open serial is answered again as it was the first time, without effect.
 * - OT3 The low-water mark of an origin never goes back.
 * - OT4 A row of the table `request` exists exactly while its serial is open with the outcome `unpinned`.
 * - OT5 When a membership entry takes a peer or its database out of the membership, every answer of that origin is forgotten, and its
 *   mark is above all that it asked for. The mark stays, a few bytes for each database that ever was a member: the same database may be
 *   added again, and repeats what it asked for before if it has not read all of this.
 */
import type { RowKey } from '@pinset/interface'

import { LOG_LIMITS } from '../codec/limits.ts'
import type { RequestId } from '../codec/operation-codec.ts'
import type { RowOverlay } from './row-overlay.ts'
import {
  type AnsweredRequest,
  decodeOriginRow,
  encodeOriginRow,
  encodePinRow,
  originRowKey,
  type PinRow,
  removedPinRowKey,
} from './rows.ts'

type OriginId = Pick<RequestId, 'peerId' | 'storageId'>

interface Origin {
  readonly key: RowKey
  lowWater: number
  readonly open: Map<number, AnsweredRequest>
  changed: boolean
}

export type Admittance =
  | { readonly kind: 'new' }
  /** OT1 */
  | { readonly kind: 'forgotten' }
  /** OT2 */
  | { readonly kind: 'answered'; readonly request: AnsweredRequest; readonly removed: Uint8Array | undefined }
  | { readonly kind: 'full' }

export class OriginTable {
  readonly #rows: RowOverlay
  readonly #origins = new Map<string, Origin>()

  constructor(rows: RowOverlay) {
    this.#rows = rows
  }

  /** Take note of the low-water mark that comes with a request, and say what is known of the request. */
  admit(requestId: RequestId): Admittance {
    const origin = this.#origin(requestId)
    this.#forget(origin, requestId.lowWater)
    if (requestId.serial <= origin.lowWater) return { kind: 'forgotten' }
    const request = origin.open.get(requestId.serial)
    if (request !== undefined) {
      const removed =
        request.kind === 'unpinned' ? this.#rows.get(removedPinRowKey(origin.key, requestId.serial)) : undefined
      return { kind: 'answered', request, removed }
    }
    return origin.open.size >= LOG_LIMITS.maxOpenRequests ? { kind: 'full' } : { kind: 'new' }
  }

  /** Remember the answer of an admitted request. @param removed - the pin that an `unpinned` request removed. */
  answer(requestId: RequestId, request: AnsweredRequest, removed: PinRow | null): void {
    const origin = this.#origin(requestId)
    origin.open.set(requestId.serial, request)
    origin.changed = true
    // OT4; new by the same rule: the serial was not open.
    if (removed !== null) this.#rows.insert(removedPinRowKey(origin.key, requestId.serial), encodePinRow(removed))
  }

  /** OT5 */
  remove(id: OriginId): void {
    const origin = this.#origin(id)
    let highest = origin.lowWater
    for (const serial of origin.open.keys()) highest = Math.max(highest, serial)
    this.#forget(origin, highest)
  }

  /** Write what changed into the overlay. */
  flush(): void {
    for (const origin of this.#origins.values()) {
      if (origin.changed) this.#rows.put(origin.key, encodeOriginRow(origin))
    }
  }

  #origin(id: OriginId): Origin {
    const text = `${id.peerId} ${id.storageId}`
    let origin = this.#origins.get(text)
    if (origin === undefined) {
      const key = originRowKey(id)
      const value = this.#rows.get(key)
      const row = value === undefined ? null : decodeOriginRow(value)
      origin = { key, lowWater: row?.lowWater ?? 0, open: new Map(row?.open), changed: false }
      this.#origins.set(text, origin)
    }
    return origin
  }

  #forget(origin: Origin, lowWater: number): void {
    if (lowWater <= origin.lowWater) return // OT3
    const before = origin.lowWater
    origin.lowWater = lowWater
    origin.changed = true
    // The mark moves by a few as a rule, while many are open; after a restart it jumps far.
    if (lowWater - before <= origin.open.size) {
      for (let serial = before + 1; serial <= lowWater; serial++) this.#drop(origin, serial)
    } else {
      for (const serial of origin.open.keys()) if (serial <= lowWater) this.#drop(origin, serial)
    }
  }

  #drop(origin: Origin, serial: number): void {
    if (origin.open.get(serial)?.kind === 'unpinned') this.#rows.delete(removedPinRowKey(origin.key, serial)) // OT4
    origin.open.delete(serial)
  }
}
