/**
 * Serves the own methods, to other peers and to this process.
 *
 * M1 A method with the policy `member` is served only to a peer of the newest membership whose cluster and epoch are this peer's
 *    now; `self` only to this process; `open` to anybody on the private network.
 * M2 A handler runs at most until its caller's deadline, as its signal tells; one peer has at most `rpcInboundCalls` of them.
 */
import { CorruptError, InvalidRequestError, NotAdmittedError, OverloadedError } from '@pinset/interface'
import type { PeerId, RpcHandler, RpcMethod } from '@pinset/interface'
import { InvariantViolation } from '@pinset/raft'

import { decodeRpcFrame, encodeRpcFrame } from '../codec/rpc-codec.ts'
import type { RpcFrameValue } from '../codec/rpc-codec.ts'
import { FrameStream } from '../frame-stream.ts'
import { clusterMismatch, receiveGreeting, refuse, versionMismatch, welcome } from '../handshake.ts'
import type { Side } from '../handshake.ts'
import { ENVELOPE_BYTES } from '../limits.ts'
import type { ByteStream, Link } from '../network/network.ts'
import type { ProtocolContext } from '../protocol-context.ts'
import { ownSide } from '../protocol-context.ts'
import { errorToFailure, RemoteError, UNKNOWN_METHOD } from './rpc-errors.ts'

interface Served {
  readonly policy: RpcMethod<unknown, unknown>['policy']
  /** Decode, handle, encode. */
  run(body: Uint8Array, from: PeerId, signal: AbortSignal): Promise<Uint8Array>
}

interface Session {
  readonly frames: FrameStream
  readonly other: Side
  readonly calls: Map<number, AbortController>
  readonly hold: () => () => void
  release: (() => void) | null
}

type Request = Extract<RpcFrameValue, { kind: 'request' }>

const MAX_TIMEOUT_MS = 24 * 60 * 60 * 1000

export class RpcServer {
  readonly #context: ProtocolContext
  readonly #methods = new Map<string, Served>()
  readonly #streams = new Set<FrameStream>()
  readonly #callsByPeer = new Map<PeerId, number>()

  constructor(context: ProtocolContext) {
    this.#context = context
  }

  handle<Req, Res>(method: RpcMethod<Req, Res>, handler: RpcHandler<Req, Res>): () => void {
    if (this.#methods.has(method.name))
      throw new InvariantViolation(`the RPC method ${method.name} has a handler already`)
    const served: Served = {
      policy: method.policy,
      run: async (body, from, signal) => {
        const response = method.response.encode(await handler(decodeBody(method, body), { from, signal }))
        if (response.byteLength > this.#context.limits.maxBodyBytes) {
          throw new RemoteError(
            `the response of ${method.name} has ${response.byteLength} bytes, over the limit`,
            'ERR_RESPONSE_TOO_LARGE',
          )
        }
        return response
      },
    }
    this.#methods.set(method.name, served)
    return () => {
      if (this.#methods.get(method.name) === served) this.#methods.delete(method.name)
    }
  }

  /** A call of this process to itself. */
  async callSelf(name: string, body: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    return await this.#method(name).run(body, this.#context.localPeer, signal)
  }

  accept(stream: ByteStream, link: Link): void {
    const { limits, stopping, logger } = this.#context
    const calls = new Map<number, AbortController>()
    const frames = new FrameStream(stream, {
      maxFrameBytes: limits.maxHelloBytes,
      maxSendBytes: limits.maxSendBytes,
      maxQueuedBytes: limits.rpcOutboxBytes,
      maxQueuedFrames: limits.outboxFrames,
      onClose: (reason) => {
        this.#streams.delete(frames)
        for (const call of calls.values()) call.abort(reason ?? new Error('the caller has gone'))
      },
    })
    this.#streams.add(frames)
    const signal = AbortSignal.any([stopping, AbortSignal.timeout(limits.handshakeMs)])
    this.#greet(frames, link, calls, signal).catch((err: unknown) => {
      logger.debug('An RPC stream could not be opened', { peer: link.remotePeer, err })
      frames.abort(err as Error)
    })
  }

