/**
 * The status of pins on every peer.
 *
 * Owns the fan-out: the pinset is read in pages, each page goes to all members in parallel, and the answers are merged; memory
 * does not grow with the pinset. A member that does not answer has the status `cluster_error` and is not asked again by that listing.
 */
import type {
  AbortOptions,
  Consensus,
  GlobalPinInfo,
  Member,
  PeerId,
  PinInfo,
  PinRecord,
  ReadOptions,
  Rpc,
  StatusFilter,
} from '@pinset/interface'
import type { CID } from 'multiformats/cid'

import { answerToPinInfo, MAX_CIDS_PER_REQUEST, type PinInfoAnswer, STATUS, UNPINNING } from './peer-rpc.ts'

export interface PinStatusReaderComponents {
  readonly consensus: Consensus
  readonly rpc: Rpc
}

/** A CID to ask about, with what the pinset says of it. */
interface Subject {
  readonly cid: CID
  readonly revision: number
  readonly record: PinRecord | undefined
}

export class PinStatusReader {
  readonly #consensus: Consensus
  readonly #rpc: Rpc
  readonly #ownPeerId: PeerId

  constructor(components: PinStatusReaderComponents, init: { readonly ownPeerId: PeerId }) {
    this.#consensus = components.consensus
    this.#rpc = components.rpc
    this.#ownPeerId = init.ownPeerId
  }

  /** One CID, whether it is in the pinset or not. */
  async one(cid: CID, options: ReadOptions & { readonly local?: boolean } = {}): Promise<GlobalPinInfo> {
    const subjects = await this.#lookUp([cid], options)
    const [info] = await this.#ask(subjects, this.#members(options.local), new Map(), options)
    if (info === undefined) throw new Error('a status was asked for and none came')
    return info
  }

  async *all(filter: StatusFilter = {}): AsyncIterable<GlobalPinInfo> {
    const members = this.#members(filter.local)
    const failed = new Map<PeerId, string>()
    const wanted = filter.statuses === undefined ? undefined : new Set(filter.statuses)
    for await (const page of this.#pages(filter, members, failed)) {
      for (const info of await this.#ask(page, members, failed, filter)) {
        if (wanted === undefined || info.peers.some(({ status }) => wanted.has(status))) yield info
      }
    }
  }

  #members(local = false): readonly Member[] {
    const members = this.#consensus.peers().membership.members
    return local ? members.filter(({ peerId }) => peerId === this.#ownPeerId) : members
  }

  async *#pages(
    filter: StatusFilter,
    members: readonly Member[],
    failed: Map<PeerId, string>,
  ): AsyncIterable<readonly Subject[]> {
    if (filter.cids !== undefined) {
      for (let at = 0; at < filter.cids.length; at += MAX_CIDS_PER_REQUEST) {
        yield await this.#lookUp(filter.cids.slice(at, at + MAX_CIDS_PER_REQUEST), filter)
      }
      return
    }
    let after: CID | undefined
    for (;;) {
      const page = await this.#page(after, filter)
      if (page.length > 0) yield page
      if (page.length < MAX_CIDS_PER_REQUEST) break
      after = page.at(-1)?.cid
    }
    yield* this.#leftovers(members, failed, filter)
  }

  async #page(after: CID | undefined, options: ReadOptions): Promise<Subject[]> {
    await using view = await this.#consensus.state(options)
    const page: Subject[] = []
    const range = { limit: MAX_CIDS_PER_REQUEST, ...signalOf(options), ...(after === undefined ? {} : { after }) }
    for await (const record of view.pins(range)) page.push({ cid: record.pin.cid, revision: view.revision, record })
    return page
  }

  async #lookUp(cids: readonly CID[], options: ReadOptions): Promise<Subject[]> {
    await using view = await this.#consensus.state(options)
    const { revision } = view
    return await Promise.all(
      cids.map(async (cid) => ({ cid, revision, record: await view.get(cid, signalOf(options)) })),
    )
  }

  /** What is no longer in the pinset and still on some IPFS node. */
  async *#leftovers(
    members: readonly Member[],
    failed: Map<PeerId, string>,
    options: AbortOptions,
  ): AsyncIterable<readonly Subject[]> {
    const lists = await this.#fanOut(members, failed, (peerId) =>
      this.#rpc.call(peerId, UNPINNING, null, signalOf(options)),
    )
    const unique = new Map(lists.flatMap((list) => list ?? []).map((cid) => [cid.toString(), cid]))
    const cids = [...unique.values()]
    for (let at = 0; at < cids.length; at += MAX_CIDS_PER_REQUEST) {
      const page = await this.#lookUp(cids.slice(at, at + MAX_CIDS_PER_REQUEST), options)
      const gone = page.filter(({ record }) => record === undefined)
      if (gone.length > 0) yield gone
    }
  }

  async #ask(
    page: readonly Subject[],
    members: readonly Member[],
    failed: Map<PeerId, string>,
    options: AbortOptions,
  ): Promise<GlobalPinInfo[]> {
    const cids = page.map(({ cid }) => cid)
    const columns = await this.#fanOut(members, failed, (peerId) =>
      this.#rpc.call(peerId, STATUS, cids, signalOf(options)),
    )
    const nowMs = Date.now()
    return page.map(({ cid, revision, record }, row) => ({
      cid,
      revision,
      name: record?.pin.name ?? '',
      allocations: record?.pin.allocations ?? [],
      origins: record?.pin.origins ?? [],
      createdMs: record?.pin.timestampMs ?? nowMs,
      metadata: record?.pin.metadata ?? {},
      peers: members.map(({ peerId, name }, column): PinInfo => {
        const answer = columns[column]?.[row]
        return answerToPinInfo(answer ?? unanswered(failed.get(peerId), nowMs), peerId, name)
      }),
    }))
  }

  /** Ask all members in parallel; undefined for those that have failed, now or before. */
  async #fanOut<Answer>(
    members: readonly Member[],
    failed: Map<PeerId, string>,
    ask: (peerId: PeerId) => Promise<Answer>,
  ): Promise<(Answer | undefined)[]> {
    return Promise.all(
      members.map(async ({ peerId }) => {
        if (failed.has(peerId)) return undefined
        try {
          return await ask(peerId)
        } catch (error) {
          failed.set(peerId, error instanceof Error ? error.message : String(error))
          return undefined
        }
      }),
    )
  }
}

function unanswered(why: string | undefined, nowMs: number): PinInfoAnswer {
  return {
    status: 'cluster_error',
    timestampMs: nowMs,
    error: why ?? 'the peer gave no answer for this CID',
    attemptCount: 0,
    ipfsPeerId: '',
    ipfsAddresses: [],
  }
}

function signalOf({ signal }: AbortOptions): AbortOptions {
  return signal === undefined ? {} : { signal }
}
