/**
 * What connects one peer to the others: the ports of the transport, over the links of the world.
 *
 * 1. A stream is let in as the production transport does it: the receiver's own admission decides, by peer and storage id.
 * 2. Requests and answers are encoded and decoded; a request whose answer is lost may have been carried out.
 */
import {
  type Codec,
  type Dialer,
  type MultiaddrText,
  type PeerId,
  PeerUnreachableError,
  type Rpc,
  type RpcHandler,
  type RpcMethod,
} from '@pinset/interface'
import {
  describeMessage,
  type InstallSnapshot,
  type Message,
  type RaftTransport,
  type RaftTransportHandler,
  type SnapshotSendResult,
} from '@pinset/raft'

import { decodeRaftFrame, encodeRaftMessage } from '../../../packages/transport/src/codec/raft-codec.ts'
import type { ScenarioPeer } from './scenario-peer.ts'
import type { World } from './world.ts'

interface Served {
  readonly method: RpcMethod<unknown, unknown>
  readonly handler: RpcHandler<unknown, unknown>
}

export class PeerNetwork implements RaftTransport, Rpc, Dialer {
  readonly #world: World
  readonly #peer: ScenarioPeer
  readonly #find: (peerId: string) => ScenarioPeer | undefined
  readonly #served = new Map<string, Served>()
  readonly #heardMs = new Map<string, number>()
  /** Ends the stream of a snapshot that this peer sends, by its receiver. */
  readonly #streams = new Map<string, (reason: Error, isNoticed: boolean) => void>()
  #handler: RaftTransportHandler | null = null
  /** False once its process is gone. */
  alive = true

  constructor(world: World, peer: ScenarioPeer, find: (peerId: string) => ScenarioPeer | undefined) {
    this.#world = world
    this.#peer = peer
    this.#find = find
  }

  setHandler(handler: RaftTransportHandler): void {
    this.#handler = handler
  }

  send(message: Exclude<Message, InstallSnapshot>): void {
    const { peerId } = this.#peer
    const { to } = message
    const bytes = encodeRaftMessage(message)
    const target = this.#find(to)
    if (!this.alive || target === undefined) return
    this.#world.send(peerId, to, target, {
      text: describeMessage(message)
        .replace(/^\S+ /, '')
        .replaceAll(/(?:"[^"]*"|0x[0-9a-f]*)… (\d+B)/g, '$1'),
      arrive: () => {
        const frame = decodeRaftFrame(bytes, peerId, to)
        if (frame.kind === 'message' && this.alive) void target.network?.receive(this.#peer, frame.message)
      },
      lost: () => {},
    })
  }

  async receive(from: ScenarioPeer, message: Message): Promise<void> {
    if (await this.#admits(from)) {
      this.#heardMs.set(from.peerId, this.#world.nowMs)
      if (this.alive) this.#handler?.onMessage(message)
    }
  }

