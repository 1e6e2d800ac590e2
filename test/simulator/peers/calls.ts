/**
 * Owns calls from peer to peer in virtual time, as the production transport promises them: they end with an answer, the caller's
 * signal, the method's time-out, or the end of the connection, after which nobody knows whether the handler ran.
 *
 * CA1 Requests and answers cross as bytes. CA2 A method for members is served to members of the own cluster and epoch only.
 * CA3 A process that is gone neither calls nor answers. CA4 A request is carried out once at most, for streams repeat nothing: the same
 * operation proposed twice could be refused after it was accepted.
 */
import {
  isErrorCode,
  NotAdmittedError,
  PeerUnreachableError,
  RevisionTimeoutError,
  tryErrorOfCode,
  type AbortOptions,
  type MultiaddrText,
  type PeerId,
  type Rpc,
  type RpcHandler,
  type RpcMethod,
} from '@pinset/interface'
import { RemoteError } from '@pinset/transport'

import type { SimulatedTransport } from './transport.ts'

interface Served {
  readonly policy: RpcMethod<unknown, unknown>['policy']
  readonly run: (body: Uint8Array, from: PeerId, signal: AbortSignal) => Promise<Uint8Array>
}

interface Call {
  readonly to: PeerId
  /** With what the process at the other end said, or with what ended the wait. */
  readonly resolve: (body: Uint8Array) => void
  readonly reject: (err: Error) => void
}

export class Calls implements Rpc {
  readonly #transport: SimulatedTransport
  readonly #served = new Map<string, Served>()
  readonly #calls = new Map<number, Call>()
  /** Handlers that run for others. */
  readonly #serving = new Map<string, AbortController>()
  #next = 0

  constructor(transport: SimulatedTransport) {
    this.#transport = transport
  }

  async call<Request, Response>(
    peer: PeerId,
    method: RpcMethod<Request, Response>,
    request: Request,
    { signal }: AbortOptions = {},
  ): Promise<Response> {
    signal?.throwIfAborted()
    const body = method.request.encode(request)
    const isSelf = peer === this.#transport.peer.id
    const own = isSelf ? this.#served.get(method.name) : undefined
    if (isSelf && own === undefined) {
      throw new RemoteError(`${method.name} is not served`, 'ERR_UNKNOWN_METHOD')
    }
    const answer =
      own === undefined
        ? await this.#callOther(peer, method, body, signal)
        : await own.run(body, peer, signal ?? new AbortController().signal)
    return method.response.decode(answer)
  }

  async callAddress<Request, Response>(
    address: MultiaddrText,
    method: RpcMethod<Request, Response>,
    request: Request,
    options: AbortOptions = {},
  ): Promise<Response> {
    return await this.call(address.slice(address.lastIndexOf('/') + 1) as PeerId, method, request, options)
  }

  handle<Request, Response>(method: RpcMethod<Request, Response>, handler: RpcHandler<Request, Response>): () => void {
    const run = async (body: Uint8Array, from: PeerId, signal: AbortSignal): Promise<Uint8Array> =>
      method.response.encode(await handler(method.request.decode(body), { from, signal }))
    this.#served.set(method.name, { policy: method.policy, run })
    return () => this.#served.delete(method.name)
  }

  /** The connection to that peer is broken: what is asked of it will not be answered. */
  broken(peer: PeerId): void {
    for (const { to, reject } of this.#calls.values()) {
      if (to === peer) {
        reject(new PeerUnreachableError(`the connection to ${peer} was lost`, peer))
      }
    }
    for (const [key, controller] of this.#serving) {
      if (key.startsWith(`${peer} `)) {
        controller.abort(new PeerUnreachableError('the caller has gone', peer))
      }
    }
  }

