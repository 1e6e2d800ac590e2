/** What the leader checks right before it proposes; a refusal here is certain: nothing was appended. */
import { type Member, OverloadedError, RefusedError } from '@pinset/interface'

import { IDEMPOTENCY_LIMITS } from '../codec/limits.ts'
import type { Envelope } from '../codec/operation-codec.ts'

export interface ProposalContext {
  readonly members: readonly Member[]
  /** Keys in the table as applied, and those of proposals that are not applied yet. */
  readonly idempotencyKeys: number
}

/**
 * Why the leader must not propose this now; null when it may. A full table refuses, it never evicts early.
 *
 * @param version - from which on an operation like this is known.
 */
export function admitProposal(
  envelope: Envelope,
  version: number,
  context: ProposalContext,
): OverloadedError | RefusedError | null {
  const { peerId, storageId } = envelope.requestId
  const origin = context.members.find((member) => member.peerId === peerId)
  if (origin === undefined || origin.storageId !== storageId) {
    return new RefusedError(
      `${peerId} with the database ${storageId} is not a member of this cluster; add it, or ask a member`,
    )
  }
  const old = context.members.find((member) => member.supportedVersion < version)
  if (old !== undefined) {
    return new RefusedError(
      `${old.peerId} applies operations up to version ${old.supportedVersion} only and this one needs version ${version}; upgrade that peer or remove it`,
    )
  }
  if (envelope.idempotencyKey !== null && context.idempotencyKeys >= IDEMPOTENCY_LIMITS.maxKeys) {
    return new OverloadedError(
      `${context.idempotencyKeys} idempotency keys are kept and no more fit; repeat later, or without a key`,
    )
  }
  return null
}

/** The leader's time for a proposal: its own clock, but never behind committed time. */
export function proposalTimeMs(wallMs: number, committedTimeMs: number): number {
  return Math.max(wallMs, committedTimeMs)
}