  stop(): void {
    for (const frames of this.#streams) frames.abort(new Error('the transport was stopped'))
  }

  async #greet(
    frames: FrameStream,
    link: Link,
    calls: Map<number, AbortController>,
    signal: AbortSignal,
  ): Promise<void> {
    const other = await receiveGreeting(frames, link.remotePeer, signal)
    const own = ownSide(this.#context)
    const refusal = versionMismatch(own, other)
    if (refusal !== null) {
      this.#context.notices.warn(other.peer, `rpc in ${refusal}`, `The RPC stream of a peer was refused: ${refusal}`)
      await refuse(frames, own, refusal, signal)
      return
    }
    welcome(frames, own)
    frames.allowFrames(this.#context.limits.maxBodyBytes + ENVELOPE_BYTES)
    const session: Session = { frames, other, calls, hold: () => this.#context.links.hold(link), release: null }
    frames.receive(
      (frame) => this.#received(session, decodeRpcFrame(frame)),
      () => {
        for (const call of calls.values()) call.abort(new Error('the caller has gone'))
        frames.finish()
      },
    )
  }

  #received(session: Session, frame: RpcFrameValue): void {
    if (clusterMismatch(ownSide(this.#context), session.other) === null) this.#context.links.heard(session.other.peer)
    if (frame.kind === 'cancel')
      session.calls.get(frame.id)?.abort(new DOMException('the caller has given up', 'AbortError'))
    else if (frame.kind !== 'request') throw new CorruptError(`"${frame.kind}" came from a caller`)
    else if (session.calls.has(frame.id)) throw new CorruptError(`the request id ${frame.id} is in use`)
    else this.#serve(session, frame).catch((err: unknown) => session.frames.abort(err as Error))
  }

  async #serve(session: Session, request: Request): Promise<void> {
    const { peer } = session.other
    const call = new AbortController()
    const timer = setTimeout(
      () => call.abort(new DOMException('the deadline of the caller has passed', 'TimeoutError')),
      Math.min(request.timeoutMs, MAX_TIMEOUT_MS),
    )
    session.calls.set(request.id, call)
    session.release ??= session.hold()
    const inFlight = this.#callsByPeer.get(peer) ?? 0
    this.#callsByPeer.set(peer, inFlight + 1)
    let answer: RpcFrameValue
    try {
      if (inFlight >= this.#context.limits.rpcInboundCalls)
        throw new OverloadedError(`${this.#context.localPeer} serves ${inFlight} requests of this peer already`)
      const method = this.#method(request.method)
      this.#authorise(request.method, method, session.other)
      answer = { kind: 'response', id: request.id, body: await method.run(request.body, peer, call.signal) }
    } catch (err) {
      answer = { kind: 'failure', id: request.id, failure: errorToFailure(err) }
    } finally {
      clearTimeout(timer)
      session.calls.delete(request.id)
      this.#callsByPeer.set(peer, (this.#callsByPeer.get(peer) ?? 1) - 1)
      if (this.#callsByPeer.get(peer) === 0) this.#callsByPeer.delete(peer)
      if (session.calls.size === 0) {
        session.release?.()
        session.release = null
      }
    }
    if (call.signal.aborted || !session.frames.isOpen) return
    if (!session.frames.send(encodeRpcFrame(answer))) throw new Error('the caller does not read its responses')
  }

  #method(name: string): Served {
    const method = this.#methods.get(name)
    if (method === undefined)
      throw new RemoteError(`${this.#context.localPeer} does not know the method ${name}`, UNKNOWN_METHOD)
    return method
  }

  /** M1 */
  #authorise(name: string, method: Served, other: Side): void {
    switch (method.policy) {
      case 'open':
        return
      case 'self':
        throw new NotAdmittedError(`${name} is not for other peers`)
      case 'member': {
        const mismatch = clusterMismatch(ownSide(this.#context), other)
        if (mismatch !== null) throw new NotAdmittedError(mismatch)
        if (!this.#context.admission.isMember(other.peer))
          throw new NotAdmittedError(`${other.peer} is not a member as ${this.#context.localPeer} knows the membership`)
      }
    }
  }
}

function decodeBody<Req, Res>(method: RpcMethod<Req, Res>, body: Uint8Array): Req {
  try {
    return method.request.decode(body)
  } catch (err) {
    throw new InvalidRequestError(
      `the request for ${method.name} cannot be decoded: ${err instanceof Error ? err.message : String(err)}`,
      { cause: err },
    )
  }
}
