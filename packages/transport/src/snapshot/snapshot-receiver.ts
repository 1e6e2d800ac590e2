/**
 * Receives snapshots on streams that other peers open.
 *
 * V1 A chunk's bytes are credited to the sender once `sink.write` has resolved, so that no more than the window is ever held here.
 * V2 The sink ends in exactly one way: `end`, or `abort` with the reason.
 * V3 Only streams that were let in are counted, so that those of strangers keep no snapshot away.
 */
import type { PeerId } from '@pinset/interface'
import type { InstallSnapshot, SnapshotAnswer, SnapshotSink } from '@pinset/raft'

import { admissionRefusal } from '../admission-refusal.ts'
import { receiveGreeting, refuse, welcome } from '../handshake.ts'
import type { ByteStream, Link } from '../network/network.ts'
import type { ProtocolContext } from '../protocol-context.ts'
import { ownSide } from '../protocol-context.ts'
import { SnapshotChannel } from './snapshot-channel.ts'

export type OnSnapshot = (message: InstallSnapshot) => Promise<SnapshotAnswer>

export class SnapshotReceiver {
  readonly #context: ProtocolContext
  readonly #onSnapshot: OnSnapshot
  readonly #channels = new Set<SnapshotChannel>()
  /** Let in, and not ended yet (V3). */
  #receiving = 0

  constructor(context: ProtocolContext, onSnapshot: OnSnapshot) {
    this.#context = context
    this.#onSnapshot = onSnapshot
  }

  accept(stream: ByteStream, link: Link): void {
    const { limits, links, notices, stopping } = this.#context
    const channel = new SnapshotChannel(stream, link.remotePeer, this.#context)
    this.#channels.add(channel)
    const release = links.hold(link)
    const signal = AbortSignal.any([stopping, AbortSignal.timeout(limits.handshakeMs)])
    this.#admit(channel, link, signal)
      .catch((err: unknown) => {
        const { message } = err as Error
        notices.warn(link.remotePeer, 'snapshot opening', `A snapshot stream could not be opened: ${message}`)
        channel.abort(err as Error)
      })
      .finally(() => {
        this.#channels.delete(channel)
        release()
      })
  }

  stop(): void {
    for (const channel of this.#channels) channel.abort(new Error('the transport was stopped'))
  }

  async #admit(channel: SnapshotChannel, link: Link, signal: AbortSignal): Promise<void> {
    const { limits, notices } = this.#context
    const other = await receiveGreeting(channel.frames, link.remotePeer, signal)
    let refusal = await admissionRefusal(this.#context, ownSide(this.#context), other, signal)
    if (refusal !== null)
      notices.warn(other.peer, `snapshot in ${refusal}`, `The snapshot stream of a peer was refused: ${refusal}`)
    else if (this.#receiving >= limits.snapshotInbound)
      refusal = `${this.#receiving} snapshots are being received already`
    if (refusal !== null) {
      await refuse(channel.frames, ownSide(this.#context), refusal, signal)
      return
    }
    this.#receiving++ // V3
    try {
      welcome(channel.frames, ownSide(this.#context))
      await this.#serve(channel, other.peer)
    } finally {
      this.#receiving--
    }
  }

  async #serve(channel: SnapshotChannel, peer: PeerId): Promise<void> {
    channel.open()
    this.#context.links.heard(peer)
    try {
      const install = await channel.take()
      if (install.kind !== 'install') throw new Error(`the stream opens with "${install.kind}"`)
      const answer = await channel.working(this.#onSnapshot(install.message))
      if (answer.kind === 'refused') {
        channel.send({ kind: 'refuse', reason: answer.reason })
        channel.frames.finish()
        return
      }
      await receive(channel, answer)
    } catch (err) {
      this.#context.logger.warn('A snapshot was not received', { peer, err })
      channel.fail(err as Error)
    }
  }
}

async function receive(channel: SnapshotChannel, answer: Extract<SnapshotAnswer, { kind: 'accepted' }>): Promise<void> {
  const { sink, resumeAfter } = answer
  try {
    channel.send({ kind: 'accept', resumeAfter })
    await receiveChunks(channel, sink)
    await channel.working(sink.end())
  } catch (err) {
    // V2
    sink.abort(err as Error)
    throw err
  }
  // It is here whole, even if the sender does not learn so.
  channel.send({ kind: 'received' })
  channel.frames.finish()
}

async function receiveChunks(channel: SnapshotChannel, sink: SnapshotSink): Promise<void> {
  for (;;) {
    const frame = await channel.take()
    if (frame.kind === 'end') return
    if (frame.kind !== 'chunk') throw new Error(`"${frame.kind}" came instead of a chunk`)
    await channel.working(sink.write(frame.data))
    if (frame.data.byteLength > 0) channel.send({ kind: 'credit', bytes: frame.data.byteLength }) // V1
  }
}
