/**
 * Gets blocks from connected IPFS nodes over Bitswap.
 *
 * Owns what this node wants from others: whom it has asked, whom to ask next, and when to give a want up. Answers come in through
 * Helia's Bitswap, which hashes every block it receives, so a block that arrives under a CID is that CID's block. Does not store.
 *
 * Helia's own want list is not used: it asks all nodes at once and so gets every block several times, never sends a cancel, and after
 * an abort the serving side takes a repeated want for one that it has already answered, so that it hangs for ever.
 *
 * Invariants
 * E1 at most `blocksWanted` wants that somebody waits for are asked for at a time; later ones wait in order;
 * E2 a want whose waiters have all gone stays open for `ABANDONED_MS`, so that a block in flight is not lost, and at most
 *    `MAX_ABANDONED` such wants are kept;
 * E3 a want ends with a cancel to every node that was asked, so that none sends the block late or ignores a later want;
 * E4 a repeated want to one node is preceded by a cancel on the same stream.
 */
import type { Libp2p, PeerId } from '@libp2p/interface'
import type { CID } from 'multiformats/cid'

import { multihashKey } from './multihash-key.ts'
import type { MultihashKey } from './multihash-key.ts'
import type { WantSender } from './want-sender.ts'

/** What Helia's Bitswap tells about the answer of one node. */
export interface BlockAnswer {
  readonly sender: PeerId
  readonly cid: CID
  readonly has: boolean
  readonly block?: Uint8Array
}

/** Which nodes have served one pin or read; asked first. Best first. */
export interface FetchSession {
  preferred: string[]
}

/** One block on its way. */
export interface Want {
  readonly cid: CID
  readonly block: Promise<Uint8Array>
  /** Nobody waits any more. */
  abandon(): void
  /** Somebody waits again. */
  adopt(): void
  readonly isAsked: boolean
}

/** The want was given up because all who waited for it had left. */
export class WantAbandonedError extends Error {
  override readonly name = 'WantAbandonedError'
}

type Ask = { readonly atMs: number; readonly denied: boolean }

interface OpenWant {
  readonly cid: CID
  readonly session: FetchSession
  readonly asked: Map<string, Ask>
  readonly resolve: (block: Uint8Array) => void
  readonly reject: (err: unknown) => void
  /** Waits for a place (E1). */
  queued: boolean
  abandonedAtMs: number | undefined
  lastAskMs: number
}

const ABANDONED_MS = 30_000
const MAX_ABANDONED = 512
const TICK_MS = 250
/** When a node has answered nothing for so long, the next is asked as well, in milliseconds. */
const HEDGE_MS = 750
/** A node that has answered nothing for so long, or denied so long ago, is asked again, in milliseconds. */
const ASK_AGAIN_MS = 5_000
/** One that answers other wants may have a slow link, and asking again doubles the bytes; so it is given longer, in milliseconds. */
const ASK_BUSY_AGAIN_MS = 30_000

export class BlockExchange {
  readonly #libp2p: Libp2p
  readonly #sender: WantSender
  readonly #blocksWanted: number
  readonly #wants = new Map<MultihashKey, OpenWant>()
  readonly #queue = new Set<MultihashKey>()
  readonly #onDisconnect: (event: CustomEvent<PeerId>) => void
  /** When each connected node answered last; in order not to hurry one that is at it. */
  readonly #heardMs = new Map<string, number>()
  #active = 0
  #abandoned = 0
  #timer: ReturnType<typeof setInterval> | undefined

  constructor(
    components: { readonly libp2p: Libp2p; readonly sender: WantSender },
    init: { readonly blocksWanted: number },
  ) {
    this.#libp2p = components.libp2p
    this.#sender = components.sender
    this.#blocksWanted = init.blocksWanted
    this.#onDisconnect = (event) => this.#forgetPeer(event.detail.toString())
    this.#libp2p.addEventListener('peer:disconnect', this.#onDisconnect)
  }

  /** Begin to ask for a block that is not being asked for yet. */
  want(cid: CID, session: FetchSession): Want {
    const key = multihashKey(cid)
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>()
    promise.catch(() => {}) // an abandoned want is rejected when nobody listens
    const open: OpenWant = {
      cid,
      session,
      asked: new Map(),
      resolve,
      reject,
      queued: true,
      abandonedAtMs: undefined,
      lastAskMs: 0,
    }
    this.#wants.set(key, open)
    this.#queue.add(key)
    this.#admit()
    this.#timer ??= setInterval(() => this.#tick(), TICK_MS)
    return {
      cid,
      block: promise,
      abandon: () => this.#abandon(key, open),
      adopt: () => this.#adopt(key, open),
      get isAsked() {
        return !open.queued
      },
    }
  }