  async sendSnapshot(
    message: InstallSnapshot,
    open: (resumeAfter: Uint8Array) => AsyncIterable<Uint8Array>,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<SnapshotSendResult> {
    const target = await this.#reach(
      message.to as PeerId,
      `snapshot at ${message.snapshot.term}/${message.snapshot.index}`,
    )
    if (target.#handler === null || !(await target.#admits(this.#peer))) throw unreachable(message.to)
    const answer = await target.#handler.onSnapshot({ ...message, snapshot: { ...message.snapshot } })
    if (answer.kind === 'refused') return answer
    const fill = async (): Promise<void> => {
      for await (const chunk of open(answer.resumeAfter)) {
        await this.#pass(target, `chunk of ${chunk.length}B`)
        options.signal?.throwIfAborted()
        await answer.sink.write(chunk.slice())
      }
      await answer.sink.end()
      await target.#pass(this, 'snapshot received')
    }
    let isNoticed = true
    const broken = new Promise<never>((_, reject) =>
      this.#streams.set(message.to, (reason, isNoticedThere) => {
        isNoticed = isNoticedThere
        reject(reason)
      }),
    )
    try {
      await Promise.race([fill(), broken])
    } catch (err) {
      if (isNoticed) answer.sink.abort(err as Error)
      throw err
    } finally {
      this.#streams.delete(message.to)
    }
    return { kind: 'received' }
  }

  /**
   * The stream of a snapshot to this peer breaks off now, whatever it waits for; what its receiver does then ends by itself.
   *
   * @param isNoticed - by the receiver.
   */
  breakStream(to: PeerId, isNoticed: boolean): void {
    const end = this.#streams.get(to)
    if (end === undefined) throw new Error(`${this.#peer.peerId} sends ${to} no snapshot`)
    end(unreachable(to), isNoticed)
  }

  async call<Request, Response>(
    peer: PeerId,
    method: RpcMethod<Request, Response>,
    request: Request,
  ): Promise<Response> {
    const target = peer === this.#peer.peerId ? this : await this.#reach(peer, `${method.name} request`)
    const served = target.#served.get(method.name)
    const isMember = target.#peer.consensus.admission.isMember(this.#peer.peerId)
    if (served === undefined || (method.policy === 'member' && !isMember)) throw unreachable(peer)
    const { signal } = new AbortController()
    const response = await served.handler(recode(method.request, request), { from: this.#peer.peerId, signal })
    if (target !== this) await target.#pass(this, `${method.name} response`)
    return recode(method.response, response as Response)
  }

  async callAddress<Request, Response>(
    address: MultiaddrText,
    method: RpcMethod<Request, Response>,
    request: Request,
  ): Promise<Response> {
    return await this.call(address.slice(address.lastIndexOf('/') + 1) as PeerId, method, request)
  }

  handle<Request, Response>(method: RpcMethod<Request, Response>, handler: RpcHandler<Request, Response>): () => void {
    this.#served.set(method.name, { method, handler } as never)
    return () => this.#served.delete(method.name)
  }

  setPeers(): void {}

  sinceHeardMs(peer: PeerId): number | null {
    const heardMs = this.#heardMs.get(peer)
    return heardMs === undefined ? null : this.#world.nowMs - heardMs
  }

  listenAddresses(): readonly MultiaddrText[] {
    return [this.#peer.address]
  }

  async #admits(from: ScenarioPeer): Promise<boolean> {
    const sender = from.running?.consensus.admission.identity()
    const own = this.#peer.running?.consensus.admission
    if (sender === undefined || own === undefined || !this.alive) return false
    if (sender.clusterId === null || own.identity().clusterId !== sender.clusterId) return false
    const answer = await own.admit(from.peerId, sender.storageId)
    if (answer.kind === 'refused') this.#peer.refused(answer.reason)
    return answer.kind === 'admitted'
  }

  async #reach(peerId: PeerId, text: string): Promise<PeerNetwork> {
    const target = this.#find(peerId)
    if (target === undefined) throw unreachable(peerId)
    await new Promise<void>((resolve, reject) => {
      const lost = (): void => reject(unreachable(peerId))
      this.#world.send(this.#peer.peerId, peerId, target, { text, arrive: resolve, lost })
    })
    const { network } = target
    if (!this.alive || network === null) throw unreachable(peerId)
    return network
  }

  async #pass(to: PeerNetwork, text: string): Promise<void> {
    const peerId = to.#peer.peerId
    await new Promise<void>((resolve, reject) => {
      const lost = (): void => reject(unreachable(peerId))
      this.#world.send(this.#peer.peerId, peerId, to.#peer, { text, arrive: resolve, lost })
    })
    if (!this.alive || !to.alive) throw unreachable(peerId)
  }
}

function unreachable(peerId: string): PeerUnreachableError {
  return new PeerUnreachableError(`${peerId} is out of reach, or its answer was lost`, peerId as PeerId)
}

function recode<Value>(codec: Codec<Value>, value: Value): Value {
  return codec.decode(codec.encode(value))
}
