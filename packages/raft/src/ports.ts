/** What the driver of a node needs from outside: a durable log and a way to other nodes. */
import type { Entry, Index, InstallSnapshot, Message, NodeId, PersistOp, RaftBoot } from './types.ts'

/** The durable log and hard state. One writer. */
export interface RaftLogStore {
  /** What was found on disk at open, without the applied index, which the state store knows. */
  readonly boot: Omit<RaftBoot, 'appliedIndex'>
  /**
   * Carry out the operations in order, in one atomic batch and one sync; all durable when it resolves.
   *
   * A rejection is final: the caller halts and nothing is retried. Calls must not overlap.
   */
  write(ops: readonly PersistOp[]): Promise<void>
  /** Entries from `from` to at most `to` and about `maxBytes`, at least one. @throws {CorruptError} when a record is damaged or missing. */
  read(from: Index, to: Index, maxBytes: number): Promise<readonly Entry[]>
}

/** What the receiver of a snapshot says when the stream opens. */
export type SnapshotAnswer =
  | { readonly kind: 'refused'; readonly reason: string }
  /** Start after the chunk whose cursor this is; empty: from the beginning. */
  | { readonly kind: 'accepted'; readonly resumeAfter: Uint8Array; readonly sink: SnapshotSink }

/** Takes the chunks of one snapshot in order. `write` resolving is what opens the sender's window again. */
export interface SnapshotSink {
  write(chunk: Uint8Array): Promise<void>
  /** All chunks are here; resolves once they are verified and durable. */
  end(): Promise<void>
  /** The stream broke; what was received may be resumed later. */
  abort(reason: Error): void
}

export interface RaftTransportHandler {
  onMessage(message: Message): void
  onSnapshot(message: InstallSnapshot): Promise<SnapshotAnswer>
  /** Messages to this node were dropped, or its connection was lost. */
  onUnreachable(node: NodeId): void
}

export type SnapshotSendResult = { readonly kind: 'received' } | { readonly kind: 'refused'; readonly reason: string }

export interface RaftTransport {
  /** Install the receiver of what arrives; once, before anything is let in. */
  setHandler(handler: RaftTransportHandler): void
  /** Queue a message; never blocks, may drop, keeps the order per receiver. `message.from` is the own node. */
  send(message: Exclude<Message, InstallSnapshot>): void
  /**
   * Send a snapshot on a stream of its own.
   *
   * @param open - gives the chunks after the receiver's cursor, each ≤ 1 MiB.
   * @throws {PeerUnreachableError} the stream could not be opened or broke; the transfer can be resumed.
   */
  sendSnapshot(
    message: InstallSnapshot,
    open: (resumeAfter: Uint8Array) => AsyncIterable<Uint8Array>,
    options?: { readonly signal?: AbortSignal },
  ): Promise<SnapshotSendResult>
}
