/**
 * Connections to the IPFS nodes that are worth having: siblings always, origins while a pin names them.
 *
 * Owns who may be dialled and the redialling. libp2p's own keep-alive gives up after five tries and its addresses expire, so it is not
 * used.
 *
 * Invariants
 * C1 without `allowOutsideNetwork` nothing is dialled but targets: siblings and the origins of running pins;
 * C2 a target that is not connected is dialled again and again, with a growing delay of at most `MAX_REDIAL_MS`, for as long as it
 *    is a target;
 * C3 a lost connection is not dialled again before `MIN_REDIAL_MS`: the other side needs that time to forget what it had sent.
 */
import { setTimeout as delay } from 'node:timers/promises'

import type { ConnectionGater, Libp2p, PeerId } from '@libp2p/interface'
import type { Logger, MultiaddrText } from '@pinset/interface'

import { parseTargets } from './target-address.ts'
import type { TargetAddress } from './target-address.ts'

interface Target {
  readonly peerId: PeerId
  addresses: TargetAddress[]
  isSibling: boolean
  /** Running pins that name it as an origin. */
  uses: number
  failures: number
  timer: ReturnType<typeof setTimeout> | undefined
  isDialling: boolean
}

/** The origins of one pin, in use until released. */
export interface OriginsInUse {
  readonly peers: readonly string[]
  release(): void
}

const MIN_REDIAL_MS = 1_000
const MAX_REDIAL_MS = 30_000
const DIAL_TIMEOUT_MS = 10_000
const MAX_ADDRESSES = 1_024

export class Connections {
  readonly gater: ConnectionGater
  readonly #allowOutsideNetwork: boolean
  readonly #logger: Logger
  readonly #targets = new Map<string, Target>()
  readonly #stopped = new AbortController()
  readonly #dials = new Set<Promise<void>>()
  #libp2p: Libp2p | undefined
  #redialling: Promise<void> | undefined
  #redialledAtMs = Number.NEGATIVE_INFINITY

  constructor(components: { readonly logger: Logger }, init: { readonly allowOutsideNetwork: boolean }) {
    this.#logger = components.logger
    this.#allowOutsideNetwork = init.allowOutsideNetwork
    this.gater = init.allowOutsideNetwork
      ? { denyDialPeer: () => false, denyDialMultiaddr: () => false }
      : {
          denyDialPeer: (peerId) => !this.#targets.has(peerId.toString()), // C1
          denyDialMultiaddr: (address) => !this.#isTargetAddress(address.toString()), // C1
        }
  }

