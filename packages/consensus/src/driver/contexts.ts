/**
 * What was asked of the core and has no answer yet, by the number that goes with the question (`context`).
 *
 * CX1 Who asked is told at most once, and is forgotten then.
 */
import type { DropReason, EntryId, Index, NodeId, Ready } from '@pinset/raft'

/** What became of something that was asked of the core. */
export interface Dropped {
  readonly reason: DropReason
  readonly leader: NodeId | null
  readonly detail: string
}

export interface ProposalHandler {
  /** It has a place in the log, not yet committed. */
  accepted(id: EntryId): void
  /** Certainly without effect. */
  dropped(dropped: Dropped): void
}

export interface ReadHandler {
  /** May be answered once this index is applied. */
  ready(index: Index): void
  dropped(dropped: Dropped): void
}

export interface TransferHandler {
  ended(leader: NodeId | null): void
  dropped(dropped: Dropped): void
}

type ContextHandler =
  | { readonly kind: 'proposal'; readonly handler: ProposalHandler }
  | { readonly kind: 'read'; readonly handler: ReadHandler }
  | { readonly kind: 'transfer'; readonly handler: TransferHandler }

export class Contexts {
  readonly #handlers = new Map<number, ContextHandler>()
  #next = 1

  /** The number under which this one is answered. */
  add(handler: ContextHandler): number {
    const context = this.#next
    this.#next += 1
    this.#handlers.set(context, handler)
    return context
  }

  /** Tell those that the core has answered. */
  answer({ accepted, dropped, reads, transferred }: Ready): void {
    for (const { context, id } of accepted) {
      const found = this.#take(context)
      if (found?.kind === 'proposal') {
        found.handler.accepted(id)
      }
    }
    for (const { context, reason, leader, detail } of dropped) {
      this.drop(context, { reason, leader, detail })
    }
    for (const { context, index } of reads) {
      const found = this.#take(context)
      if (found?.kind === 'read') {
        found.handler.ready(index)
      }
    }
    for (const { context, leader } of transferred) {
      const found = this.#take(context)
      if (found?.kind === 'transfer') {
        found.handler.ended(leader)
      }
    }
  }

  drop(context: number, dropped: Dropped): void {
    this.#take(context)?.handler.dropped(dropped)
  }

  dropAll(dropped: Dropped): void {
    for (const context of Array.from(this.#handlers.keys())) {
      this.drop(context, dropped)
    }
  }

  /** CX1 */
  #take(context: number): ContextHandler | undefined {
    const found = this.#handlers.get(context)
    this.#handlers.delete(context)
    return found
  }
}
