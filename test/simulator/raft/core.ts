/** What the simulator needs of a Raft core: the production one fits, and so does a broken one that a test feeds in. */
import type { EntryId, Index, Input, NodeId, RaftBoot, RaftInit, Ready, Role, Term } from '@pinset/raft'

export interface CoreStatus {
  readonly role: Role
  readonly term: Term
  readonly leader: NodeId | null
  readonly commitIndex: Index
  readonly lastId: EntryId
  readonly votingSuspended: boolean
  /** On a leader; elsewhere empty. */
  readonly progress: readonly { readonly id: NodeId; readonly matchIndex: Index }[]
}

export interface Core {
  step(input: Input): void
  hasReady(): boolean
  takeReady(): Ready
  status(): CoreStatus
  /** Text for a trace. */
  describe(): string
  /** Throws when the core's own rules are broken. */
  checkInvariants(): void
}

export type CreateCore = (init: RaftInit, boot: RaftBoot) => Core