  start(libp2p: Libp2p): void {
    this.#libp2p = libp2p
    libp2p.addEventListener('peer:connect', this.#onConnect)
    libp2p.addEventListener('peer:disconnect', this.#onDisconnect)
    for (const target of this.#targets.values()) this.#schedule(target, 0)
  }

  /** Resolves once no dial is under way. */
  async stop(): Promise<void> {
    this.#stopped.abort(new Error('the IPFS node is stopping'))
    this.#libp2p?.removeEventListener('peer:connect', this.#onConnect)
    this.#libp2p?.removeEventListener('peer:disconnect', this.#onDisconnect)
    for (const target of this.#targets.values()) clearTimeout(target.timer)
    this.#targets.clear()
    await Promise.all(this.#dials)
    await this.#redialling
  }

  setSiblings(addresses: readonly MultiaddrText[]): void {
    const wanted = this.#parse(addresses)
    for (const [peer, { peerId, addresses: own }] of wanted) {
      const target = this.#target(peer, peerId)
      target.isSibling = true
      target.addresses = own
    }
    for (const [peer, target] of this.#targets) {
      if (wanted.has(peer) || !target.isSibling) continue
      target.isSibling = false
      this.#dropIfUnused(peer, target)
    }
  }

  /** Have connections to the origins while a pin runs; unusable addresses are logged and left out. */
  useOrigins(addresses: readonly MultiaddrText[]): OriginsInUse {
    const wanted = this.#parse(addresses)
    for (const [peer, { peerId, addresses: own }] of wanted) {
      const target = this.#target(peer, peerId)
      target.uses += 1
      const known = new Set(target.addresses.map((address) => address.text))
      target.addresses = [...target.addresses, ...own.filter((address) => !known.has(address.text))]
    }
    let isReleased = false
    return {
      peers: [...wanted.keys()],
      release: () => {
        if (isReleased) return
        isReleased = true
        for (const peer of wanted.keys()) {
          const target = this.#targets.get(peer)
          if (target === undefined) continue
          target.uses -= 1
          this.#dropIfUnused(peer, target)
        }
      },
    }
  }

  /** Hang up on the targets that are silent, wait, dial them again. Callers that come while that is done, or soon after, share it. */
  async redial(isSilent: (peer: string) => boolean): Promise<void> {
    if (performance.now() - this.#redialledAtMs < MIN_REDIAL_MS * 2) return
    this.#redialling ??= this.#redial(isSilent).finally(() => {
      this.#redialling = undefined
      this.#redialledAtMs = performance.now()
    })
    await this.#redialling
  }

  async #redial(isSilent: (peer: string) => boolean): Promise<void> {
    const libp2p = this.#libp2p
    const silent = [...this.#targets].filter(([peer]) => isSilent(peer)).map(([, target]) => target)
    if (libp2p === undefined || silent.length === 0) return
    this.#logger.info('No block has come for some time: the connections to the IPFS nodes are renewed.', {
      ipfsPeers: silent.map((target) => target.peerId.toString()),
    })
    const signal = AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(DIAL_TIMEOUT_MS)])
    try {
      await Promise.all(silent.map(({ peerId }) => libp2p.hangUp(peerId, { signal })))
      await delay(MIN_REDIAL_MS, undefined, { signal: this.#stopped.signal }) // C3
    } catch (err) {
      this.#logger.debug('Connections could not be closed cleanly.', { err })
    }
    await Promise.all(silent.map((target) => this.#dial(target)))
  }

  readonly #onConnect = (event: CustomEvent<PeerId>): void => {
    const target = this.#targets.get(event.detail.toString())
    if (target === undefined) return
    target.failures = 0
    clearTimeout(target.timer)
    target.timer = undefined
  }

  readonly #onDisconnect = (event: CustomEvent<PeerId>): void => {
    const target = this.#targets.get(event.detail.toString())
    if (target !== undefined) this.#schedule(target, MIN_REDIAL_MS) // C3
  }

  #target(peer: string, peerId: PeerId): Target {
    const known = this.#targets.get(peer)
    if (known !== undefined) return known
    const target: Target = {
      peerId,
      addresses: [],
      isSibling: false,
      uses: 0,
      failures: 0,
      timer: undefined,
      isDialling: false,
    }
    this.#targets.set(peer, target)
    this.#schedule(target, 0)
    return target
  }

  #dropIfUnused(peer: string, target: Target): void {
    if (target.isSibling || target.uses > 0) return
    clearTimeout(target.timer)
    this.#targets.delete(peer)
    if (this.#stopped.signal.aborted || this.#libp2p === undefined) return
    const signal = AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(DIAL_TIMEOUT_MS)])
    this.#libp2p.hangUp(target.peerId, { signal }).catch((err: unknown) => {
      this.#logger.debug('A connection could not be closed cleanly.', { ipfsPeer: peer, err })
    })
  }

  #schedule(target: Target, delayMs: number): void {
    if (this.#libp2p === undefined || this.#stopped.signal.aborted) return
    clearTimeout(target.timer)
    // Even a delay of 0 is a timer, so that the caller can first complete the target.
    target.timer = setTimeout(() => {
      target.timer = undefined
      const dial = this.#dial(target).finally(() => this.#dials.delete(dial))
      this.#dials.add(dial)
    }, delayMs)
  }

  async #dial(target: Target): Promise<void> {
    const libp2p = this.#libp2p
    const peer = target.peerId.toString()
    if (libp2p === undefined || this.#targets.get(peer) !== target || target.isDialling) return
    if (libp2p.getConnections(target.peerId).some((connection) => connection.status === 'open')) return
    target.isDialling = true
    try {
      const signal = AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(DIAL_TIMEOUT_MS)])
      await libp2p.dial(
        target.addresses.map((address) => address.multiaddr),
        { signal },
      )
      target.failures = 0
    } catch (err) {
      target.failures += 1
      const backOffMs = Math.min(MAX_REDIAL_MS, MIN_REDIAL_MS * 2 ** Math.min(target.failures - 1, 10))
      this.#logger.debug('An IPFS node cannot be reached; it will be dialled again.', {
        ipfsPeer: peer,
        failures: target.failures,
        backOffMs,
        err,
      })
      if (this.#targets.get(peer) === target) this.#schedule(target, backOffMs * (0.75 + Math.random() * 0.25)) // C2
    } finally {
      target.isDialling = false
    }
  }

  #isTargetAddress(text: string): boolean {
    for (const target of this.#targets.values()) {
      if (target.addresses.some((address) => address.text === text)) return true
    }
    return false
  }

  #parse(addresses: readonly MultiaddrText[]): ReturnType<typeof parseTargets>['targets'] {
    const limit = MAX_ADDRESSES
    const { targets, refused } = parseTargets(addresses.slice(0, limit), this.#allowOutsideNetwork)
    const self = this.#libp2p?.peerId.toString()
    if (self !== undefined) targets.delete(self)
    if (refused.length > 0) {
      this.#logger.warn(
        'Addresses of IPFS nodes cannot be used; they must look like /ip4/1.2.3.4/tcp/4001/p2p/12D3….',
        { addresses: refused },
      )
    }
    if (addresses.length > limit)
      this.#logger.warn('Too many addresses of IPFS nodes; the last are ignored.', { limit, given: addresses.length })
    return targets
  }
}
