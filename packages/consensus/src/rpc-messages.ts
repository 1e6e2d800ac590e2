/** What peers ask each other about consensus, and what they answer, as it is decoded. */
import type { PinRequest } from '@pinset/interface'
import type { CID } from 'multiformats/cid'

import type { AdmissionRecord } from './codec/membership-codec.ts'
import type { RequestId } from './codec/operation-codec.ts'
import type { OperationOutcome } from './codec/outcome-codec.ts'
import type { MembershipChange, Newcomer } from './membership/next-membership.ts'

export interface Identification {
  readonly self: Newcomer
  /** Null when the peer belongs to no cluster yet. */
  readonly clusterId: string | null
  readonly epoch: number
}

export interface JoinRequest {
  readonly newcomer: Newcomer
  /** The cluster that the newcomer was invited to. */
  readonly clusterId: string
}

/** What a peer keeps when it is admitted. */
export interface GrantedAdmission {
  readonly record: AdmissionRecord
  /** Of the membership entry that lists the newcomer. */
  readonly index: number
}

export interface CommittedMembership {
  readonly clusterId: string
  readonly epoch: number
  /** 0 when none is known. */
  readonly index: number
  /** Data of the entry; empty when none is known. */
  readonly entry: Uint8Array
  /** The committed history up to here, ≥ `index`, has no newer membership. */
  readonly appliedIndex: number
}

/** A write as the peer that took it hands it to the leader, which allocates and stamps it. */
export interface ProposedOperation {
  readonly requestId: RequestId
  readonly actor: string
  readonly idempotencyKey: Uint8Array | null
  readonly ifModifiedIndex: number | null
  readonly request: { readonly kind: 'pin'; readonly pin: PinRequest } | { readonly kind: 'unpin'; readonly cid: CID }
}

export type ProposalAnswer =
  /** @param outcome - null when it did not fit: it is known once the caller has applied `revision`. */
  | { readonly kind: 'committed'; readonly revision: number; readonly outcome: OperationOutcome | null }
  /** Certainly not in the log. `code` is that of an error of `@pinset/interface`. */
  | { readonly kind: 'rejected'; readonly code: string; readonly message: string }
  | { readonly kind: 'unknown'; readonly message: string }

export interface ChangeMembershipRequest {
  readonly change: Exclude<MembershipChange, { readonly op: 'promote-peer' }>
  readonly requestId: RequestId
  readonly actor: string
}

export interface MembershipEntryAt {
  /** Of the membership entry; of the one in force when nothing had to change. */
  readonly index: number
  readonly entry: Uint8Array
}
