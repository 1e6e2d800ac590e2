/** Frames of a snapshot stream, after the first of each direction. Sender and receiver are the ends of the connection. */
import type { InstallSnapshot, NodeId } from '@pinset/raft'

import { SnapshotFrame } from '../proto/wire.ts'
import type { WireInstallSnapshot } from '../proto/wire.ts'
import { check, decoded, integer, required, text } from './checks.ts'
import { entryIdFromWire } from './raft-codec.ts'

export type SnapshotFrameValue =
  /** Still at work: keeps the stall deadline of the other side away. */
  | { readonly kind: 'working' }
  | { readonly kind: 'install'; readonly message: InstallSnapshot }
  | { readonly kind: 'accept'; readonly resumeAfter: Uint8Array }
  | { readonly kind: 'refuse'; readonly reason: string }
  | { readonly kind: 'chunk'; readonly data: Uint8Array }
  /** The receiver has taken in that many bytes. */
  | { readonly kind: 'credit'; readonly bytes: number }
  | { readonly kind: 'end' }
  | { readonly kind: 'received' }
  | { readonly kind: 'failed'; readonly reason: string }

const MAX_REASON_LENGTH = 2048
const MAX_CURSOR_BYTES = 4096
const MAX_SNAPSHOT_ID_LENGTH = 256

export function encodeSnapshotFrame(frame: SnapshotFrameValue): Uint8Array {
  let wire: Partial<SnapshotFrame>
  switch (frame.kind) {
    case 'working':
      wire = { working: {} }
      break
    case 'install':
      wire = { install: installToWire(frame.message) }
      break
    case 'accept':
      wire = { accept: { resumeAfter: frame.resumeAfter as Uint8Array<ArrayBuffer> } }
      break
    case 'refuse':
      wire = { refuse: frame.reason.slice(0, MAX_REASON_LENGTH) }
      break
    case 'chunk':
      wire = { chunk: { data: frame.data as Uint8Array<ArrayBuffer> } }
      break
    case 'credit':
      wire = { credit: frame.bytes }
      break
    case 'end':
      wire = { end: {} }
      break
    case 'received':
      wire = { received: {} }
      break
    case 'failed':
      wire = { failed: frame.reason.slice(0, MAX_REASON_LENGTH) }
  }
  return SnapshotFrame.encode(wire)
}

export function decodeSnapshotFrame(bytes: Uint8Array, from: NodeId, to: NodeId): SnapshotFrameValue {
  return decoded('a snapshot frame', () => {
    const frame = SnapshotFrame.decode(bytes)
    if (frame.working !== undefined) return { kind: 'working' }
    if (frame.install !== undefined) return { kind: 'install', message: installFromWire(frame.install, from, to) }
    if (frame.accept !== undefined) {
      check(frame.accept.resumeAfter.byteLength <= MAX_CURSOR_BYTES, 'the cursor is too long')
      return { kind: 'accept', resumeAfter: frame.accept.resumeAfter }
    }
    if (frame.refuse !== undefined) return { kind: 'refuse', reason: text(frame.refuse, MAX_REASON_LENGTH, 'reason') }
    if (frame.chunk !== undefined) return { kind: 'chunk', data: frame.chunk.data }
    if (frame.credit !== undefined) return { kind: 'credit', bytes: frame.credit }
    if (frame.end !== undefined) return { kind: 'end' }
    if (frame.received !== undefined) return { kind: 'received' }
    return {
      kind: 'failed',
      reason: text(required(frame.failed, 'a known kind of frame'), MAX_REASON_LENGTH, 'reason'),
    }
  })
}

function installToWire(message: InstallSnapshot): WireInstallSnapshot {
  const { id, term, index, membership, membershipIndex } = message.snapshot
  return {
    term: message.term,
    id,
    at: { term, index },
    membership: membership as Uint8Array<ArrayBuffer>,
    membershipIndex,
  }
}

function installFromWire(wire: WireInstallSnapshot, from: NodeId, to: NodeId): InstallSnapshot {
  const at = entryIdFromWire(wire.at, 'at')
  const membershipIndex = integer(wire.membershipIndex, 'membershipIndex')
  check(wire.id !== '', 'the id of the snapshot is missing')
  check(membershipIndex <= at.index, 'membershipIndex is above the index of the snapshot')
  const id = text(wire.id, MAX_SNAPSHOT_ID_LENGTH, 'id')
  const term = integer(wire.term, 'term')
  return {
    kind: 'installSnapshot',
    from,
    to,
    term,
    snapshot: { id, ...at, membership: wire.membership, membershipIndex },
  }
}
