/** Requests from peer to peer. A method is declared once, in a table; client and server derive from it. */
import type { AbortOptions } from './options.ts'
import type { MultiaddrText, PeerId } from './peer.ts'

/** Who may call: anybody who is on the private network, members of the newest membership, or only the own process. */
export type RpcPolicy = 'open' | 'member' | 'self'

export interface Codec<Value> {
  encode(value: Value): Uint8Array
  /** @throws when the bytes are not an encoding; the caller refuses the request. */
  decode(bytes: Uint8Array): Value
}

/** One method: its name on the wire, who may call it, its codecs and its limits. */
export interface RpcMethod<Request, Response> {
  /** `<room>.<verb>`, e.g. `consensus.propose`. */
  readonly name: string
  readonly policy: RpcPolicy
  readonly request: Codec<Request>
  readonly response: Codec<Response>
  /** How long the caller waits when its own signal does not end first. */
  readonly timeoutMs: number
}

export interface RpcContext {
  /** The authenticated peer at the other end of the connection; the own peer for a call to oneself. */
  readonly from: PeerId
  /** Ends when the caller has gone or given up. */
  readonly signal: AbortSignal
}

export type RpcHandler<Request, Response> = (request: Request, context: RpcContext) => Promise<Response>

/**
 * Calls methods of other peers and serves the own ones.
 *
 * An error thrown by a handler reaches the caller with its class when it is one of the errors of this package, else as
 * `RemoteError`. A caller that gets `PeerUnreachableError` cannot know whether the handler ran.
 */
export interface Rpc {
  call<Request, Response>(
    peer: PeerId,
    method: RpcMethod<Request, Response>,
    request: Request,
    options?: AbortOptions,
  ): Promise<Response>
  /** Call a peer that is not known yet, at an address that ends in `/p2p/<peerId>`. */
  callAddress<Request, Response>(
    address: MultiaddrText,
    method: RpcMethod<Request, Response>,
    request: Request,
    options?: AbortOptions,
  ): Promise<Response>
  /** Serve a method; a second handler for the same name is a programmer error. Returns what takes it away again. */
  handle<Request, Response>(method: RpcMethod<Request, Response>, handler: RpcHandler<Request, Response>): () => void
}
