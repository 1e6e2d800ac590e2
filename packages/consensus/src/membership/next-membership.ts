/**
 * What a change makes of a membership.
 *
 * - NM1 One step at a time, of one subject: at most one voter more or less.
 * - NM2 There is always a voter.
 * - NM3 A newcomer is a learner; only `promote-peer` makes a voter, of the database that was promoted and no other.
 * - NM4 A member whose database is another now (wiped, restored) is not taken for the one it was: what it acknowledged with the old
 *   one is lost, and the leader still counts on it. The old one is removed by an entry of its own, with which what the leader
 *   knows of it goes, too; then the new one is added. Of a voter that is an operator's decision, for a quorum may rest on it;
 *   of a learner, the first step of its addition.
 * - NM5 Asking again for what is there changes nothing.
 */
import type { Member, Membership, MultiaddrText, PeerId, Suffrage } from '@pinset/interface'
import { invariant } from '@pinset/raft'

import { LOG_LIMITS } from '../codec/limits.ts'
import { encodeMembershipEntry, type MembershipCause, type MembershipOperation } from '../codec/membership-codec.ts'
import { agreedVersion } from './agreed-version.ts'

/** What a peer says of itself. */
export interface Newcomer {
  readonly peerId: PeerId
  readonly storageId: string
  readonly name: string
  readonly addresses: readonly MultiaddrText[]
  readonly supportedVersion: number
}

export type MembershipChange =
  | { readonly op: 'add-peer'; readonly newcomer: Newcomer; readonly wanted: Suffrage }
  | { readonly op: 'rm-peer'; readonly peerId: PeerId }
  /** By the leader alone, when the learner has caught up. */
  | { readonly op: 'promote-peer'; readonly peerId: PeerId; readonly storageId: string }
  | { readonly op: 'demote-peer'; readonly peerId: PeerId }
  /** A member says something else of itself: name, addresses, version. */
  | { readonly op: 'update-peer'; readonly newcomer: Newcomer }

export type MembershipDecision =
  | {
      readonly kind: 'changed'
      readonly op: MembershipOperation
      readonly subject: PeerId
      readonly next: Membership
      /** This is the first step only: to be decided again when it is committed. */
      readonly goesOn: boolean
    }
  | { readonly kind: 'unchanged' }
  | {
      readonly kind: 'refused'
      readonly why: 'unknown-peer' | 'last-voter' | 'full' | 'other-database' | 'invalid'
      readonly reason: string
    }

/** Decide a change of the newest membership. */
export function nextMembership(current: Membership, change: MembershipChange): MembershipDecision {
  const decision = decide(current, change)
  if (decision.kind === 'changed') checkStep(current, decision.next)
  return decision
}

/**
 * The data of the entry that carries out a decided change.
 *
 * @param version - agreed on by the members before it: one that is removed by it applies it too.
 */
export function encodeChange(
  decision: MembershipDecision & { readonly kind: 'changed' },
  cause: Omit<MembershipCause, 'op' | 'subject'>,
  version: number,
): Uint8Array {
  const { op, subject, next } = decision
  return encodeMembershipEntry({
    version,
    next,
    cause: { ...cause, op, subject },
    nonce: new Uint8Array(0),
  })
}

function decide(current: Membership, change: MembershipChange): MembershipDecision {
  switch (change.op) {
    case 'add-peer':
      return addPeer(current, change.newcomer, change.wanted)
    case 'rm-peer':
      return removePeer(current, change.peerId)
    case 'promote-peer':
      return promotePeer(current, change.peerId, change.storageId)
    case 'demote-peer':
      return demotePeer(current, change.peerId)
    case 'update-peer':
      return updatePeer(current, change.newcomer)
  }
}

function addPeer(current: Membership, newcomer: Newcomer, wanted: Suffrage): MembershipDecision {
  const { peerId, storageId } = newcomer
  const known = memberOf(current, peerId)
  const isAnother = known !== undefined && known.storageId !== storageId
  // What would be refused after the first step is refused before it.
  const invalid = checkNewcomer(isAnother ? without(current, known) : current, newcomer)
  if (invalid !== null) return invalid
  if (known === undefined) {
    if (current.members.length >= LOG_LIMITS.maxMembers) {
      return {
        kind: 'refused',
        why: 'full',
        reason: `the cluster has ${current.members.length} members, the most there can be; remove one before ${peerId} is added`,
      }
    }
    return changed('add-peer', current, { ...newcomer, suffrage: 'learner', wanted }) // NM3
  }
  if (isAnother && known.suffrage === 'voter') {
    return otherDatabase(known, storageId, 'remove it, which the other voters decide, and add it again') // NM4
  }
  if (isAnother) return removed(current, known, { goesOn: true }) // NM4
  return changed('add-peer', current, { ...newcomer, suffrage: known.suffrage, wanted })
}

function removePeer(current: Membership, peerId: PeerId): MembershipDecision {
  const member = memberOf(current, peerId)
  if (member === undefined) return unknownPeer(peerId)
  if (isLastVoter(current, member)) return lastVoter(peerId, 'removed') // NM2
  return removed(current, member, { goesOn: false })
}

function promotePeer(current: Membership, peerId: PeerId, storageId: string): MembershipDecision {
  const member = memberOf(current, peerId)
  if (member === undefined) return unknownPeer(peerId)
  if (member.storageId !== storageId) return otherDatabase(member, storageId, 'it has to catch up first') // NM3
  if (member.wanted !== 'voter')
    return { kind: 'refused', why: 'invalid', reason: `${peerId} is meant to stay a learner; add it as a voter first` }
  return changed('promote-peer', current, { ...member, suffrage: 'voter' })
}

