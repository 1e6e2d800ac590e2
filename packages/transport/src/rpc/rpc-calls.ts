/**
 * Calls methods of other peers and of this one, over one stream per peer.
 *
 * K1 A call ends: with its answer, its signal, its method's time-out, or the end of the stream.
 * K2 A stream is used only while this peer is who it was when it opened it; calls in flight on an older one still end there.
 * K3 A method with the policy `member` is not called on a peer of another cluster or epoch; open ones are.
 */
import { InvalidRequestError, NotAdmittedError, PeerUnreachableError, StoppedError } from '@pinset/interface'
import type { PeerId, RpcMethod } from '@pinset/interface'

import { sameIdentity } from '../handshake.ts'
import type { Link } from '../network/network.ts'
import type { ProtocolContext } from '../protocol-context.ts'
import { RpcChannel } from './rpc-channel.ts'
import { errorToFailure, failureToError, RemoteError } from './rpc-errors.ts'
import type { RpcServer } from './rpc-server.ts'

type AnyMethod = Pick<RpcMethod<never, unknown>, 'name' | 'policy' | 'timeoutMs'>

export class RpcCalls {
  readonly #context: ProtocolContext
  readonly #server: RpcServer
  readonly #channels = new Map<PeerId, RpcChannel>()
  readonly #opening = new Map<Link, Promise<RpcChannel>>()

  constructor(context: ProtocolContext, server: RpcServer) {
    this.#context = context
    this.#server = server
  }

  /** @param connect - finds the link to call on. */
  async call<Req, Res>(
    peer: PeerId,
    method: RpcMethod<Req, Res>,
    request: Req,
    connect: () => Promise<Link>,
    signal?: AbortSignal,
  ): Promise<Res> {
    signal?.throwIfAborted()
    if (this.#context.stopping.aborted) throw new StoppedError('the transport has stopped')
    const body = method.request.encode(request)
    if (body.byteLength > this.#context.limits.maxBodyBytes)
      throw new InvalidRequestError(
        `the request of ${method.name} has ${body.byteLength} bytes, over the limit of ${this.#context.limits.maxBodyBytes}`,
      )
    const deadline = new Deadline(method, peer, this.#context.stopping, signal)
    try {
      const run =
        peer === this.#context.localPeer
          ? this.#callSelf(method, body, deadline.signal)
          : this.#callPeer(peer, method, body, connect, deadline.signal)
      return decodeResponse(peer, method, await deadline.race(run))
    } finally {
      deadline.clear()
    }
  }

  stop(): void {
    for (const channel of this.#channels.values()) channel.abort(new StoppedError('the transport has stopped'))
    this.#channels.clear()
  }

  /** The link in use to this peer changed: new calls go there, old ones end where they are. */
  linkChanged(peer: PeerId, link: Link | null): void {
    const channel = this.#channels.get(peer)
    if (channel === undefined || channel.link === link) return
    this.#channels.delete(peer)
    if (link !== null) channel.retire()
  }

  async #callSelf(method: AnyMethod, body: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    try {
      return await this.#server.callSelf(method.name, body, signal)
    } catch (err) {
      signal.throwIfAborted()
      // The same classes as from another peer, with the cause that only this process has.
      const failure = errorToFailure(err)
      const error = failureToError(failure)
      throw error instanceof RemoteError ? new RemoteError(failure.message, failure.code, { cause: err }) : err
    }
  }

  async #callPeer(
    peer: PeerId,
    method: AnyMethod,
    body: Uint8Array,
    connect: () => Promise<Link>,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    let channel = this.#usable(peer) ?? (await this.#open(peer, connect, signal))
    if (method.policy === 'member' && channel.mismatch !== null) {
      // K3. Perhaps the other side has joined since.
      this.#channels.delete(peer)
      channel.retire()
      channel = await this.#open(peer, connect, signal)
      if (channel.mismatch !== null) throw new NotAdmittedError(channel.mismatch)
    }
    return await channel.call({ method: method.name, timeoutMs: method.timeoutMs, body }, signal)
  }

  /** K2 */
  #usable(peer: PeerId): RpcChannel | null {
    const channel = this.#channels.get(peer)
    if (channel === undefined) return null
    if (channel.isOpen && sameIdentity(channel.identity, this.#context.admission.identity())) return channel
    this.#channels.delete(peer)
    channel.retire()
    return null
  }

  async #open(peer: PeerId, connect: () => Promise<Link>, signal: AbortSignal): Promise<RpcChannel> {
    const link = await connect()
    signal.throwIfAborted()
    const open = this.#usable(peer)
    if (open !== null && open.link === link) return open
    let opening = this.#opening.get(link)
    if (opening === undefined) {
      // Shared by all callers that wait for it, so bounded by its own deadline, not by one caller's.
      opening = RpcChannel.open(
        this.#context,
        link,
        AbortSignal.any([this.#context.stopping, AbortSignal.timeout(this.#context.limits.handshakeMs)]),
      )
        .then((channel) => {
          if (this.#context.links.link(peer) === link) this.#channels.set(peer, channel)
          return channel
        })
        .finally(() => this.#opening.delete(link))
      this.#opening.set(link, opening)
    }
    try {
      return await opening
    } catch (err) {
      if (err instanceof NotAdmittedError) throw err
      throw new PeerUnreachableError(
        `${peer} could not be called: ${err instanceof Error ? err.message : String(err)}`,
        peer,
        { cause: err },
      )
    }
  }
}

/** K1: one signal that ends with the caller's, the transport or the time-out. */
class Deadline {
  readonly #controller = new AbortController()
  readonly #sources: readonly AbortSignal[]
  readonly #timer: NodeJS.Timeout
  readonly #onAbort = (event: Event): void => {
    const source = event.target as AbortSignal
    this.#controller.abort(source === this.#sources[0] ? new StoppedError('the transport has stopped') : source.reason)
  }

  constructor(method: AnyMethod, peer: PeerId, stopping: AbortSignal, signal: AbortSignal | undefined) {
    this.#sources = signal === undefined ? [stopping] : [stopping, signal]
    for (const source of this.#sources) source.addEventListener('abort', this.#onAbort)
    this.#timer = setTimeout(() => {
      this.#controller.abort(
        new DOMException(`${peer} did not answer ${method.name} within ${method.timeoutMs} ms`, 'TimeoutError'),
      )
    }, method.timeoutMs)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  async race<Value>(run: Promise<Value>): Promise<Value> {
    const ended = Promise.withResolvers<never>()
    const onAbort = (): void => ended.reject(this.signal.reason as Error)
    this.signal.addEventListener('abort', onAbort)
    run.catch(() => undefined)
    return await Promise.race([run, ended.promise])
  }

  clear(): void {
    clearTimeout(this.#timer)
    for (const source of this.#sources) source.removeEventListener('abort', this.#onAbort)
  }
}

function decodeResponse<Req, Res>(peer: PeerId, method: RpcMethod<Req, Res>, body: Uint8Array): Res {
  try {
    return method.response.decode(body)
  } catch (err) {
    throw new RemoteError(`${peer} answered ${method.name} with what cannot be decoded`, 'ERR_CORRUPT', { cause: err })
  }
}
