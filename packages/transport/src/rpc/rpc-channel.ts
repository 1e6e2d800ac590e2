/** The stream on which this peer calls another one, with all calls in flight on it. */
import { CorruptError, OverloadedError, PeerUnreachableError } from '@pinset/interface'
import type { PeerId, StreamIdentity } from '@pinset/interface'

import { decodeRpcFrame, encodeRpcFrame } from '../codec/rpc-codec.ts'
import { FrameStream } from '../frame-stream.ts'
import { clusterMismatch, greet } from '../handshake.ts'
import type { Side } from '../handshake.ts'
import { ENVELOPE_BYTES } from '../limits.ts'
import type { Link } from '../network/network.ts'
import type { ProtocolContext } from '../protocol-context.ts'
import { ownSide } from '../protocol-context.ts'
import { failureToError } from './rpc-errors.ts'

export interface CallInit {
  readonly method: string
  readonly timeoutMs: number
  readonly body: Uint8Array
}

interface Pending {
  readonly resolve: (body: Uint8Array) => void
  readonly reject: (err: Error) => void
}

export class RpcChannel {
  readonly link: Link
  readonly #context: ProtocolContext
  readonly #own: Side
  readonly #frames: FrameStream
  readonly #pending = new Map<number, Pending>()
  #other: Side | null = null
  #nextId = 1
  #release: (() => void) | null = null

  static async open(context: ProtocolContext, link: Link, signal: AbortSignal): Promise<RpcChannel> {
    const own = ownSide(context)
    const stream = await link.openStream('rpc', signal)
    const channel = new RpcChannel(context, link, own, (onClose) => {
      return new FrameStream(stream, {
        maxFrameBytes: context.limits.maxHelloBytes,
        maxSendBytes: context.limits.maxSendBytes,
        maxQueuedBytes: context.limits.rpcOutboxBytes,
        maxQueuedFrames: context.limits.outboxFrames,
        onClose,
      })
    })
    await channel.#greet(signal)
    return channel
  }

  private constructor(
    context: ProtocolContext,
    link: Link,
    own: Side,
    createFrames: (onClose: (reason: Error | null) => void) => FrameStream,
  ) {
    this.#context = context
    this.link = link
    this.#own = own
    this.#frames = createFrames((reason) => this.#closed(reason))
  }

  get isOpen(): boolean {
    return this.#frames.isOpen
  }

  /** Who this peer was when the stream was opened. */
  get identity(): StreamIdentity {
    return this.#own.hello
  }

  /** Why the two sides were not of one cluster when the stream was opened; null when they were. */
  get mismatch(): string | null {
    return this.#other === null ? null : clusterMismatch(this.#own, this.#other)
  }

  /** @throws what the handler threw, {PeerUnreachableError}, {OverloadedError} or the signal's reason. */
  async call(init: CallInit, signal: AbortSignal): Promise<Uint8Array> {
    signal.throwIfAborted()
    const { limits } = this.#context
    if (this.#pending.size >= limits.rpcOutboundCalls)
      throw new OverloadedError(`${this.#pending.size} calls to ${this.link.remotePeer} are in flight`)
    const id = this.#takeId()
    if (!this.#frames.send(encodeRpcFrame({ kind: 'request', id, ...init }))) {
      if (this.isOpen) throw new OverloadedError(`${this.link.remotePeer} does not read its requests fast enough`)
      throw unreachable(this.link.remotePeer, null)
    }
    this.#release ??= this.#context.links.hold(this.link)
    return await new Promise<Uint8Array>((resolve, reject) => {
      const onAbort = (): void => {
        this.#frames.send(encodeRpcFrame({ kind: 'cancel', id }))
        this.#take(id)?.reject(signal.reason as Error)
      }
      const settle = (): void => signal.removeEventListener('abort', onAbort)
      this.#pending.set(id, {
        resolve: (body) => {
          settle()
          resolve(body)
        },
        reject: (err) => {
          settle()
          reject(err)
        },
      })
      signal.addEventListener('abort', onAbort)
    })
  }

  /** No new calls; closes once those in flight are answered. */
  retire(): void {
    if (this.#pending.size === 0) this.#frames.finish()
    else this.#retired = true
  }

  abort(reason: Error): void {
    this.#frames.abort(reason)
  }

  #retired = false

  async #greet(signal: AbortSignal): Promise<void> {
    try {
      this.#other = await greet(this.#frames, this.#own, this.link.remotePeer, signal)
    } catch (err) {
      this.#frames.abort(err as Error)
      throw err
    }
    this.#frames.allowFrames(this.#context.limits.maxBodyBytes + ENVELOPE_BYTES)
    this.#frames.receive(
      (frame) => this.#received(frame),
      () => this.#frames.abort(new Error('the other side ended the stream')),
    )
  }

  #received(bytes: Uint8Array): void {
    const frame = decodeRpcFrame(bytes)
    if (this.mismatch === null) this.#context.links.heard(this.link.remotePeer)
    switch (frame.kind) {
      case 'response':
        this.#take(frame.id)?.resolve(frame.body)
        break
      case 'failure':
        this.#take(frame.id)?.reject(failureToError(frame.failure))
        break
      case 'request':
      case 'cancel':
        throw new CorruptError(`"${frame.kind}" came from the side that is called`)
    }
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id)
    this.#pending.delete(id)
    if (this.#pending.size === 0) {
      this.#release?.()
      this.#release = null
      if (this.#retired) this.#frames.finish()
    }
    return pending
  }

  #takeId(): number {
    do {
      this.#nextId = this.#nextId === 0xffff_ffff ? 1 : this.#nextId + 1
    } while (this.#pending.has(this.#nextId))
    return this.#nextId
  }

  #closed(reason: Error | null): void {
    for (const id of this.#pending.keys()) this.#take(id)?.reject(unreachable(this.link.remotePeer, reason))
  }
}

function unreachable(peer: PeerId, cause: Error | null): PeerUnreachableError {
  return new PeerUnreachableError(
    `the connection to ${peer} broke before it answered; whether it acted is not known`,
    peer,
    { cause },
  )
}
