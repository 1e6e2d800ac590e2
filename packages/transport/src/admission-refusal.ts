/** Who may open Raft and snapshot streams: the version and cluster are compared here, the peer and its database by `Admission`. */
import type { Side } from './handshake.ts'
import { clusterMismatch, versionMismatch } from './handshake.ts'
import type { ProtocolContext } from './protocol-context.ts'

/** Null to let the stream in, or why not, for people. @param signal - bounds the questions to other members. */
export async function admissionRefusal(
  context: ProtocolContext,
  own: Side,
  other: Side,
  signal: AbortSignal,
): Promise<string | null> {
  const mismatch = versionMismatch(own, other) ?? clusterMismatch(own, other)
  if (mismatch !== null) return mismatch
  const answer = await context.admission.admit(other.peer, other.hello.storageId, { signal })
  return answer.kind === 'admitted' ? null : answer.reason
}