  #callOther(
    to: PeerId,
    method: Pick<RpcMethod<never, unknown>, 'name' | 'timeoutMs'>,
    body: Uint8Array,
    signal: AbortSignal | undefined,
  ): Promise<Uint8Array> {
    const { world, peer, process } = this.#transport
    const id = ++this.#next
    return new Promise((resolve, reject) => {
      const cancelTimer = process.clock.setTimer(method.timeoutMs, () => {
        giveUp(new DOMException(`${to} did not answer ${method.name} in time`, 'TimeoutError'))
      })
      const onAbort = (): void => giveUp(signal?.reason as Error)
      signal?.addEventListener('abort', onAbort)
      const end = (): void => {
        this.#calls.delete(id)
        cancelTimer()
        signal?.removeEventListener('abort', onAbort)
      }
      const giveUp = (err: Error): void => {
        end()
        reject(err)
        const cancelled = `${peer.id} ${process.run} ${id}`
        world.network.send({ from: peer.id, to, arrive: () => world.transportOf(to)?.calls.cancel(cancelled) })
      }
      this.#calls.set(id, {
        to,
        resolve: (answer) => {
          end()
          this.#trace(() => `${method.name} is answered by ${to}`)
          resolve(answer)
        },
        reject: (err) => {
          end()
          this.#trace(() => `${method.name} by ${to}: ${err.name}: ${err.message}`)
          reject(err)
        },
      })
      this.#trace(() => `calls ${method.name} of ${to}`)
      this.#send(id, to, method.name, body)
    })
  }

  #send(id: number, to: PeerId, method: string, body: Uint8Array): void {
    const { world, peer, identity, process } = this.#transport
    const lost = (): void =>
      process.when(() => {
        this.#calls.get(id)?.reject(new PeerUnreachableError(`${to} could not be called`, to))
      }, to)
    let hasArrived = false
    world.network.send({
      from: peer.id,
      to,
      arrive: () => {
        if (hasArrived) {
          return // CA4
        }
        hasArrived = true
        const other = world.transportOf(to)
        if (other === undefined) {
          world.schedule(world.network.delay(), lost)
          return
        }
        const serve = (): void =>
          other.calls.#serve(`${peer.id} ${process.run} ${id}`, peer.id, identity, method, body, answered)
        other.process.when(serve, peer.id, lost)
      },
      lost: () => world.schedule(world.network.delay(), lost),
    })
    const answered = (settle: (call: Call) => void): void => {
      world.network.send({
        from: to,
        to: peer.id,
        arrive: () =>
          process.when(() => {
            this.#transport.heard(to)
            const call = this.#calls.get(id)
            if (call !== undefined) {
              settle(call)
            }
          }, to),
        lost: () => world.schedule(world.network.delay(), lost),
      })
    }
  }

  #trace(text: () => string): void {
    const { world, peer } = this.#transport
    if (world.trace.prints) {
      world.trace.line(world.now, peer.name, text())
    }
  }

  cancel(key: string): void {
    this.#transport.process.when(() => this.#serving.get(key)?.abort(new Error('the caller has given up')))
  }

  #serve(
    key: string,
    from: PeerId,
    theirs: SimulatedTransport['identity'],
    name: string,
    body: Uint8Array,
    answer: (settle: (call: Call) => void) => void,
  ): void {
    const { peer, isOpen } = this.#transport
    const served = this.#served.get(name)
    if (!isOpen || served === undefined) {
      answer(({ reject }) => reject(new RemoteError(`${name} is not served`, 'ERR_UNKNOWN_METHOD')))
      return
    }
    this.#transport.heard(from)
    const own = this.#transport.identity
    if (served.policy === 'member') {
      const isCluster = own.clusterId === theirs.clusterId && own.epoch === theirs.epoch
      if (!isCluster || peer.consensus?.admission.isMember(from) !== true) {
        answer(({ reject }) => reject(new NotAdmittedError(`${name} is for members`))) // CA2
        return
      }
    }
    const controller = new AbortController()
    this.#serving.set(key, controller)
    void this.#run(served, { key, body, from, signal: controller.signal }, answer)
  }

  async #run(
    served: Served,
    { key, body, from, signal }: { key: string; body: Uint8Array; from: PeerId; signal: AbortSignal },
    answer: (settle: (call: Call) => void) => void,
  ): Promise<void> {
    let settle: (call: Call) => void
    try {
      const response = await served.run(body, from, signal)
      settle = ({ resolve }) => resolve(response)
    } catch (err) {
      settle = ({ reject }) => reject(acrossTheWire(err))
    }
    this.#serving.delete(key)
    if (this.#transport.process.alive && this.#transport.isOpen) {
      answer(settle) // CA3
    }
  }
}

/** The class that an error has at the other end. */
function acrossTheWire(err: unknown): Error {
  const message = err instanceof Error ? err.message : String(err)
  const code = err instanceof Error && 'code' in err ? err.code : null
  const appliedIndex = err instanceof RevisionTimeoutError ? err.appliedIndex : 0
  const peerId = err instanceof PeerUnreachableError ? err.peerId : null
  const known = isErrorCode(code) ? tryErrorOfCode(code, message, { appliedIndex, peerId }) : undefined
  return known ?? new RemoteError(message, 'ERR_HANDLER_FAILED', { cause: err })
}
