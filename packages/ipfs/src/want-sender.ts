/**
 * Sends wants and cancels to connected nodes: per node one queue, one stream at a time, everything queued in one go.
 *
 * Owns the queues; does not know what is wanted or why. A lost operation is not an error here: whoever wants the block asks again.
 *
 * Invariants
 * S1 operations reach a node in the order in which they were queued for it;
 * S2 a queue holds at most `MAX_QUEUED_OPS`; above that the new operation is dropped and said to be.
 */
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import type { Logger } from '@pinset/interface'

import { encodeWantFrames } from './bitswap-message.ts'
import type { WantOp } from './bitswap-message.ts'

export const BITSWAP_PROTOCOL = '/ipfs/bitswap/1.2.0'

const MAX_QUEUED_OPS = 4096
/** Opening the stream, sending and closing it, in milliseconds. */
const SEND_TIMEOUT_MS = 10_000

export class WantSender {
  readonly #libp2p: Libp2p
  readonly #logger: Logger
  readonly #queues = new Map<string, WantOp[]>()
  readonly #sending = new Set<string>()
  readonly #stopped = new AbortController()

  constructor(components: { readonly libp2p: Libp2p; readonly logger: Logger }) {
    this.#libp2p = components.libp2p
    this.#logger = components.logger
  }

  /** True when the operation was queued. */
  send(peer: string, op: WantOp): boolean {
    if (this.#stopped.signal.aborted) return false
    const queue = this.#queues.get(peer) ?? []
    if (queue.length >= MAX_QUEUED_OPS) return false // S2
    queue.push(op)
    this.#queues.set(peer, queue)
    if (!this.#sending.has(peer)) {
      this.#sending.add(peer)
      setImmediate(() => void this.#run(peer))
    }
    return true
  }

  forget(peer: string): void {
    this.#queues.delete(peer)
  }

  stop(): void {
    this.#stopped.abort(new Error('the IPFS node is stopping'))
    this.#queues.clear()
  }

  async #run(peer: string): Promise<void> {
    try {
      for (;;) {
        const ops = this.#queues.get(peer)
        this.#queues.delete(peer)
        if (ops === undefined || ops.length === 0) return
        await this.#sendAll(peer, ops) // S1: the next batch waits for this one
      }
    } catch (err) {
      this.#logger.debug('Could not send wants to an IPFS node.', { ipfsPeer: peer, err })
    } finally {
      this.#sending.delete(peer)
      if (this.#queues.has(peer)) {
        this.#sending.add(peer)
        setImmediate(() => void this.#run(peer))
      }
    }
  }

  async #sendAll(peer: string, ops: readonly WantOp[]): Promise<void> {
    const connection = this.#connection(peer)
    if (connection === undefined) return
    const signal = AbortSignal.any([AbortSignal.timeout(SEND_TIMEOUT_MS), this.#stopped.signal])
    const stream = await connection.newStream(BITSWAP_PROTOCOL, { signal })
    try {
      await stream.closeRead({ signal })
      for (const frame of encodeWantFrames(ops)) {
        if (!stream.send(frame)) await drained(stream, signal)
      }
      await stream.close({ signal })
    } catch (err) {
      stream.abort(err instanceof Error ? err : new Error(String(err)))
      throw err
    }
  }

  #connection(peer: string): Connection | undefined {
    return this.#libp2p
      .getConnections()
      .find((connection) => connection.status === 'open' && connection.remotePeer.toString() === peer)
  }
}

/** `stream.onDrain()` resolves at once from its second call on, so the event itself is awaited. */
async function drained(stream: Stream, signal: AbortSignal): Promise<void> {
  if (!stream.writableNeedsDrain) return
  await new Promise<void>((resolve, reject) => {
    const finish = (err?: Error): void => {
      stream.removeEventListener('drain', onDrain)
      stream.removeEventListener('close', onClose)
      signal.removeEventListener('abort', onAbort)
      if (err === undefined) resolve()
      else reject(err)
    }
    const onDrain = (): void => finish()
    const onClose = (): void => finish(new Error('the stream was closed'))
    const onAbort = (): void => finish(signal.reason as Error)
    stream.addEventListener('drain', onDrain)
    stream.addEventListener('close', onClose)
    signal.addEventListener('abort', onAbort)
  })
}
