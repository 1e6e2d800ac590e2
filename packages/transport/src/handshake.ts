/**
 * The first frame of every stream: who the two sides are, and whether they may talk.
 *
 * H1 Both sides compare protocol version, cluster id and epoch; either refuses, and the reason names both values.
 * H2 A peer without a cluster matches nobody, not even another one without.
 * H3 Before a stream is let in, its frames are short. A refused stream is read to its end, or broken off when that does not come.
 */
import { NotAdmittedError } from '@pinset/interface'
import type { PeerId, StreamIdentity } from '@pinset/interface'

import { decodeHello, decodeHelloAnswer, encodeHello, encodeHelloAnswer } from './codec/hello-codec.ts'
import type { Hello } from './codec/hello-codec.ts'
import type { FrameStream } from './frame-stream.ts'

const PROTOCOL_VERSION = 1

export interface Side {
  readonly peer: PeerId
  readonly hello: Hello
}

export function helloOf(identity: StreamIdentity, release: string): Hello {
  const { clusterId, epoch, storageId } = identity
  return { protocolVersion: PROTOCOL_VERSION, clusterId, epoch, storageId, release }
}

/** Is what a stream was opened with still who this peer is? */
export function sameIdentity(a: StreamIdentity, b: StreamIdentity): boolean {
  return a.clusterId === b.clusterId && a.epoch === b.epoch && a.storageId === b.storageId
}

/** Why these two do not speak the same protocol; null when they do. */
export function versionMismatch(a: Side, b: Side): string | null {
  if (a.hello.protocolVersion === b.hello.protocolVersion) return null
  const spoken = ({ peer, hello }: Side): string =>
    `${peer} (release ${hello.release}) speaks version ${hello.protocolVersion}`
  return `protocol versions differ: ${spoken(a)}, ${spoken(b)}; upgrade the older one`
}

/** Why these two are not of one cluster; null when they are (H1, H2). */
export function clusterMismatch(a: Side, b: Side): string | null {
  const cluster = ({ peer, hello }: Side): string =>
    `${peer} ${hello.clusterId === null ? 'belongs to no cluster yet' : `belongs to ${hello.clusterId}`}`
  if (a.hello.clusterId === null || a.hello.clusterId !== b.hello.clusterId)
    return `cluster ids differ: ${cluster(a)}, ${cluster(b)}`
  if (a.hello.epoch !== b.hello.epoch)
    return `epochs differ: ${a.peer} is in epoch ${a.hello.epoch}, ${b.peer} in epoch ${b.hello.epoch}`
  return null
}

/** The opener's part. @throws {NotAdmittedError} the other side refused, with its reason. */
export async function greet(frames: FrameStream, own: Side, peer: PeerId, signal: AbortSignal): Promise<Side> {
  frames.send(encodeHello(own.hello))
  const answer = decodeHelloAnswer(await frames.next(signal))
  if (answer.refusal !== '') throw new NotAdmittedError(`${peer} refused: ${answer.refusal}`)
  const other: Side = { peer, hello: answer.hello }
  const reason = versionMismatch(own, other)
  if (reason !== null) throw new NotAdmittedError(reason)
  return other
}

export async function receiveGreeting(frames: FrameStream, peer: PeerId, signal: AbortSignal): Promise<Side> {
  return { peer, hello: decodeHello(await frames.next(signal)) }
}

/** Let the stream in. */
export function welcome(frames: FrameStream, own: Side): void {
  frames.send(encodeHelloAnswer({ hello: own.hello, refusal: '' }))
}

/** Refuse the stream. Resolves once the other side has ended it, or the signal ends (H3). */
export async function refuse(frames: FrameStream, own: Side, reason: string, signal: AbortSignal): Promise<void> {
  frames.send(encodeHelloAnswer({ hello: own.hello, refusal: reason }))
  frames.finish()
  try {
    for (;;) await frames.next(signal)
  } catch (err) {
    if (signal.aborted) frames.abort(err as Error)
  }
}
