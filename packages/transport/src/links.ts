/**
 * Links to peers: which one is in use, and the dialling that keeps them up. Owns addresses, back-off and liveness of links.
 *
 * L1 With two links to one peer (both dialled at once) both sides use the one opened by the smaller peer id, the newest of those;
 *    the other is closed once nothing runs on it. If by then the other side still sends its Raft messages on another link, it does
 *    not have the one chosen here, and the one that it uses is kept instead.
 * L2 A peer set by `setPeers` is dialled until it is connected, for ever, with a back-off of 100 ms to 5 s and jitter.
 * L3 The back-off is reset only by a link that lived for a while: one that opens and dies does not cause a storm.
 * L4 A peer that nobody set is dialled only when something is to be sent to it, at addresses learned earlier.
 * L5 Strangers keep at most `strangerLinks` connections here: of what is more, the oldest idle one is closed. Who is wanted, a
 *    member, let in with a Raft stream, or was dialled from here is no stranger, and is never closed for the sake of another.
 */
import { PeerUnreachableError } from '@pinset/interface'
import type { Logger, MultiaddrText, PeerAddresses, PeerId } from '@pinset/interface'

import type { TransportLimits } from './limits.ts'
import type { Link, Network } from './network/network.ts'
import type { NoticeLog } from './notice-log.ts'

/** A link that lived this long was a good one (L3). */
const GOOD_LINK_MS = 1_000
/** Head start of the smaller peer id when two peers learn of each other at once (L1). */
const HEAD_START_MS = 100
/** How the topics of notices about failed dials begin. */
const NOT_REACHED = 'dial'

export interface LinksInit {
  readonly network: Network
  readonly isMember: (peer: PeerId) => boolean
  readonly logger: Logger
  readonly notices: NoticeLog
  readonly limits: TransportLimits
  readonly random: () => number
}

interface OpenLink {
  readonly link: Link
  readonly openedMs: number
  /** Transfers and calls that run on it. */
  busy: number
  /** Being closed for the sake of others (L5). */
  leaving: boolean
}

interface PeerState {
  readonly peer: PeerId
  addresses: readonly MultiaddrText[]
  wanted: boolean
  links: readonly OpenLink[]
  failures: number
  notBeforeMs: number
  timer: NodeJS.Timeout | null
  spareTimer: NodeJS.Timeout | null
  dialling: Promise<Link> | null
  /** Where the other side sends its Raft messages. */
  raftLink: Link | null
  heardMs: number | null
}

export type LinkListener = (peer: PeerId, link: Link | null) => void

export class Links {
  readonly #init: LinksInit
  readonly #peers = new Map<PeerId, PeerState>()
  readonly #listeners: LinkListener[] = []
  readonly #stopping = new AbortController()
  #started = false

  constructor(init: LinksInit) {
    this.#init = init
  }

  /** Called when the link in use to a peer is another one, or none. */
  onChange(listener: LinkListener): void {
    this.#listeners.push(listener)
  }