function demotePeer(current: Membership, peerId: PeerId): MembershipDecision {
  const member = memberOf(current, peerId)
  if (member === undefined) return unknownPeer(peerId)
  if (isLastVoter(current, member)) return lastVoter(peerId, 'demoted') // NM2
  return changed('demote-peer', current, { ...member, suffrage: 'learner', wanted: 'learner' })
}

function updatePeer(current: Membership, newcomer: Newcomer): MembershipDecision {
  const invalid = checkNewcomer(current, newcomer)
  if (invalid !== null) return invalid
  const known = memberOf(current, newcomer.peerId)
  if (known === undefined) return unknownPeer(newcomer.peerId)
  if (known.storageId !== newcomer.storageId) return otherDatabase(known, newcomer.storageId, 'it must be added again')
  return changed('update-peer', current, { ...known, ...newcomer })
}

/** With this member in the place of the one of its peer id; NM5. */
function changed(
  op: MembershipOperation,
  current: Membership,
  { peerId, storageId, name, addresses, suffrage, wanted, supportedVersion }: Member,
): MembershipDecision {
  const member: Member = { peerId, storageId, name, addresses: [...addresses], suffrage, wanted, supportedVersion }
  const known = memberOf(current, peerId)
  if (known !== undefined && sameMember(known, member)) return { kind: 'unchanged' }
  const others = current.members.filter((other) => other.peerId !== peerId)
  const members = [...others, member].sort((a, b) => (a.peerId < b.peerId ? -1 : 1))
  return { kind: 'changed', op, subject: peerId, next: { members }, goesOn: false }
}

function removed(current: Membership, member: Member, { goesOn }: { readonly goesOn: boolean }): MembershipDecision {
  return { kind: 'changed', op: 'rm-peer', subject: member.peerId, next: without(current, member), goesOn }
}

function checkNewcomer(
  current: Membership,
  { peerId, storageId, name, addresses, supportedVersion }: Newcomer,
): (MembershipDecision & { readonly kind: 'refused' }) | null {
  const invalid = (reason: string): MembershipDecision & { readonly kind: 'refused' } => ({
    kind: 'refused',
    why: 'invalid',
    reason,
  })
  if (storageId.length === 0) return invalid(`${peerId} named no database`)
  if (Buffer.byteLength(name) > LOG_LIMITS.maxMemberNameBytes)
    return invalid(`the name of ${peerId} is longer than ${LOG_LIMITS.maxMemberNameBytes} bytes`)
  if (addresses.length > LOG_LIMITS.maxAddressesPerMember)
    return invalid(`${peerId} has ${addresses.length} addresses, more than ${LOG_LIMITS.maxAddressesPerMember}`)
  const wrong = addresses.find(
    (address) => !address.endsWith(`/p2p/${peerId}`) || Buffer.byteLength(address) > LOG_LIMITS.maxAddressBytes,
  )
  if (wrong !== undefined) return invalid(`the address ${wrong} does not end in /p2p/${peerId}, or is too long`)
  const version = agreedVersion(current.members)
  if (supportedVersion < version) {
    return invalid(
      `${peerId} applies operations up to version ${supportedVersion}, the cluster uses ${version}; upgrade ${peerId} first`,
    )
  }
  return null
}

/** NM1, NM2, NM4 */
function checkStep(current: Membership, next: Membership): void {
  const before = votersOf(current)
  const after = votersOf(next)
  const differences =
    before.filter((voter) => !after.includes(voter)).length + after.filter((voter) => !before.includes(voter)).length
  invariant(differences <= 1, () => `NM1 voters change from ${before.join(', ')} to ${after.join(', ')} in one step`)
  invariant(after.length > 0, 'NM2 a membership has a voter')
  for (const { peerId, storageId } of next.members) {
    const known = memberOf(current, peerId)
    invariant(
      known === undefined || known.storageId === storageId,
      () => `NM4 the database of ${peerId} is replaced in one step: ${known?.storageId ?? ''} by ${storageId}`,
    )
  }
}

/** A voter with another database is another voter. */
function votersOf(membership: Membership): readonly string[] {
  return membership.members
    .filter((member) => member.suffrage === 'voter')
    .map((member) => `${member.peerId} (${member.storageId})`)
}

function memberOf(membership: Membership, peerId: PeerId): Member | undefined {
  return membership.members.find((member) => member.peerId === peerId)
}

function without(membership: Membership, member: Member): Membership {
  return { members: membership.members.filter((other) => other !== member) }
}

function isLastVoter(membership: Membership, member: Member): boolean {
  return (
    member.suffrage === 'voter' && membership.members.every((other) => other === member || other.suffrage !== 'voter')
  )
}

function sameMember(a: Member, b: Member): boolean {
  return (
    a.storageId === b.storageId &&
    a.name === b.name &&
    a.suffrage === b.suffrage &&
    a.wanted === b.wanted &&
    a.supportedVersion === b.supportedVersion &&
    a.addresses.length === b.addresses.length &&
    a.addresses.every((address, at) => address === b.addresses[at])
  )
}

function unknownPeer(peerId: PeerId): MembershipDecision {
  return { kind: 'refused', why: 'unknown-peer', reason: `${peerId} is not a member of this cluster` }
}

function lastVoter(peerId: PeerId, verb: 'removed' | 'demoted'): MembershipDecision {
  return {
    kind: 'refused',
    why: 'last-voter',
    reason: `${peerId} is the last voter and cannot be ${verb}; add another peer and wait until it votes`,
  }
}

function otherDatabase(known: Member, storageId: string, advice: string): MembershipDecision {
  return {
    kind: 'refused',
    why: 'other-database',
    reason: `${known.peerId} is a ${known.suffrage} with the database ${known.storageId} and comes with ${storageId} now (wiped?); ${advice}`,
  }
}
