/** A pinset in memory with the part of `Consensus` that the rooms above it use. Changes are seen at once. */
import type { CID } from 'multiformats/cid'

import type {
  ClusterStatus,
  Committed,
  Consensus,
  ConsensusEvents,
  Member,
  MembershipAt,
  PeerId,
  Pin,
  PinOutcome,
  PinRecord,
  PinRequest,
  PinsetView,
  UnpinOutcome,
} from '@pinset/interface'

export class FakeConsensus implements Consensus {
  readonly #pins = new Map<string, PinRecord>()
  readonly #listeners = new Map<string, Set<(event: never) => void>>()
  readonly members: Member[] = []
  openViews = 0
  #revision = 0

  readonly events: Consensus['events'] = {
    on: (name, listener) => {
      const listeners = this.#listeners.get(name) ?? new Set()
      this.#listeners.set(name, listeners)
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }

  emit<Name extends keyof ConsensusEvents>(name: Name, event: ConsensusEvents[Name]): void {
    for (const listener of this.#listeners.get(name) ?? []) (listener as (event: ConsensusEvents[Name]) => void)(event)
  }

  listenerCount(): number {
    return [...this.#listeners.values()].reduce((sum, listeners) => sum + listeners.size, 0)
  }

  /** Change the pinset without telling anybody, as when an event was lost. */
  putSilently(pin: Pin): void {
    this.#revision += 1
    this.#pins.set(pin.cid.toString(), { pin, modifiedIndex: this.#revision })
  }

  removeSilently(cid: CID): void {
    this.#revision += 1
    this.#pins.delete(cid.toString())
  }

  put(pin: Pin): void {
    this.putSilently(pin)
    this.emit('pin:apply', { revision: this.#revision, pinned: [pin], unpinned: [] })
  }

  remove(cid: CID): void {
    this.removeSilently(cid)
    this.emit('pin:apply', { revision: this.#revision, pinned: [], unpinned: [cid] })
  }

  async state(): Promise<PinsetView> {
    const pins = new Map(this.#pins)
    const revision = this.#revision
    this.openViews += 1
    let open = true
    const close = async (): Promise<void> => {
      if (open) this.openViews -= 1
      open = false
    }
    return {
      revision,
      get: async (cid) => pins.get(cid.toString()),
      async *pins({ after, limit = Number.POSITIVE_INFINITY } = {}) {
        const sorted = [...pins.values()].toSorted((a, b) => Buffer.compare(a.pin.cid.bytes, b.pin.cid.bytes))
        let count = 0
        for (const record of sorted) {
          if (after !== undefined && Buffer.compare(record.pin.cid.bytes, after.bytes) <= 0) continue
          if (count >= limit) return
          count += 1
          yield record
        }
      },
      close,
      [Symbol.asyncDispose]: close,
    }
  }

  async logPin(request: PinRequest): Promise<Committed<PinOutcome>> {
    const pin: Pin = { ...request, allocations: [], timestampMs: 1 }
    this.put(pin)
    return {
      outcome: { kind: 'pinned', pin, modifiedIndex: this.#revision, changed: true },
      revision: this.#revision,
      appliedHere: true,
    }
  }

  async logUnpin(cid: CID): Promise<Committed<UnpinOutcome>> {
    const record = this.#pins.get(cid.toString())
    if (record === undefined) return { outcome: { kind: 'not-pinned' }, revision: this.#revision, appliedHere: true }
    this.remove(cid)
    return { outcome: { kind: 'unpinned', pin: record.pin }, revision: this.#revision, appliedHere: true }
  }

  peers(): MembershipAt {
    return { index: 1, membership: { members: this.members } }
  }

  leader(): PeerId | null {
    return this.members[0]?.peerId ?? null
  }

  async ready(): Promise<void> {}
  async start(): Promise<void> {}
  async stop(): Promise<void> {}

  async waitForSync(): Promise<number> {
    return this.#revision
  }

  async addPeer(): Promise<never> {
    throw new Error('not part of this fake')
  }

  async rmPeer(): Promise<never> {
    throw new Error('not part of this fake')
  }

  async transferLeadership(): Promise<never> {
    throw new Error('not part of this fake')
  }

  status(): ClusterStatus {
    throw new Error('not part of this fake')
  }
}
