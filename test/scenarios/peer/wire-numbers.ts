/**
 * Numbers that no encoder of ours writes, on the wire: `decode <message> <field>=<number>`.
 *
 * A message is encoded by production code, one of its fields is replaced in the bytes, and it is decoded by production code.
 */
import type { Message } from '@pinset/raft'

import { decodeMembershipEntry, decodeOperation, encodeOperation } from '../../../packages/consensus/src/codec/index.ts'
import { CONSENSUS_METHODS } from '../../../packages/consensus/src/rpc-methods.ts'
import { decodeChunk, encodeChunk } from '../../../packages/consensus/src/snapshot/chunk-codec.ts'
import { decodeRaftFrame, encodeRaftMessage } from '../../../packages/transport/src/codec/raft-codec.ts'
import { EMPTY_STATE_META } from '@pinset/consensus'
import { Command } from '../scenario-file.ts'
import { membershipEntry, readMember, readOperation } from './machine-entries.ts'
import { START_MS } from './names.ts'

interface Sample {
  readonly bytes: () => Uint8Array
  readonly decode: (bytes: Uint8Array) => unknown
  /** Field numbers from the outside to the inside. */
  readonly fields: Readonly<Record<string, readonly number[]>>
}

const place = { term: 1, index: 2, timeMs: START_MS }
const base = { from: 'a', to: 'b', term: 3 } as const
const id = { term: 1, index: 1 }

function raft(message: Exclude<Message, { kind: 'installSnapshot' }>): Pick<Sample, 'bytes' | 'decode'> {
  return { bytes: () => encodeRaftMessage(message), decode: (bytes) => decodeRaftFrame(bytes, 'a', 'b') }
}

const SAMPLES: Readonly<Record<string, Sample>> = {
  operation: {
    bytes: () => encodeOperation(readOperation(new Command('', 0, 'pin x by=a/2 low=1 if=1', []), START_MS)),
    decode: decodeOperation,
    fields: { version: [2], serial: [3, 2, 3], 'low-water': [3, 2, 4], time: [3, 4], 'if-modified': [3, 5] },
  },
  membership: {
    bytes: () => membershipEntry(place, [readMember('a')]).data,
    decode: decodeMembershipEntry,
    fields: { version: [1], 'supported-version': [2, 7], time: [3, 5], serial: [3, 3, 3] },
  },
  checkpoint: {
    bytes: () =>
      CONSENSUS_METHODS.checkpoints.response.encode([
        { index: 5, head: new Uint8Array(32), digest: new Uint8Array(32) },
      ]),
    decode: (bytes) => CONSENSUS_METHODS.checkpoints.response.decode(bytes),
    fields: { index: [1, 1] },
  },
  'read-index': {
    bytes: () => CONSENSUS_METHODS.readIndex.response.encode(5),
    decode: (bytes) => CONSENSUS_METHODS.readIndex.response.decode(bytes),
    fields: { index: [1] },
  },
  chunk: {
    bytes: () =>
      encodeChunk({ kind: 'meta', sequence: 1, meta: { ...EMPTY_STATE_META, appliedIndex: 5, appliedTerm: 1 } }),
    decode: decodeChunk,
    fields: { sequence: [2] },
  },
  append: {
    ...raft({
      ...base,
      kind: 'appendEntries',
      prev: id,
      entries: [{ term: 2, index: 2, kind: 'noop', data: new Uint8Array(0) }],
      commitIndex: 1,
      readRound: 1,
    }),
    fields: { term: [2, 1], 'prev-index': [2, 2, 2], 'entry-index': [2, 3, 2], commit: [2, 4], round: [2, 5] },
  },
  heartbeat: {
    ...raft({ ...base, kind: 'heartbeat', commitIndex: 1, readRound: 1 }),
    fields: { term: [4, 1], commit: [4, 2] },
  },
  vote: {
    ...raft({ ...base, kind: 'requestVote', last: id, transfer: true }),
    fields: { term: [6, 1], 'last-index': [6, 2, 2] },
  },
}

/** `decode <message> field=<name> value=<number>`; `value=1.5` travels as a double. */
export function decodeNumber(command: Command): string {
  const sample = SAMPLES[command.argument('message')]
  const path = sample?.fields[command.option('field') ?? '']
  const value = command.option('value') ?? ''
  if (sample === undefined || path === undefined) throw command.mistake('no such message or field')
  const bytes = replaceField(sample.bytes(), path, value)
  try {
    const decoded = sample.decode(bytes)
    return `taken${value.includes('.') ? `: ${JSON.stringify(decoded)}` : ''}`
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  }
}

const VARINT = 0
const FIXED64 = 1
const BYTES = 2
const FIXED32 = 5

/** The message with one field of it, which must be there, holding another number. */
function replaceField(bytes: Uint8Array, [field, ...inner]: readonly number[], value: string): Uint8Array {
  const parts: Uint8Array[] = []
  let isFound = false
  for (let at = 0; at < bytes.length;) {
    const tag = readVarint(bytes, at)
    const number = Number(tag.value >> 3n)
    const type = Number(tag.value & 7n)
    const end = endOfField(bytes, tag.next, type)
    if (number !== field) {
      parts.push(bytes.subarray(at, end))
    } else if (inner.length === 0) {
      parts.push(encodeNumber(number, value))
      isFound = true
    } else {
      const length = readVarint(bytes, tag.next)
      const replaced = replaceField(bytes.subarray(length.next, end), inner, value)
      parts.push(writeVarint(tag.value), writeVarint(BigInt(replaced.length)), replaced)
      isFound = true
    }
    at = end
  }
  if (!isFound) throw new Error(`the message has no field ${field}`)
  return Buffer.concat(parts)
}

function encodeNumber(field: number, value: string): Uint8Array {
  if (!value.includes('.')) return Buffer.concat([writeVarint(BigInt(field << 3)), writeVarint(BigInt(value))])
  const double = Buffer.alloc(8)
  double.writeDoubleLE(Number(value))
  return Buffer.concat([writeVarint(BigInt((field << 3) | FIXED64)), double])
}

function endOfField(bytes: Uint8Array, at: number, type: number): number {
  switch (type) {
    case VARINT:
      return readVarint(bytes, at).next
    case FIXED64:
      return at + 8
    case BYTES: {
      const { value, next } = readVarint(bytes, at)
      return next + Number(value)
    }
    case FIXED32:
      return at + 4
    default:
      throw new Error(`wire type ${type}`)
  }
}

function readVarint(bytes: Uint8Array, at: number): { readonly value: bigint; readonly next: number } {
  let value = 0n
  for (let shift = 0n; ; shift += 7n, at += 1) {
    const byte = bytes[at] ?? 0
    value |= BigInt(byte & 0x7f) << shift
    if (byte < 0x80) return { value, next: at + 1 }
  }
}

function writeVarint(value: bigint): Uint8Array {
  const bytes: number[] = []
  for (let rest = value; ; rest >>= 7n) {
    if (rest < 0x80n) return Uint8Array.from([...bytes, Number(rest)])
    bytes.push(Number(rest & 0x7fn) | 0x80)
  }
}