  /** How long a node has not answered anything. */
  silentMs(peer: string): number {
    return performance.now() - (this.#heardMs.get(peer) ?? Number.NEGATIVE_INFINITY)
  }

  /** Take an answer that Helia's Bitswap received. */
  receive(answer: BlockAnswer): void {
    const peer = answer.sender.toString()
    this.#heardMs.set(peer, performance.now())
    const key = multihashKey(answer.cid)
    const open = this.#wants.get(key)
    if (open === undefined) return
    if (answer.has) {
      if (answer.block === undefined) return
      prefer(open.session, peer)
      this.#close(key, open)
      open.resolve(answer.block)
      return
    }
    const ask = open.asked.get(peer)
    if (ask === undefined) return
    open.asked.set(peer, { atMs: ask.atMs, denied: true })
    if (!open.queued && open.abandonedAtMs === undefined) this.#askNext(open, performance.now())
  }

  /** The nodes asked for a block, for a message to a person. */
  askedFor(cid: CID): readonly { readonly peer: string; readonly denied: boolean }[] {
    const open = this.#wants.get(multihashKey(cid))
    if (open === undefined) return []
    return [...open.asked].map(([peer, ask]) => ({ peer, denied: ask.denied }))
  }

  stop(reason: Error): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#libp2p.removeEventListener('peer:disconnect', this.#onDisconnect)
    for (const open of this.#wants.values()) open.reject(reason)
    this.#wants.clear()
    this.#queue.clear()
  }

  #admit(): void {
    for (const key of this.#queue) {
      if (this.#active >= this.#blocksWanted) return // E1
      this.#queue.delete(key)
      const open = this.#wants.get(key)
      if (open === undefined) continue
      open.queued = false
      this.#active += 1
      this.#askNext(open, performance.now())
    }
  }

  #tick(): void {
    const nowMs = performance.now()
    for (const [key, open] of this.#wants) {
      if (open.queued) continue
      if (open.abandonedAtMs !== undefined) {
        if (nowMs - open.abandonedAtMs >= ABANDONED_MS) this.#giveUp(key, open)
        continue
      }
      if (this.#isSlow(open, nowMs)) this.#askNext(open, nowMs)
    }
    if (this.#wants.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  /** Ask the best node that was not asked yet, or again one that was asked long ago. */
  #askNext(open: OpenWant, nowMs: number): void {
    const connected = this.#connectedPeers(open.session)
    const peer =
      connected.find((candidate) => !open.asked.has(candidate)) ??
      connected.find((candidate) => this.#mayAskAgain(candidate, open.asked.get(candidate), nowMs))
    if (peer === undefined) return
    const cidBytes = open.cid.bytes
    if (open.asked.has(peer)) this.#sender.send(peer, { kind: 'cancel', cidBytes }) // E4
    open.asked.delete(peer)
    open.asked.set(peer, { atMs: nowMs, denied: false })
    open.lastAskMs = nowMs
    this.#sender.send(peer, { kind: 'want', cidBytes })
  }

  /** The node asked last lets this want wait, and others with it. */
  #isSlow(open: OpenWant, nowMs: number): boolean {
    const last = [...open.asked.keys()].at(-1)
    const heardMs = last === undefined ? 0 : (this.#heardMs.get(last) ?? 0)
    return nowMs - Math.max(open.lastAskMs, heardMs) >= HEDGE_MS || nowMs - open.lastAskMs >= ASK_AGAIN_MS
  }

  #mayAskAgain(peer: string, ask: Ask | undefined, nowMs: number): boolean {
    if (ask === undefined) return true
    if (ask.denied) return nowMs - ask.atMs >= ASK_AGAIN_MS
    const quietMs = nowMs - Math.max(ask.atMs, this.#heardMs.get(peer) ?? 0)
    return quietMs >= ASK_AGAIN_MS || nowMs - ask.atMs >= ASK_BUSY_AGAIN_MS
  }

  #connectedPeers(session: FetchSession): string[] {
    const connected = new Set(this.#libp2p.getPeers().map(String))
    const preferred = session.preferred.filter((peer) => connected.delete(peer))
    return [...preferred, ...connected]
  }

  #abandon(key: MultihashKey, open: OpenWant): void {
    if (this.#wants.get(key) !== open || open.abandonedAtMs !== undefined) return
    if (open.queued) {
      this.#giveUp(key, open)
      return
    }
    open.abandonedAtMs = performance.now()
    this.#active -= 1
    this.#abandoned += 1
    if (this.#abandoned > MAX_ABANDONED) {
      for (const [otherKey, other] of this.#wants) {
        if (other.abandonedAtMs === undefined) continue
        this.#giveUp(otherKey, other) // E2
        break
      }
    }
    this.#admit()
  }

  #adopt(key: MultihashKey, open: OpenWant): void {
    if (this.#wants.get(key) !== open || open.abandonedAtMs === undefined) return
    open.abandonedAtMs = undefined
    this.#abandoned -= 1
    this.#active += 1 // may exceed E1 by what was in flight already
  }

  #giveUp(key: MultihashKey, open: OpenWant): void {
    this.#close(key, open)
    open.reject(new WantAbandonedError(`Nobody waits for block ${open.cid.toString()} any more.`))
  }

  #close(key: MultihashKey, open: OpenWant): void {
    this.#wants.delete(key)
    this.#queue.delete(key)
    for (const peer of open.asked.keys()) this.#sender.send(peer, { kind: 'cancel', cidBytes: open.cid.bytes }) // E3
    if (open.abandonedAtMs !== undefined) this.#abandoned -= 1
    else if (!open.queued) this.#active -= 1
    this.#admit()
  }

  #forgetPeer(peer: string): void {
    this.#sender.forget(peer)
    this.#heardMs.delete(peer)
    for (const open of this.#wants.values()) open.asked.delete(peer)
  }
}

function prefer(session: FetchSession, peer: string): void {
  if (session.preferred[0] === peer) return
  session.preferred = [peer, ...session.preferred.filter((other) => other !== peer)]
}
