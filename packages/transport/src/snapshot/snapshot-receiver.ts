/**
 * Receives snapshots on streams that other peers open.
 *
 * V1 A chunk's bytes are credited to the sender once `sink.write` has resolved, so that no more than the window is ever held here.
 * V2 The sink ends in exactly one way: `end`, or `abort` with the reason.
 */
import type { InstallSnapshot, SnapshotAnswer, SnapshotSink } from '@pinset/raft'

import { admissionRefusal } from '../admission-refusal.ts'
import { answerGreeting, receiveGreeting } from '../handshake.ts'
import type { ByteStream, Link } from '../network/network.ts'
import type { ProtocolContext } from '../protocol-context.ts'
import { ownSide } from '../protocol-context.ts'
import { SnapshotChannel } from './snapshot-channel.ts'

export type OnSnapshot = (message: InstallSnapshot) => Promise<SnapshotAnswer>

export class SnapshotReceiver {
  readonly #context: ProtocolContext
  readonly #onSnapshot: OnSnapshot
  readonly #channels = new Set<SnapshotChannel>()

  constructor(context: ProtocolContext, onSnapshot: OnSnapshot) {
    this.#context = context
    this.#onSnapshot = onSnapshot
  }

  accept(stream: ByteStream, link: Link): void {
    const { limits, links, logger, stopping } = this.#context
    const channel = new SnapshotChannel(stream, link.remotePeer, this.#context)
    this.#channels.add(channel)
    const release = links.hold(link)
    const signal = AbortSignal.any([stopping, AbortSignal.timeout(limits.handshakeMs)])
    this.#serve(channel, link, signal)
      .catch((err: unknown) => {
        logger.warn('A snapshot was not received', { peer: link.remotePeer, err })
        channel.fail(err as Error)
      })
      .finally(() => {
        this.#channels.delete(channel)
        release()
      })
  }

  stop(): void {
    for (const channel of this.#channels) channel.abort(new Error('the transport was stopped'))
  }

  async #serve(channel: SnapshotChannel, link: Link, signal: AbortSignal): Promise<void> {
    const { limits, links, notices } = this.#context
    const other = await receiveGreeting(channel.frames, link.remotePeer, signal)
    let refusal = await admissionRefusal(this.#context, ownSide(this.#context), other, signal)
    if (refusal !== null)
      notices.warn(other.peer, `snapshot in ${refusal}`, `The snapshot stream of a peer was refused: ${refusal}`)
    else if (this.#channels.size > limits.snapshotInbound)
      refusal = `${this.#channels.size - 1} snapshots are being received already`
    answerGreeting(channel.frames, ownSide(this.#context), refusal)
    channel.open()
    if (refusal !== null) return
    links.heard(other.peer)
    const install = await channel.take()
    if (install.kind !== 'install') throw new Error(`the stream opens with "${install.kind}"`)
    const answer = await channel.working(this.#onSnapshot(install.message))
    if (answer.kind === 'refused') {
      channel.send({ kind: 'refuse', reason: answer.reason })
      channel.frames.finish()
      return
    }
    await receive(channel, answer)
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
