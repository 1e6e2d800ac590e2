/**
 * Effects gathered since the last `takeReady`.
 *
 * O1 Lists are handed over, never reused (P45).
 */
import type { Message, Ready } from './types.ts'

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] }
type Gathered = Omit<Ready, 'persist' | 'apply' | 'soft' | 'membership'>

export class Outbox {
  #gathered: Mutable<Gathered> = empty()
  #count = 0

  get isEmpty(): boolean {
    return this.#count === 0
  }

  send(message: Message): void {
    this.#count += 1
    this.#gathered.send.push(message)
  }

  sendAfter(seq: number, message: Message): void {
    this.#count += 1
    this.#gathered.sendAfter.push({ seq, message })
  }

  accepted(item: Ready['accepted'][number]): void {
    this.#count += 1
    this.#gathered.accepted.push(item)
  }

  dropped(item: Ready['dropped'][number]): void {
    this.#count += 1
    this.#gathered.dropped.push(item)
  }

  read(item: Ready['reads'][number]): void {
    this.#count += 1
    this.#gathered.reads.push(item)
  }

  transferred(item: Ready['transferred'][number]): void {
    this.#count += 1
    this.#gathered.transferred.push(item)
  }

  load(item: Ready['loads'][number]): void {
    this.#count += 1
    this.#gathered.loads.push(item)
  }

  snapshotNeeded(item: Ready['snapshotsNeeded'][number]): void {
    this.#count += 1
    this.#gathered.snapshotsNeeded.push(item)
  }

  receive(item: NonNullable<Ready['receive']>): void {
    this.#count += 1
    this.#gathered.receive = item
  }

  restore(item: NonNullable<Ready['restore']>): void {
    this.#count += 1
    this.#gathered.restore = item
  }

  /** Promises to others that have not left are taken back. */
  discardMessages(): void {
    this.#gathered.send = []
    this.#gathered.sendAfter = []
  }

  /** Nothing is asked of the driver any more. */
  discardRequests(): void {
    this.#gathered.loads = []
    this.#gathered.snapshotsNeeded = []
    this.#gathered.receive = null
    this.#gathered.restore = null
  }

  take(): Gathered {
    const gathered = this.#gathered
    if (this.#count > 0) {
      this.#gathered = empty()
      this.#count = 0
      return gathered
    }
    this.#gathered = empty()
    return gathered
  }
}

function empty(): Mutable<Gathered> {
  return {
    send: [],
    sendAfter: [],
    accepted: [],
    dropped: [],
    reads: [],
    transferred: [],
    loads: [],
    snapshotsNeeded: [],
    receive: null,
    restore: null,
  }
}
