/**
 * Owns what happens to a message, or to anything else that travels, between two nodes: delay, loss, duplication, reordering, clogs, partitions, resets.
 *
 * N1 A link keeps its order unless the seed asks for reordering. N2 What was in flight at a reset is lost.
 */
import type { NodeId } from '@pinset/raft'

import type { Random } from './random.ts'

/** Times in µs, all else as a chance. */
export interface NetworkOptions {
  readonly delayMin: number
  readonly delayMean: number
  readonly loss: number
  /** A lost message is reported to its sender as `unreachable`. */
  readonly lossReported: number
  readonly duplicate: number
  readonly reorder: number
}

export type PartitionMode = 'none' | 'uniform-size' | 'uniform-assignment' | 'isolate-one'

/** What travels. */
export interface Cargo {
  readonly from: NodeId
  readonly to: NodeId
}

/** What the network needs of the world. */
export interface NetworkHost<Carried extends Cargo> {
  readonly now: number
  schedule(delay: number, run: () => void): void
  deliver(cargo: Carried): void
  /** It does not arrive, or not once more; nobody is told by this. */
  lost?(cargo: Carried): void
  reportUnreachable(reporter: NodeId, node: NodeId): void
  count(what: string): void
}

interface Link {
  /** Of its own, so that what one link draws does not shift the others. */
  readonly random: Random
  resets: number
  blocked: boolean
  clearAt: number
  lastAt: number
}

export class Network<Carried extends Cargo> {
  readonly #host: NetworkHost<Carried>
  readonly #random: Random
  readonly #nodes: readonly NodeId[]
  readonly #links = new Map<NodeId, Map<NodeId, Link>>()
  #options: NetworkOptions
  #lastArrival = 0

  constructor(host: NetworkHost<Carried>, random: Random, nodes: readonly NodeId[], options: NetworkOptions) {
    this.#host = host
    this.#random = random
    this.#nodes = nodes
    this.#options = options
    for (const from of nodes) {
      this.#links.set(
        from,
        new Map(nodes.map((to) => [to, { random: random.fork(), resets: 0, blocked: false, clearAt: 0, lastAt: 0 }])),
      )
    }
  }

  send(message: Carried): void {
    const link = this.#link(message.from, message.to)
    if (link.blocked || link.random.chance(this.#options.loss)) {
      this.#host.count(link.blocked ? 'message blocked' : 'message lost')
      this.#lost(link, message)
      return
    }
    this.#carry(link, message)
    if (link.random.chance(this.#options.duplicate)) {
      this.#host.count('message duplicated')
      this.#carry(link, message)
    }
  }

  /** Of one message. */
  delay(random = this.#random): number {
    return this.#options.delayMin + random.exponential(this.#options.delayMean)
  }

  isOpen(a: NodeId, b: NodeId): boolean {
    return !this.#link(a, b).blocked && !this.#link(b, a).blocked
  }

  /**
   * Divide the nodes; an asymmetric partition blocks one direction only. `isolated` matters to one mode only.
   *
   * @returns who is apart from whom.
   */
  partition(mode: PartitionMode, symmetric: boolean, isolated: NodeId, random: Random): string {
    const sides = this.#sides(mode, isolated, random)
    for (const from of this.#nodes) {
      for (const to of this.#nodes) {
        const apart = sides.get(from) !== sides.get(to)
        this.#link(from, to).blocked = apart && (symmetric || sides.get(from) === true)
      }
    }
    const on = (side: boolean): string => this.#nodes.filter((node) => sides.get(node) === side).join(' ')
    return `[${on(true)}] ${symmetric ? '|' : '↛'} [${on(false)}]`
  }

  /** End a partition. */
  open(): void {
    for (const links of this.#links.values()) {
      for (const link of links.values()) {
        link.blocked = false
      }
    }
  }

  /** @returns which link. */
  clog(duration: number, random: Random): string {
    const { link, name } = this.#anyLink(random)
    link.clearAt = Math.max(link.clearAt, this.#host.now + duration)
    return name
  }

  /** @returns which link. */
  reset(random: Random): string {
    const { from, to, link, name } = this.#anyLink(random)
    link.resets++
    this.#host.reportUnreachable(from, to)
    if (random.chance(0.5)) {
      this.#link(to, from).resets++
      this.#host.reportUnreachable(to, from)
    }
    return name
  }

  /** Lose all that is on its way from or to this node. */
  resetNode(node: NodeId): void {
    for (const other of this.#nodes) {
      this.#link(node, other).resets++
      this.#link(other, node).resets++
    }
  }

  /**
   * From here on a good network.
   *
   * @returns when the last of what is on its way has arrived, in virtual time.
   */
  heal(): number {
    this.#options = { delayMin: 500, delayMean: 500, loss: 0, lossReported: 0, duplicate: 0, reorder: 0 }
    this.open()
    for (const links of this.#links.values()) {
      for (const link of links.values()) {
        link.clearAt = 0
      }
    }
    return this.#lastArrival
  }

  #carry(link: Link, message: Carried): void {
    const { now } = this.#host
    let at = Math.max(now + this.delay(link.random), link.clearAt)
    if (link.random.chance(this.#options.reorder)) {
      // Some come so late that terms have passed: what they say was true of another log.
      const lateness = link.random.chance(0.1) ? 60 : 3
      at += link.random.exponential(lateness * (this.#options.delayMean + 1000))
      this.#host.count('message reordered')
    } else {
      at = Math.max(at, link.lastAt)
      link.lastAt = at
    }
    this.#lastArrival = Math.max(this.#lastArrival, at)
    const { resets } = link
    this.#host.schedule(at - now, () => {
      if (link.blocked || link.resets !== resets) {
        this.#host.count('message cut off')
        this.#host.lost?.(message)
        return
      }
      this.#host.deliver(message)
    })
  }

  #lost({ random }: Link, message: Carried): void {
    this.#host.lost?.(message)
    if (random.chance(this.#options.lossReported)) {
      this.#host.schedule(this.delay(random), () => this.#host.reportUnreachable(message.from, message.to))
    }
  }

  /** Which side each node is on. */
  #sides(mode: PartitionMode, isolated: NodeId, random: Random): Map<NodeId, boolean> {
    const nodes = random.shuffle([...this.#nodes])
    const size = random.between(0, nodes.length)
    const inverse = random.chance(0.5)
    const sideOf: Record<PartitionMode, (at: number, node: NodeId) => boolean> = {
      none: () => false,
      'uniform-size': (at) => at < size,
      'uniform-assignment': () => random.chance(0.5),
      'isolate-one': (_at, node) => (node === isolated) !== inverse,
    }
    return new Map(nodes.map((node, at) => [node, sideOf[mode](at, node)]))
  }

  #anyLink(random: Random): { from: NodeId; to: NodeId; link: Link; name: string } {
    const from = random.pick(this.#nodes)
    const to = random.pick(this.#nodes)
    return { from, to, link: this.#link(from, to), name: `${from} → ${to}` }
  }

  #link(from: NodeId, to: NodeId): Link {
    return this.#links.get(from)?.get(to) as Link
  }
}
