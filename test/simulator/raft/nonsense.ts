/**
 * Owns messages that no correct node would send now, as far as Raft must bear them: what a peer says that speaks the protocol and no sense.
 *
 * Q1 Raft believes its members: a member that acknowledges what it does not hold, votes twice or leads without votes is beyond what it
 * can bear. So a member here repeats itself, refuses, asks, and contradicts the format; only a stranger claims more.
 * Q2 What a node said before it lost its disk, or part of it, is not repeated.
 */
import type { AppendEntries, Entry, Message, NodeId } from '@pinset/raft'

import type { SimulatedNode } from './node.ts'
import type { Random } from '../random.ts'
import type { World } from './world.ts'

const remembered = 64
const stranger: NodeId = 'stranger'

/** Not what a field of a message holds. */
const oddNumbers: readonly number[] = [-1, 0.5, Number.NaN, Infinity, 2 ** 53]

export class Nonsense {
  readonly #world: World
  readonly #active: boolean
  #past: Message[] = []
  readonly #forged = new WeakSet<Message>()

  constructor(world: World) {
    this.#world = world
    this.#active = world.swarm.faults.nonsense > 0
  }

  /** A message has arrived that a correct node has sent. */
  remember(message: Message): void {
    if (!this.#active) {
      return
    }
    if (this.#past.length < remembered) {
      this.#past.push(message)
    } else {
      // Old ones stay for long: each is replaced by chance.
      this.#past[(message.term * 31 + this.#world.happenings) % remembered] = message
    }
  }

  /** No node has ever sent it. */
  isForged(message: Message): boolean {
    return this.#active && this.#forged.has(message)
  }

  /** Q2 */
  forget(node: NodeId): void {
    this.#past = this.#past.filter(({ from, to }) => from !== node && to !== node)
  }

  /** @returns what was sent and to whom. */
  send(random: Random): string | null {
    const { nodes } = this.#world
    const to = random.pick(nodes)
    switch (random.int(4)) {
      case 0:
        return this.#deliver('repeated', random.pick([null, ...this.#past]))
      case 1:
        return this.#deliver('malformed', malformed(random.pick([null, ...this.#past]), random))
      case 2:
        return this.#deliver('stranger', fromStranger(to, random))
      default:
        return this.#deliver('member', fromMember(random.pick(nodes), to, random))
    }
  }

  #deliver(sort: string, message: Message | null): string | null {
    if (message === null || message.from === message.to) {
      return null
    }
    const receiver = this.#world.node(message.to)
    if (!receiver.running || !receiver.admitted || this.#world.find(message.from)?.admitted === false) {
      return null
    }
    if (sort !== 'repeated') {
      this.#forged.add(message)
    }
    this.#world.count(`nonsense: ${sort}`)
    this.#world.takeIn(message)
    return `${sort}: ${message.kind} of term ${message.term} from ${message.from} to ${message.to}`
  }
}

/** A message that once made sense, with one field that does not. */
function malformed(message: Message | null, random: Random): Message | null {
  if (message === null) {
    return null
  }
  const odd = random.pick(oddNumbers)
  const fields: (() => Message)[] = [() => ({ ...message, term: random.pick([0, Number.MAX_SAFE_INTEGER, odd]) })]
  switch (message.kind) {
    case 'appendEntries':
      fields.push(
        () => ({ ...message, commitIndex: odd }),
        () => ({ ...message, readRound: odd }),
        () => ({ ...message, prev: { ...message.prev, index: odd } }),
        () => ({ ...message, entries: brokenEntries(message, random) }),
      )
      break
    case 'appendEntriesResponse':
      fields.push(
        () => ({ ...message, readRound: odd }),
        () => ({ ...message, outcome: { kind: 'accepted', matchIndex: odd } }),
        () => ({ ...message, outcome: { kind: 'rejected', rejectedIndex: 3, hint: { term: 1, index: 4 } } }),
      )
      break
    case 'heartbeat':
      fields.push(() => ({ ...message, commitIndex: odd }))
      break
    case 'heartbeatResponse':
      fields.push(() => ({ ...message, readRound: odd }))
      break
    case 'preVote':
    case 'requestVote':
      fields.push(
        () => ({ ...message, last: { term: message.term, index: 9 } }),
        () => ({ ...message, last: { term: 1, index: 0 } }),
      )
      break
    case 'timeoutNow':
      fields.push(() => ({ ...message, last: { term: message.term + 1, index: 9 } }))
      break
    case 'installSnapshot':
    case 'preVoteResponse':
    case 'requestVoteResponse':
      break
  }
  return random.pick(fields)()
}

/** With a hole, out of their place, or of falling or future terms. */
function brokenEntries({ prev, term, entries }: AppendEntries, random: Random): Entry[] {
  const data = new Uint8Array(8)
  const entry = (index: number, of: number): Entry => ({ term: of, index, kind: 'operations', data })
  return random.pick([
    [...entries, entry(prev.index + entries.length + 2, term)],
    [entry(prev.index + 2, term)],
    [entry(prev.index + 1, term), entry(prev.index + 2, prev.term - 1)],
    [entry(prev.index + 1, term + 1)],
    [entry(prev.index + 1, 0)],
  ])
}

/** Of the present term, or near it; terms do not run away, for a cluster cannot count for ever. */
function termNear(node: SimulatedNode, random: Random): number {
  return Math.max(1, node.term + random.between(-3, 2))
}

/** From nobody that any membership has ever named; all but a leader's messages, which no stranger's channel carries. */
function fromStranger(node: SimulatedNode, random: Random): Message {
  const term = termNear(node, random)
  const base = { from: stranger, to: node.id, term }
  const index = random.int(node.log.lastIndex + 3)
  const last = { term: Math.max(1, term - 1), index: index + 1 }
  const readRound = random.int(1000)
  return random.pick<Message>([
    { ...base, kind: 'requestVote', last, transfer: random.chance(0.3) },
    { ...base, kind: 'preVote', last, transfer: random.chance(0.3) },
    { ...base, kind: 'requestVoteResponse', granted: true },
    { ...base, kind: 'preVoteResponse', granted: true },
    { ...base, kind: 'heartbeatResponse', readRound },
    { ...base, kind: 'appendEntriesResponse', readRound, outcome: { kind: 'accepted', matchIndex: index } },
    { ...base, kind: 'timeoutNow', last },
  ])
}

/** What a member may say at any time without having promised anything. */
function fromMember(from: SimulatedNode, to: SimulatedNode, random: Random): Message {
  const term = termNear(to, random)
  const base = { from: from.id, to: to.id, term }
  const rejectedIndex = random.int(to.log.lastIndex + 4)
  const index = random.int(rejectedIndex + 1)
  const hint = index === 0 ? { term: 0, index } : { term: random.between(1, term), index }
  const matchIndex = to.log.lastIndex + random.between(1000, 2000)
  return random.pick<Message>([
    { ...base, kind: 'appendEntriesResponse', readRound: 0, outcome: { kind: 'rejected', rejectedIndex, hint } },
    { ...base, kind: 'appendEntriesResponse', readRound: 0, outcome: { kind: 'accepted', matchIndex } },
    { ...base, kind: 'heartbeatResponse', readRound: random.pick([0, 1_000_000]) },
    { ...base, kind: 'requestVoteResponse', granted: false },
    { ...base, kind: 'preVoteResponse', granted: false },
    { ...base, kind: 'preVote', last: { term: Math.max(1, term - 1), index: index + 1 }, transfer: false },
    { ...base, kind: 'timeoutNow', last: { term: Math.max(1, term - 1), index: index + 1 } },
  ])
}
