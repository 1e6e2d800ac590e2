/**
 * Owns snapshot streams in virtual time: offered, admitted, chunk by chunk, and broken in the middle.
 *
 * SN1 A chunk leaves when the one before was taken in. SN2 Both ends hear of the end of a stream, each after a while of its own.
 */
import { PeerUnreachableError, type PeerId } from '@pinset/interface'
import type { InstallSnapshot, SnapshotAnswer, SnapshotSendResult, SnapshotSink } from '@pinset/raft'

import type { SimulatedTransport } from './transport.ts'

/** One transfer, as the sender sees it. */
interface Outgoing {
  readonly to: PeerId
  readonly breakOff: (err: Error) => void
}

export class SnapshotStreams {
  readonly #transport: SimulatedTransport
  readonly #outgoing = new Set<Outgoing>()

  constructor(transport: SimulatedTransport) {
    this.#transport = transport
  }

  get sending(): number {
    return this.#outgoing.size
  }

  /** Break all streams to this peer, or all. @returns how many there were. */
  broken(peer: PeerId | null): number {
    const broken = [...this.#outgoing].filter(({ to }) => peer === null || to === peer)
    for (const { to, breakOff } of broken) {
      breakOff(new PeerUnreachableError(`the snapshot stream to ${to} was lost`, to))
    }
    return broken.length
  }

  async send(
    message: InstallSnapshot,
    open: (resumeAfter: Uint8Array) => AsyncIterable<Uint8Array>,
    { signal }: { readonly signal?: AbortSignal },
  ): Promise<SnapshotSendResult> {
    const to = message.to as PeerId
    const { world } = this.#transport
    signal?.throwIfAborted()
    const broken = Promise.withResolvers<never>()
    broken.promise.catch(() => {})
    const outgoing: Outgoing = { to, breakOff: broken.reject }
    const onAbort = (): void => broken.reject(signal?.reason as Error)
    signal?.addEventListener('abort', onAbort)
    this.#outgoing.add(outgoing)
    let sink: SnapshotSink | null = null
    try {
      const answer = await Promise.race([this.#offer(message), broken.promise])
      if (answer.kind === 'refused') {
        world.count('snapshot refused')
        return answer
      }
      ;({ sink } = answer)
      world.count(answer.resumeAfter.length > 0 ? 'snapshot resumed' : 'snapshot begun')
      const receiving = sink
      for await (const chunk of open(answer.resumeAfter)) {
        const copy = chunk.slice()
        await Promise.race([this.#atReceiver(to, () => receiving.write(copy)), broken.promise])
      }
      await Promise.race([this.#atReceiver(to, () => receiving.end()), broken.promise])
      world.count('snapshot sent')
      return { kind: 'received' }
    } catch (err) {
      world.count('snapshot stream broken')
      this.#abort(to, sink, err as Error)
      if (signal?.aborted === true) {
        throw err
      }
      throw new PeerUnreachableError(`the snapshot stream to ${to} broke`, to, { cause: err })
    } finally {
      this.#outgoing.delete(outgoing)
      signal?.removeEventListener('abort', onAbort)
    }
  }

  async #offer(message: InstallSnapshot): Promise<SnapshotAnswer> {
    const { peer, identity } = this.#transport
    const copy: InstallSnapshot = { ...message, snapshot: { ...message.snapshot } }
    return await this.#atReceiver(message.to as PeerId, async (receiver) => {
      if (receiver.handler === null || !(await receiver.admits(peer.id, identity))) {
        return { kind: 'refused', reason: 'not admitted' }
      }
      return await receiver.handler.onSnapshot(copy)
    })
  }

  /** SN2: also a receiver that takes note of a broken stream only after the sender has. */
  #abort(to: PeerId, sink: SnapshotSink | null, reason: Error): void {
    if (sink !== null) {
      const { world } = this.#transport
      const receiver = world.transportOf(to)
      world.schedule(world.network.delay(), () => {
        if (receiver !== undefined && receiver === world.transportOf(to)) {
          receiver.process.when(() => sink.abort(reason))
        }
      })
    }
  }

  /** Have that process do it, one way there, one way back. Rejects when it is out of reach or goes down meanwhile. */
  #atReceiver<Value>(to: PeerId, act: (receiver: SimulatedTransport) => Promise<Value>): Promise<Value> {
    const { world, peer, process } = this.#transport
    return new Promise((resolve, reject) => {
      const failed = (): void => process.when(() => reject(new PeerUnreachableError(`${to} is out of reach`, to)), to)
      const lost = (): void => world.schedule(world.network.delay(), failed)
      const back = (settle: () => void): void =>
        world.network.send({ from: to, to: peer.id, arrive: () => process.when(settle, to), lost })
      let hasArrived = false
      world.network.send({
        from: peer.id,
        to,
        lost,
        arrive: () => {
          if (hasArrived) {
            return // What the network carries twice, a stream does not.
          }
          hasArrived = true
          const receiver = world.transportOf(to)
          if (receiver === undefined) {
            lost()
            return
          }
          const run = (): void => {
            const forget = receiver.process.onEnd(lost)
            act(receiver)
              .finally(forget)
              .then(
                (value) => back(() => resolve(value)),
                (err: unknown) => back(() => reject(err)),
              )
          }
          receiver.process.when(run, peer.id, lost)
        },
      })
    })
  }
}
