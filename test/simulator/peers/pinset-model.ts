/**
 * A pinset made from the committed log by rules of its own, and what the peers write held against it.
 *
 * PI1 A request takes effect at one place of the log only, the first that is neither forgotten nor of a stranger.
 * PI2 What a peer writes for a stretch of the log is exactly what this stretch has changed.
 */
import type { PinMode, StateWrite } from '@pinset/interface'
import type { Entry, Index, NodeId } from '@pinset/raft'
import type { CID } from 'multiformats/cid'

import { IDEMPOTENCY_LIMITS } from '../../../packages/consensus/src/codec/limits.ts'
import { decodeEntries } from '../../../packages/consensus/src/codec/entry-codec.ts'
import type { Operation } from '../../../packages/consensus/src/codec/operation-codec.ts'
import { decodePinRow } from '../../../packages/consensus/src/machine/rows.ts'
import { Violation } from '../invariants/violation.ts'

/** A pin since `at`: its index, 0 while it is absent. */
export interface Version {
  readonly at: Index
  readonly modifiedIndex: Index
  readonly content: Uint8Array | null
  readonly mode: PinMode | null
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')
const never: Version = { at: 0, modifiedIndex: 0, content: null, mode: null }

export class PinsetModel {
  /** Versions of each pin, ascending. */
  readonly #pins = new Map<string, Version[]>()
  readonly #changedAt = new Map<Index, readonly string[]>()
  readonly #lowWater = new Map<string, number>()
  /** The highest serial of each origin that was answered or forgotten. */
  readonly #highest = new Map<string, number>()
  /** Requests that were answered. */
  readonly #answered = new Set<string>()
  readonly #usedKeys = new Set<string>()
  #members = new Set<string>()
  #committedTimeMs = 0

  /** The next committed entry. */
  apply(entry: Entry): void {
    const [decoded] = decodeEntries([entry]).decoded
    if (decoded === undefined) {
      throw new Violation('pinset', `the committed entry ${entry.index} cannot be read`)
    }
    const { content } = decoded
    if (content.kind === 'membership') {
      this.#committedTimeMs = Math.max(this.#committedTimeMs, content.membership.cause.timeMs)
      const members = content.membership.next.members.map(originOf)
      this.#members = new Set(members)
      for (const [origin, highest] of this.#highest) {
        if (!this.#members.has(origin)) {
          this.#lowWater.set(origin, highest) // What it asked for before it left is over.
        }
      }
    } else if (content.kind === 'operations') {
      const changed = content.operations.flatMap((operation) => this.#operate(entry.index, operation))
      this.#changedAt.set(entry.index, changed)
    }
  }

  /** A peer has written its state for the entries after `from`. */
  written(node: NodeId, from: Index, { puts, deletes, meta }: StateWrite): void {
    const to = meta.appliedIndex
    const touched = new Map<string, Index>()
    for (const { table, key, value } of puts) {
      if (table === 'pin') {
        touched.set(text(key), decodePinRow(value).modifiedIndex)
      }
    }
    for (const { table, key } of deletes) {
      if (table === 'pin') {
        touched.set(text(key), 0)
      }
    }
    for (let index = from + 1; index <= to; index++) {
      for (const pin of this.#changedAt.get(index) ?? []) {
        if (!touched.has(pin)) {
          touched.set(pin, this.#at(pin, from).modifiedIndex)
        }
      }
    }
    for (const [pin, modifiedIndex] of touched) {
      const expected = this.#at(pin, to).modifiedIndex
      if (expected !== modifiedIndex) {
        throw new Violation(
          'exactly once',
          `${node} has a pin of index ${modifiedIndex} after entries ${from + 1}–${to}; by the log it is ${expected} (0: absent)`,
        )
      }
    }
  }

  /** Pins at an index: their keys and indices. */
  pinsAt(index: Index): Map<string, Index> {
    const pins = new Map<string, Index>()
    for (const key of this.#pins.keys()) {
      const { modifiedIndex } = this.#at(key, index)
      if (modifiedIndex !== 0) {
        pins.set(key, modifiedIndex)
      }
    }
    return pins
  }

  /** All changes of a pin, in the order of the log. */
  versionsOf(cid: CID): readonly Version[] {
    return this.#pins.get(text(cid.bytes)) ?? []
  }

  versionAt(cid: CID, index: Index): Version {
    return this.#at(text(cid.bytes), index)
  }

  /** @returns the pin that it has changed. */
  #operate(index: Index, operation: Operation): readonly string[] {
    const { requestId, idempotencyKey, timeMs } = operation.envelope
    this.#committedTimeMs = Math.max(this.#committedTimeMs, timeMs)
    const origin = originOf(requestId)
    if (!this.#members.has(origin)) {
      return []
    }
    const lowWater = Math.max(this.#lowWater.get(origin) ?? 0, requestId.lowWater)
    this.#lowWater.set(origin, lowWater)
    this.#highest.set(origin, Math.max(this.#highest.get(origin) ?? 0, lowWater, requestId.serial))
    const request = `${origin} ${requestId.serial}`
    if (requestId.serial <= lowWater || this.#answered.has(request)) {
      return [] // PI1
    }
    this.#answered.add(request)
    if (idempotencyKey !== null && !this.#useKey(idempotencyKey)) {
      return []
    }
    return this.#change(index, operation)
  }

  #useKey(key: Uint8Array): boolean {
    const used = text(key)
    const madeMs = Number(`0x${Buffer.from(key.subarray(0, 6)).toString('hex')}`)
    const ageMs = this.#committedTimeMs - madeMs
    if (this.#usedKeys.has(used) || ageMs >= IDEMPOTENCY_LIMITS.keptMs || -ageMs > IDEMPOTENCY_LIMITS.maxAheadMs) {
      return false
    }
    this.#usedKeys.add(used)
    return true
  }

  #change(index: Index, operation: Operation): readonly string[] {
    const key = text((operation.kind === 'pin' ? operation.pin.cid : operation.cid).bytes)
    const versions = this.#pins.get(key) ?? []
    const current = versions.at(-1) ?? never
    const { ifModifiedIndex } = operation.envelope
    if (ifModifiedIndex !== null && ifModifiedIndex !== current.modifiedIndex) {
      return []
    }
    if (operation.kind === 'unpin') {
      if (current.modifiedIndex === 0) {
        return []
      }
      versions.push({ ...never, at: index })
    } else {
      if (current.content !== null && Buffer.compare(current.content, operation.content) === 0) {
        return []
      }
      const { mode } = operation.pin
      if (current.mode === 'recursive' && mode === 'direct') {
        return []
      }
      versions.push({ at: index, modifiedIndex: index, content: operation.content, mode })
    }
    this.#pins.set(key, versions)
    return [key]
  }

  #at(key: string, index: Index): Version {
    return this.#pins.get(key)?.findLast(({ at }) => at <= index) ?? never
  }
}

function originOf({ peerId, storageId }: { readonly peerId: string; readonly storageId: string }): string {
  return `${peerId} ${storageId}`
}
