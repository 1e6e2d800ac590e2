/**
 * Whom this peer lets in.
 *
 * - CA1 Members of the newest membership of the own log are let in, with the database that stands there and no other.
 * - CA2 While the own log holds no membership, the members named when this peer was admitted stand in for it.
 * - CA3 A peer that is in neither is let in only if a member of the own cluster holds a newer membership that lists it; nobody
 *   vouches for itself. Newer than the one applied here, for what this log holds beyond may never be committed: an old
 *   leader must let in the new one. Such an answer holds for a few seconds.
 * - CA4 Questions to members have a deadline, are asked once for all who wait, and their number is limited.
 * - CA5 While the newest membership is not known to be committed, the members before it are let in and asked, too: if it never takes effect,
 *   one of them leads, or knows who does, and nobody else could tell this peer so.
 * - CA6 A peer of a cluster that knows no leader takes the word of a member that it is in: a committed membership of the same cluster and
 *   epoch, newer than the one applied here (as in CA3) and than what it was told before, that lists it with its present database. Until one
 *   as new is applied, those named there are let in and asked, too: all whom an old log names may be gone, and nobody else could vouch
 *   for the leader. Memory is enough, for leaders repeat it until the log holds what they say (LD2, LD3).
 */
import {
  type Admission,
  type AdmissionAnswer,
  type AbortOptions,
  CorruptError,
  type Logger,
  type Member,
  type MembershipAt,
  type PeerId,
  type Rpc,
  type StreamIdentity,
} from '@pinset/interface'

import { type AdmissionRecord, decodeAdmissionRecord } from '../codec/membership-codec.ts'
import type { Clock, StorageIdentity } from '../ports.ts'
import type { GrantedAdmission } from '../rpc-messages.ts'
import { askMembers } from './ask-members.ts'

export interface ClusterAdmissionComponents {
  /** The own identity, as the storage has it now. */
  readonly identity: () => StorageIdentity
  /** The newest membership in the own log, committed or not. */
  readonly newest: () => MembershipAt
  /** Members before the newest membership, while that is not known to be committed. */
  readonly former: () => readonly Member[]
  /** Index of the membership that the applied state holds; 0 when it holds none. */
  readonly appliedMembershipIndex: () => number
  /** Null while none is known. */
  readonly leader: () => PeerId | null
  readonly rpc: Pick<Rpc, 'call'>
  readonly clock: Pick<Clock, 'nowMs' | 'setTimer'>
  readonly logger: Logger
}

export interface ClusterAdmissionInit {
  readonly peerId: PeerId
  /** How long a member's word holds, in milliseconds. @default 5000 */
  readonly vouchedMs?: number
  /** How long it holds that nobody vouches, in milliseconds. @default 1000 */
  readonly unknownMs?: number
}

/** Answers kept and questions on their way, together. */
const MAX_ANSWERS = 256

interface Answer {
  /** Index of the membership that lists the peer; null when nobody vouches. */
  readonly index: Promise<number | null>
  /** Infinite until the answer is there. */
  untilMs: number
}

export class ClusterAdmission implements Admission {
  readonly #components: ClusterAdmissionComponents
  readonly #peerId: PeerId
  readonly #vouchedMs: number
  readonly #unknownMs: number
  readonly #answers = new Map<string, Answer>()
  #granted: GrantedAdmission | null = null
  #record: { readonly bytes: Uint8Array; readonly record: AdmissionRecord | null } | null = null

  constructor(components: ClusterAdmissionComponents, init: ClusterAdmissionInit) {
    this.#components = components
    this.#peerId = init.peerId
    this.#vouchedMs = init.vouchedMs ?? 5_000
    this.#unknownMs = init.unknownMs ?? 1_000
  }

  identity(): StreamIdentity {
    const { clusterId, epoch, storageId } = this.#components.identity()
    return { clusterId, epoch, storageId }
  }

  isMember(peer: PeerId): boolean {
    return this.knownMembers().some((member) => member.peerId === peer)
  }