  start(): void {
    this.#started = true
    for (const state of this.#peers.values()) this.#schedule(state)
  }

  stop(): void {
    this.#stopping.abort(new Error('the transport was stopped'))
    for (const state of this.#peers.values()) {
      if (state.timer !== null) clearTimeout(state.timer)
      if (state.spareTimer !== null) clearTimeout(state.spareTimer)
      state.wanted = false
      for (const { link } of state.links) link.close()
    }
  }

  setPeers(peers: readonly PeerAddresses[]): void {
    const wanted = new Map(peers.map((peer) => [peer.peerId, peer.addresses]))
    wanted.delete(this.#init.network.localPeer)
    for (const state of this.#peers.values()) {
      if (wanted.has(state.peer)) continue
      state.wanted = false
      if (state.timer !== null) clearTimeout(state.timer)
      state.timer = null
    }
    for (const [peer, addresses] of wanted) {
      const state = this.#state(peer)
      const changed = !state.wanted || !sameList(state.addresses, addresses)
      const yields = !state.wanted && this.#init.network.localPeer > peer
      if (changed) state.notBeforeMs = 0
      state.wanted = true
      state.addresses = [...addresses]
      if (changed) {
        state.failures = 0
        if (state.timer !== null) clearTimeout(state.timer)
        state.timer = null
      }
      this.#schedule(state, yields ? HEAD_START_MS : 0)
    }
    this.#forgetOld()
  }

  isWanted(peer: PeerId): boolean {
    return this.#peers.get(peer)?.wanted ?? false
  }

  /** The link in use (L1). */
  link(peer: PeerId): Link | null {
    const state = this.#peers.get(peer)
    return state === undefined ? null : (this.#best(state)?.link ?? null)
  }

  /**
   * The link in use, or a new one.
   *
   * @param patience - `now` dials whatever the back-off says; `backoff` gives up at once while it lasts.
   */
  async acquire(peer: PeerId, patience: 'now' | 'backoff'): Promise<Link> {
    const open = this.link(peer)
    if (open !== null) return open
    const state = this.#peers.get(peer)
    if (state === undefined || state.addresses.length === 0)
      throw new PeerUnreachableError(`${peer} is not connected and its addresses are not known`, peer)
    if (state.dialling === null && patience === 'backoff' && performance.now() < state.notBeforeMs) {
      throw new PeerUnreachableError(`${peer} is not connected and was tried a moment ago`, peer)
    }
    const dialled = await this.#dial(state)
    return this.link(peer) ?? dialled
  }

  /** A link to the peer at this address, which is remembered. */
  async acquireAt(peer: PeerId, address: MultiaddrText): Promise<Link> {
    const open = this.link(peer)
    if (open !== null) return open
    const known = this.#peers.get(peer)
    if (known?.addresses.includes(address) === true) return await this.#dial(known)
    const link = await this.#connect(peer, [address])
    const state = this.#state(peer)
    if (!state.wanted) state.addresses = [address]
    this.#forgetOld()
    return this.link(peer) ?? link
  }

  /** Something runs on this link until the returned function is called (L1). */
  hold(link: Link): () => void {
    const open = this.#find(link)
    if (open === undefined) return () => undefined
    open.busy++
    let held = true
    return () => {
      if (held) open.busy--
      held = false
    }
  }

  /** The other side has opened its Raft stream here (L1). */
  raftStreamOn(link: Link): void {
    const state = this.#peers.get(link.remotePeer)
    if (state !== undefined) state.raftLink = link
  }

  heard(peer: PeerId): void {
    const state = this.#peers.get(peer)
    if (state !== undefined) state.heardMs = performance.now()
  }

  sinceHeardMs(peer: PeerId): number | null {
    const heardMs = this.#peers.get(peer)?.heardMs ?? null
    return heardMs === null ? null : performance.now() - heardMs
  }

  opened(link: Link): void {
    if (this.#stopping.signal.aborted) {
      link.close()
      return
    }
    const state = this.#state(link.remotePeer)
    const before = this.link(link.remotePeer)
    state.links = [...state.links, { link, openedMs: performance.now(), busy: 0, leaving: false }]
    if (state.timer !== null) clearTimeout(state.timer)
    state.timer = null
    const now = this.link(link.remotePeer)
    this.#init.logger.debug('A connection was opened', {
      peer: state.peer,
      address: link.remoteAddress,
      openedBySelf: link.openedBySelf,
    })
    if (state.links.length > 1) this.#closeSpare(state)
    if (now !== before) this.#changed(state.peer, now)
    if (this.#isStranger(state)) this.#limitStrangers(link)
  }

  closed(link: Link): void {
    const state = this.#peers.get(link.remotePeer)
    const open = this.#find(link)
    if (state === undefined || open === undefined) return
    const before = this.link(state.peer)
    state.links = state.links.filter((other) => other !== open)
    if (state.raftLink === link) state.raftLink = null
    const now = this.link(state.peer)
    this.#init.logger.debug('A connection was closed', { peer: state.peer, address: link.remoteAddress })
    if (now === null) {
      // L3
      if (performance.now() - open.openedMs >= GOOD_LINK_MS) {
        state.failures = 0
        state.notBeforeMs = 0
      } else {
        this.#backOff(state)
      }
      this.#schedule(state)
    }
    if (now !== before) this.#changed(state.peer, now)
    this.#forgetOld()
  }

  #state(peer: PeerId): PeerState {
    let state = this.#peers.get(peer)
    if (state === undefined) {
      const none = {
        addresses: [],
        wanted: false,
        links: [],
        failures: 0,
        notBeforeMs: 0,
        timer: null,
        spareTimer: null,
      }
      state = { peer, ...none, dialling: null, raftLink: null, heardMs: null }
      this.#peers.set(peer, state)
    }
    return state
  }

  #find(link: Link): OpenLink | undefined {
    return this.#peers.get(link.remotePeer)?.links.find((open) => open.link === link)
  }

