/**
 * A read is served on the word of a quorum of voters that was given after the read began (thesis §6.4), whatever rounds the
 * messages say that they belong to. Stricter than `fresh reads`: it does not wait for another leader to have committed.
 */
import type { Message, NodeId } from '@pinset/raft'

import { Violation } from './violation.ts'

export class ConfirmedReads {
  /** Counts answers and reads, so that any two have an order. */
  #time = 0
  readonly #madeAt = new WeakMap<Message, number>()
  /** By receiver and sender, the newest answer heard. */
  readonly #heard = new Map<NodeId, Map<NodeId, number>>()
  readonly #beganAt = new Map<number, number>()

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
    if (at !== undefined) {
      const bySender = this.#heard.get(message.to) ?? new Map<NodeId, number>()
      this.#heard.set(message.to, bySender)
      bySender.set(message.from, Math.max(at, bySender.get(message.from) ?? 0))
    }
  }

  /** A new run of the process has heard nothing yet. */
  started(node: NodeId): void {
    this.#heard.delete(node)
  }

  served(node: NodeId, context: number, voters: readonly NodeId[]): void {
    const beganAt = this.#beganAt.get(context) ?? 0
    this.#beganAt.delete(context)
    const heard = this.#heard.get(node)
    const confirmed = voters.filter((voter) => voter === node || (heard?.get(voter) ?? 0) > beganAt)
    if (confirmed.length * 2 <= voters.length) {
      throw new Violation(
        'confirmed reads',
        `${node} serves read ${context}, since which only [${confirmed.join(' ')}] of [${voters.join(' ')}] have spoken`,
      )
    }
  }

  dropped(context: number): void {
    this.#beganAt.delete(context)
  }
}

function isAnswer({ kind }: Message): boolean {
  return kind === 'heartbeatResponse' || kind === 'appendEntriesResponse'
}