  /** The members to connect to: of the newest membership, or those that stand in for it (CA2), and those told since (CA6). */
  knownMembers(): readonly Member[] {
    return [...this.#members(), ...this.#told()]
  }

  /** A member says that this peer is in. Returns whether that changes whom this peer knows. CA6 */
  told(granted: GrantedAdmission): boolean {
    const { identity, leader, logger, appliedMembershipIndex } = this.#components
    const { clusterId, epoch, storageId } = identity()
    const { index, record } = granted
    const isOwn = clusterId !== null && record.clusterId === clusterId && record.epoch === epoch
    const toldBefore = this.#granted?.record.epoch === epoch ? this.#granted.index : 0
    const isNewer = index > Math.max(appliedMembershipIndex(), toldBefore)
    const listsThis = record.members.some((each) => each.peerId === this.#peerId && each.storageId === storageId)
    if (!isOwn || !isNewer || !listsThis || leader() !== null) return false
    this.#granted = granted
    logger.debug('This peer was told of a membership that it has not applied yet', { index })
    return true
  }

  async admit(peer: PeerId, storageId: string, options: AbortOptions = {}): Promise<AdmissionAnswer> {
    if (this.#components.identity().clusterId === null) {
      return refused(
        `${this.#peerId} belongs to no cluster yet; it waits to be added ("pinset peers add") or to join with a token`,
      )
    }
    const known = this.#members().find((member) => member.peerId === peer)
    if (known?.storageId === storageId) return { kind: 'admitted' } // CA1, CA2
    const isFormerOrTold = [...this.#components.former(), ...this.#told()].some(
      (member) => member.peerId === peer && member.storageId === storageId,
    )
    if (isFormerOrTold) return { kind: 'admitted' } // CA5, CA6
    const index = await this.#vouched(peer, storageId, options)
    if (index !== null && index > this.#components.appliedMembershipIndex()) return { kind: 'admitted' } // CA3
    return this.#refusal(peer, storageId)
  }

  #refusal(peer: PeerId, storageId: string): AdmissionAnswer {
    // Read again: the log may have moved on while members were asked.
    const known = this.#members().find((member) => member.peerId === peer)
    if (known?.storageId === storageId) return { kind: 'admitted' }
    if (known !== undefined) {
      return refused(
        `${peer} is a member with the database ${known.storageId}, but came with ${storageId} (wiped or restored?); on a member, run "pinset peers rm ${peer}" and then add it again`,
      )
    }
    const { index } = this.#components.newest()
    const where = index === 0 ? 'among the members named at admission' : `in the membership at index ${index}`
    return refused(
      `${peer} with the database ${storageId} is not ${where}, and no member knows a newer one that lists it; add it with "pinset peers add", or give it a token`,
    )
  }

  #members(): readonly Member[] {
    const { index, membership } = this.#components.newest()
    return index > 0 ? membership.members : (this.#admissionRecord()?.members ?? [])
  }

  /** CA6 */
  #told(): readonly Member[] {
    if (this.#granted === null) return []
    const { index, record } = this.#granted
    const isOver =
      index <= this.#components.appliedMembershipIndex() || record.epoch !== this.#components.identity().epoch
    return isOver ? [] : record.members
  }

  #admissionRecord(): AdmissionRecord | null {
    const { admission: bytes } = this.#components.identity()
    if (this.#record?.bytes !== bytes) this.#record = { bytes, record: this.#readRecord(bytes) }
    return this.#record.record
  }

  #readRecord(bytes: Uint8Array): AdmissionRecord | null {
    if (bytes.length === 0) return null
    try {
      return decodeAdmissionRecord(bytes)
    } catch (error) {
      if (!(error instanceof CorruptError)) throw error
      this.#components.logger.error('The stored admission cannot be read; only the own log says who is a member', {
        err: error,
      })
      return null
    }
  }

  /** CA3, CA4 */
  async #vouched(peer: PeerId, storageId: string, options: AbortOptions): Promise<number | null> {
    const key = `${peer} ${storageId}`
    let answer = this.#answers.get(key)
    if (answer === undefined || answer.untilMs <= this.#components.clock.nowMs()) {
      if (!this.#makeRoom()) return null
      answer = { index: this.#ask(peer, storageId), untilMs: Infinity }
      this.#answers.set(key, answer)
      void this.#keep(answer)
    }
    return untilAborted(answer.index, options.signal)
  }

  async #keep(answer: Answer): Promise<void> {
    const index = await answer.index
    answer.untilMs = this.#components.clock.nowMs() + (index === null ? this.#unknownMs : this.#vouchedMs)
  }

  async #ask(peer: PeerId, storageId: string): Promise<number | null> {
    const { identity, former, appliedMembershipIndex, logger } = this.#components
    const others = [...this.knownMembers(), ...former()]
      .map((member) => member.peerId)
      .filter((other, at, all) => other !== this.#peerId && other !== peer && all.indexOf(other) === at)
    const lists = (members: readonly Member[]): boolean =>
      members.some((member) => member.peerId === peer && member.storageId === storageId)
    const told = await askMembers(
      this.#components,
      identity(),
      others,
      ({ index, membership }) => index > appliedMembershipIndex() && lists(membership.members),
    )
    if (told !== null) logger.debug('A member vouches for a peer', { peer, by: told.by, index: told.index })
    return told?.index ?? null
  }

  /** False when all the room is taken by answers that still hold. */
  #makeRoom(): boolean {
    if (this.#answers.size < MAX_ANSWERS) return true
    const nowMs = this.#components.clock.nowMs()
    for (const [key, { untilMs }] of this.#answers) {
      if (untilMs <= nowMs) this.#answers.delete(key)
    }
    return this.#answers.size < MAX_ANSWERS
  }
}

function refused(reason: string): AdmissionAnswer {
  return { kind: 'refused', reason }
}

/** The value, or the signal's reason thrown when it ends first. */
async function untilAborted<Value>(value: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (signal === undefined) return value
  signal.throwIfAborted()
  const aborted = Promise.withResolvers<never>()
  const onAbort = (): void => aborted.reject(signal.reason as Error)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([value, aborted.promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
