/** What a seed means for clients: how many, what they ask for and how often. */
import { DEFAULT_PIN_OPTIONS, type PinRequest } from '@pinset/interface'
import type { CID } from 'multiformats/cid'

import type { Random } from '../random.ts'
import { millisecond } from './swarm.ts'

export interface ClientSwarm {
  readonly clients: number
  /** CIDs that are contended for at one time. */
  readonly slots: number
  /** Mean time between two operations of all clients, in µs. */
  readonly mean: number
  /** Chances: that an operation is a read, and that this one is local. */
  readonly read: number
  readonly localRead: number
  /** Of a write: that it is an unpin, or has options of its own, a condition, a key. */
  readonly unpin: number
  readonly unique: number
  readonly conditional: number
  readonly keyed: number
  /** That the client does not wait for the answer. */
  readonly impatient: number
  /** Of a write with a key, while it has no answer. */
  readonly attempts: number
  /** That a write with a key is asked for again although it was answered. */
  readonly again: number
}

/** Draws from a stream of its own: nothing else of the seed is shifted. */
export function swarmOfClients(random: Random): ClientSwarm {
  return {
    clients: random.pick([2, 3, 5, 8]),
    slots: random.pick([1, 1, 2, 4]),
    mean: random.pick([4, 10, 25, 80]) * millisecond,
    read: random.pick([0.1, 0.3, 0.5]),
    localRead: random.pick([0, 0.2, 0.5]),
    unpin: random.pick([0.1, 0.3, 0.5]),
    unique: random.pick([0.2, 0.5, 0.9]),
    conditional: random.pick([0, 0.3, 0.7]),
    keyed: random.pick([0.3, 0.7, 1]),
    impatient: random.pick([0, 0, 0.05, 0.3]),
    attempts: random.pick([2, 4, 10]),
    again: random.pick([0, 0.1, 0.4]),
  }
}

/** @param unique - a name that no other pin has; null: one that others have too. */
export function drawRequest(random: Random, cid: CID, unique: string | null): PinRequest {
  const name = unique ?? random.pick(['a', 'b', 'c'])
  return {
    ...DEFAULT_PIN_OPTIONS,
    cid,
    name,
    mode: random.chance(0.2) ? 'direct' : 'recursive',
    metadata: random.chance(0.2) ? { for: random.pick(['x', 'y']) } : {},
    ...(random.chance(0.1) && { replicationFactorMin: 1, replicationFactorMax: 2 }),
  }
}

/** An idempotency key of this time, the n-th of a run: a UUID of version 7. */
export function keyText(timeMs: number, number: number): string {
  const time = timeMs.toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${number.toString(16).padStart(12, '0')}`
}
