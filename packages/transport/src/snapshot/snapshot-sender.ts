/**
 * Sends one snapshot on a stream of its own.
 *
 * W1 At most `snapshotWindowBytes` are on the way that the receiver has not taken in; a larger chunk travels alone.
 */
import { InvalidRequestError, NotAdmittedError, PeerUnreachableError } from '@pinset/interface'
import type { PeerId } from '@pinset/interface'
import type { InstallSnapshot, SnapshotSendResult } from '@pinset/raft'

import { clusterMismatch, greet } from '../handshake.ts'
import type { ProtocolContext } from '../protocol-context.ts'
import { ownSide } from '../protocol-context.ts'
import { SnapshotChannel } from './snapshot-channel.ts'

export type OpenChunks = (resumeAfter: Uint8Array) => AsyncIterable<Uint8Array>

/** @throws {PeerUnreachableError | NotAdmittedError} or what `open` throws, or the signal's reason. */
export async function sendSnapshot(
  context: ProtocolContext,
  message: InstallSnapshot,
  open: OpenChunks,
  signal?: AbortSignal,
): Promise<SnapshotSendResult> {
  const peer = message.to as PeerId
  const stop = signal === undefined ? context.stopping : AbortSignal.any([context.stopping, signal])
  stop.throwIfAborted()
  const link = await context.links.acquire(peer, 'now')
  const release = context.links.hold(link)
  let channel: SnapshotChannel | null = null
  const onStop = (): void => channel?.abort(stop.reason as Error)
  stop.addEventListener('abort', onStop)
  try {
    const handshake = AbortSignal.any([stop, AbortSignal.timeout(context.limits.handshakeMs)])
    channel = new SnapshotChannel(await link.openStream('snapshot', handshake), peer, context)
    const own = ownSide(context)
    const reason = clusterMismatch(own, await greet(channel.frames, own, peer, handshake))
    if (reason !== null) throw new NotAdmittedError(reason)
    return await transfer(channel, message, {
      open,
      windowBytes: context.limits.snapshotWindowBytes,
      maxChunkBytes: context.limits.maxBodyBytes,
    })
  } catch (err) {
    channel?.abort(err as Error)
    stop.throwIfAborted()
    if (err instanceof ChunkSourceError) throw err.cause
    if (err instanceof NotAdmittedError) {
      context.notices.warn(peer, `snapshot out ${err.message}`, `A peer does not take a snapshot: ${err.message}`)
      throw err
    }
    const message = err instanceof Error ? err.message : String(err)
    throw new PeerUnreachableError(`the snapshot for ${peer} was broken off: ${message}`, peer, { cause: err })
  } finally {
    stop.removeEventListener('abort', onStop)
    release()
  }
}

/** The fault is this side's, not the network's. */
class ChunkSourceError extends Error {}

interface TransferInit {
  readonly open: OpenChunks
  readonly windowBytes: number
  readonly maxChunkBytes: number
}

async function transfer(
  channel: SnapshotChannel,
  message: InstallSnapshot,
  init: TransferInit,
): Promise<SnapshotSendResult> {
  channel.open()
  channel.send({ kind: 'install', message })
  const answer = await channel.take()
  if (answer.kind === 'refuse') {
    channel.frames.finish()
    return { kind: 'refused', reason: answer.reason }
  }
  if (answer.kind !== 'accept') throw new Error(`the snapshot was answered with "${answer.kind}"`)
  await sendChunks(channel, answer.resumeAfter, init)
  channel.send({ kind: 'end' })
  for (;;) {
    const last = await channel.take()
    if (last.kind === 'credit') continue
    if (last.kind === 'failed') throw new Error(`the receiver could not take it: ${last.reason}`)
    if (last.kind !== 'received') throw new Error(`the end of the snapshot was answered with "${last.kind}"`)
    channel.frames.finish()
    return { kind: 'received' }
  }
}

async function sendChunks(channel: SnapshotChannel, resumeAfter: Uint8Array, init: TransferInit): Promise<void> {
  const chunks = init.open(resumeAfter)[Symbol.asyncIterator]()
  let onTheWay = 0
  try {
    for (;;) {
      const next = await channel.working(nextChunk(chunks))
      if (next.done === true) return
      const bytes = next.value.byteLength
      if (bytes > init.maxChunkBytes) {
        throw new ChunkSourceError('', {
          cause: new InvalidRequestError(
            `a snapshot chunk of ${bytes} bytes is over the limit of ${init.maxChunkBytes}`,
          ),
        })
      }
      // W1
      while (onTheWay > 0 && onTheWay + bytes > init.windowBytes) {
        const frame = await channel.take()
        if (frame.kind === 'failed') throw new Error(`the receiver could not take it: ${frame.reason}`)
        if (frame.kind !== 'credit' || frame.bytes > onTheWay)
          throw new Error(`a chunk was answered with "${frame.kind}"`)
        onTheWay -= frame.bytes
      }
      onTheWay += bytes
      channel.send({ kind: 'chunk', data: next.value })
    }
  } finally {
    // The source may be in the middle of a read: it is told to stop, and not waited for.
    chunks.return?.().catch(() => undefined)
  }
}

async function nextChunk(chunks: AsyncIterator<Uint8Array>): Promise<IteratorResult<Uint8Array>> {
  try {
    return await chunks.next()
  } catch (err) {
    throw new ChunkSourceError('', { cause: err })
  }
}