  #best(state: PeerState): OpenLink | undefined {
    const selfIsSmaller = this.#init.network.localPeer < state.peer
    const bySmaller = state.links.findLast(({ link }) => link.openedBySelf === selfIsSmaller)
    return bySmaller ?? state.links.at(-1)
  }

  #changed(peer: PeerId, link: Link | null): void {
    if (link !== null) {
      const said = this.#init.notices.forget(peer)
      if (said.some((topic) => topic.startsWith(NOT_REACHED)))
        this.#init.logger.info('A peer is reached again', { peer, address: link.remoteAddress })
    }
    for (const listener of this.#listeners) listener(peer, link)
  }

  /** L1: close what is not in use once nothing runs on it. */
  #closeSpare(state: PeerState): void {
    state.spareTimer ??= setTimeout(() => {
      state.spareTimer = null
      const kept = state.links.find(({ link }) => link === state.raftLink) ?? this.#best(state)
      for (const open of state.links) {
        if (open !== kept && open.busy === 0) open.link.close()
      }
      if (state.links.some((open) => open !== kept && open.busy > 0)) this.#closeSpare(state)
    }, this.#init.limits.spareLinkMs)
  }

  #isStranger(state: PeerState): boolean {
    return !state.wanted && state.raftLink === null && !this.#init.isMember(state.peer)
  }

  /** L5 */
  #limitStrangers(newest: Link): void {
    const { limits, notices } = this.#init
    const open = [...this.#peers.values()]
      .filter((state) => state.links.length > 0 && this.#isStranger(state))
      .flatMap((state) => state.links.filter(({ link, leaving }) => !link.openedBySelf && !leaving))
    if (open.length <= limits.strangerLinks) return
    const rivals = open.filter(({ link }) => link !== newest).sort((a, b) => a.openedMs - b.openedMs)
    const closed = rivals.find(({ busy }) => busy === 0) ?? rivals[0]
    if (closed === undefined) return
    const message = `There are more than ${limits.strangerLinks} connections of peers that are not members: the oldest idle ones are closed`
    notices.warn('strangers', 'too many', message)
    closed.leaving = true
    closed.link.close()
  }

  /** L2 */
  #schedule(state: PeerState, atLeastMs = 0): void {
    const idle = state.timer === null && state.dialling === null && state.links.length === 0
    if (!this.#started || this.#stopping.signal.aborted || !state.wanted || !idle || state.addresses.length === 0)
      return
    const delayMs = Math.max(atLeastMs, state.notBeforeMs - performance.now())
    state.timer = setTimeout(() => {
      state.timer = null
      this.#dial(state).catch(() => undefined)
    }, delayMs)
  }

  #dial(state: PeerState): Promise<Link> {
    state.dialling ??= this.#connect(state.peer, state.addresses)
      .catch((err: unknown) => {
        this.#backOff(state)
        throw err
      })
      .finally(() => {
        state.dialling = null
        this.#schedule(state)
      })
    return state.dialling
  }

  async #connect(peer: PeerId, addresses: readonly MultiaddrText[]): Promise<Link> {
    const { network, limits, notices } = this.#init
    try {
      return await network.dial(
        peer,
        addresses,
        AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(limits.dialTimeoutMs)]),
      )
    } catch (err) {
      const message = err instanceof Error ? err.message : String(err)
      if (!this.#stopping.signal.aborted)
        notices.warn(peer, `${NOT_REACHED} ${message}`, `A peer cannot be reached: ${message}`, { addresses })
      throw new PeerUnreachableError(`${peer} cannot be reached: ${message}`, peer, { cause: err })
    }
  }

  #backOff(state: PeerState): void {
    const { dialBackoffMinMs, dialBackoffMaxMs } = this.#init.limits
    const delayMs = Math.min(dialBackoffMaxMs, dialBackoffMinMs * 2 ** Math.min(state.failures, 16))
    state.failures++
    state.notBeforeMs = performance.now() + delayMs * (0.5 + this.#init.random() / 2)
  }

  /** Addresses of strangers are kept for a while, the oldest go first. */
  #forgetOld(): void {
    let excess = this.#peers.size - this.#init.limits.rememberedPeers
    for (const state of this.#peers.values()) {
      const idle = !state.wanted && state.links.length === 0 && state.dialling === null
      if (idle && (state.addresses.length === 0 || excess > 0)) {
        this.#peers.delete(state.peer)
        excess--
      }
    }
  }
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((value, position) => value === b[position])
}
