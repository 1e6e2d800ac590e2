/**
 * A read is served on the word of a quorum of voters that was given after the read began (thesis §6.4), whatever rounds the
 * messages say that they belong to. Stricter than `fresh reads`: it does not wait for another leader to have committed.
 *
 * A failed disk ends this: a read that began after it is not served, and what is heard after it confirms nothing.
 */
import type { Message, NodeId, RaftMembership, Ready, SoftState, Term } from '@pinset/raft'

import type { LogView } from '../simulated-log.ts'
import { Violation } from './violation.ts'

export class ConfirmedReads {
  /** Counts answers and reads, so that any two have an order. */
  #time = 0
  readonly #madeAt = new WeakMap<Message, number>()
  /** By receiver and sender, the newest answer heard. */
  readonly #heard = new Map<NodeId, Map<NodeId, number>>()
  readonly #beganAt = new Map<number, number>()
  /** Nodes whose disk has failed in this run. */
  readonly #failedAt = new Map<NodeId, number>()

  began(context: number): void {
    this.#beganAt.set(context, ++this.#time)
  }

  /** A node has made this message. */
  made(message: Message): void {
    if (isAnswer(message)) {
      this.#madeAt.set(message, ++this.#time)
    }
  }

  /** It has arrived; a copy that nobody has made proves nothing. */
  heard(message: Message): void {
    const at = this.#madeAt.get(message)
    if (at !== undefined && !this.#failedAt.has(message.to)) {
      const bySender = this.#heard.get(message.to) ?? new Map<NodeId, number>()
      this.#heard.set(message.to, bySender)
      bySender.set(message.from, Math.max(at, bySender.get(message.from) ?? 0))
    }
  }

  /** A new run of the process has heard nothing yet. */
  started(node: NodeId): void {
    this.#heard.delete(node)
    this.#failedAt.delete(node)
  }

  /** Its disk has failed; only the first time counts. */
  failed(node: NodeId): void {
    if (!this.#failedAt.has(node)) {
      this.#failedAt.set(node, ++this.#time)
    }
  }

  /** @param inForce - voters, of which one set was in force when the read was confirmed; none when that is not known. */
  served(node: NodeId, context: number, ...inForce: readonly (readonly NodeId[])[]): void {
    const beganAt = this.#beganAt.get(context) ?? 0
    this.#beganAt.delete(context)
    if (beganAt > (this.#failedAt.get(node) ?? Infinity)) {
      throw new Violation('confirmed reads', `${node} serves read ${context}, which began after its disk had failed`)
    }
    const heard = this.#heard.get(node)
    const spoken = inForce.map((voters) => ({
      voters,
      confirmed: voters.filter((voter) => voter === node || (heard?.get(voter) ?? 0) > beganAt),
    }))
    if (inForce.length > 0 && spoken.every(({ voters, confirmed }) => confirmed.length * 2 <= voters.length)) {
      const found = spoken.map(({ voters, confirmed }) => `[${confirmed.join(' ')}] of [${voters.join(' ')}]`)
      throw new Violation(
        'confirmed reads',
        `${node} serves read ${context}, since which only ${found.join(', or ')} have spoken`,
      )
    }
  }

  dropped(context: number): void {
    this.#beganAt.delete(context)
  }
}

/**
 * The voters by whom the reads of a Ready may have been confirmed. After several inputs in one turn that is not known, unless the
 * disk has failed in it: nothing of the turn is written, and within one term no leader changes the voters twice in a turn.
 *
 * @param before - its term when the turn began, and whether it has had one input only.
 */
export function votersOfReads(
  log: LogView,
  { membership }: Ready,
  { role, term }: Pick<SoftState, 'role' | 'term'>,
  before: { readonly term: Term; readonly single: boolean },
  decode: (data: Uint8Array) => RaftMembership,
): readonly (readonly NodeId[])[] {
  if (!before.single && (role !== 'halted' || term !== before.term)) {
    return []
  }
  const { voters } = decode(log.membershipAt(log.lastIndex).data)
  return membership === null ? [voters] : [voters, membership.membership.voters]
}

function isAnswer({ kind }: Message): boolean {
  return kind === 'heartbeatResponse' || kind === 'appendEntriesResponse'
}
