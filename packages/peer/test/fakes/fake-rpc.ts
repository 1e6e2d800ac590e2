/** Members that answer by functions; requests and answers pass through the codecs of their methods, as on the wire. */
import type { AbortOptions, MultiaddrText, PeerId, Rpc, RpcMethod } from '@pinset/interface'

export class FakeRpc implements Rpc {
  /** Calls in order: `<peer> <method>`. */
  readonly calls: string[] = []
  readonly requests: unknown[] = []
  readonly #answers = new Map<string, (request: never) => unknown>()

  /** What this member answers; it may throw or return a promise. */
  answer<Request, Response>(
    peer: PeerId,
    method: RpcMethod<Request, Response>,
    answer: (request: Request) => Response | Promise<Response>,
  ): void {
    this.#answers.set(`${peer} ${method.name}`, answer)
  }

  async call<Request, Response>(
    peer: PeerId,
    method: RpcMethod<Request, Response>,
    request: Request,
    options: AbortOptions = {},
  ): Promise<Response> {
    options.signal?.throwIfAborted()
    const key = `${peer} ${method.name}`
    this.calls.push(key)
    const decoded = method.request.decode(method.request.encode(request))
    this.requests.push(decoded)
    const answer = this.#answers.get(key) as ((request: Request) => Response | Promise<Response>) | undefined
    if (answer === undefined) throw new Error(`${peer} cannot be reached`)
    const given = Promise.withResolvers<never>()
    given.promise.catch(() => undefined)
    options.signal?.addEventListener('abort', () => given.reject(options.signal?.reason as Error))
    return method.response.decode(method.response.encode(await Promise.race([answer(decoded), given.promise])))
  }

  async callAddress<Request, Response>(
    address: MultiaddrText,
    method: RpcMethod<Request, Response>,
  ): Promise<Response> {
    throw new Error(`${address} is not asked for ${method.name}`)
  }

  handle(): () => void {
    return () => {}
  }
}
