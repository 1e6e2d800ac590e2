import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { CorruptError } from '@pinset/interface'
import type { Entry, EntryId, InstallSnapshot } from '@pinset/raft'

import {
  decodeHello,
  decodeHelloAnswer,
  decodeRaftFrame,
  decodeRpcFrame,
  decodeSnapshotFrame,
  encodeHello,
  encodeHelloAnswer,
  encodeRaftMessage,
  encodeRpcFrame,
  encodeSnapshotFrame,
} from '../src/index.ts'
import type { Hello, RaftFrameValue, RpcFrameValue, SnapshotFrameValue, StreamedMessage } from '../src/index.ts'

const RUNS = { numRuns: 3_000 }

const integer = fc.maxSafeNat()
const bytes = fc.uint8Array({ maxLength: 64 })
const text = fc.string({ maxLength: 40 })
const someText = fc.string({ minLength: 1, maxLength: 40 })
const id: fc.Arbitrary<EntryId> = fc.record({ term: integer, index: integer })
const ends = { from: 'alice', to: 'bob' }

const appended = fc
  .record({
    prev: fc.record({ term: fc.nat(1000), index: fc.nat({ max: 2 ** 40 }) }),
    steps: fc.array(
      fc.record({ rise: fc.nat(3), kind: fc.constantFrom('noop', 'operations', 'membership'), data: bytes }),
      { maxLength: 8 },
    ),
    rise: fc.nat(3),
    commitIndex: integer,
    readRound: integer,
  })
  .map(({ prev, steps, rise, commitIndex, readRound }): StreamedMessage => {
    let { term } = prev
    const entries = steps.map((step, position): Entry => {
      term += step.rise
      return { term, index: prev.index + 1 + position, kind: step.kind, data: step.data }
    })
    return { kind: 'appendEntries', ...ends, term: term + rise, prev, entries, commitIndex, readRound }
  })

const rejection = fc
  .record({ rejectedIndex: integer, term: integer, below: fc.nat(100) })
  .map(({ rejectedIndex, term, below }) => ({
    kind: 'rejected' as const,
    rejectedIndex,
    hint: { term, index: Math.max(0, rejectedIndex - below) },
  }))

const message: fc.Arbitrary<StreamedMessage> = fc.oneof(
  appended,
  fc.record({
    kind: fc.constant('appendEntriesResponse' as const),
    from: fc.constant(ends.from),
    to: fc.constant(ends.to),
    term: integer,
    readRound: integer,
    outcome: fc.oneof(rejection, fc.record({ kind: fc.constant('accepted' as const), matchIndex: integer })),
  }),
  fc
    .record({ term: integer, commitIndex: integer, readRound: integer })
    .map((fields) => ({ kind: 'heartbeat' as const, ...ends, ...fields })),
  fc
    .record({ term: integer, readRound: integer })
    .map((fields) => ({ kind: 'heartbeatResponse' as const, ...ends, ...fields })),
  fc
    .record({
      kind: fc.constantFrom('requestVote' as const, 'preVote' as const),
      term: integer,
      last: id,
      transfer: fc.boolean(),
    })
    .map((fields) => ({ ...ends, ...fields })),
  fc
    .record({
      kind: fc.constantFrom('requestVoteResponse' as const, 'preVoteResponse' as const),
      term: integer,
      granted: fc.boolean(),
    })
    .map((fields) => ({ ...ends, ...fields })),
  fc.record({ term: integer, last: id }).map((fields) => ({ kind: 'timeoutNow' as const, ...ends, ...fields })),
)

const install: fc.Arbitrary<InstallSnapshot> = fc
  .record({ term: integer, id: someText, at: id, below: fc.nat(100), membership: bytes })
  .map(({ term, id: snapshotId, at, below, membership }) => ({
    kind: 'installSnapshot',
    ...ends,
    term,
    snapshot: { id: snapshotId, ...at, membership, membershipIndex: Math.max(0, at.index - below) },
  }))

const snapshotFrame: fc.Arbitrary<SnapshotFrameValue> = fc.oneof(
  fc.constantFrom({ kind: 'working' as const }, { kind: 'end' as const }, { kind: 'received' as const }),
  install.map((value) => ({ kind: 'install' as const, message: value })),
  bytes.map((resumeAfter) => ({ kind: 'accept' as const, resumeAfter })),
  bytes.map((data) => ({ kind: 'chunk' as const, data })),
  fc.nat().map((credit) => ({ kind: 'credit' as const, bytes: credit })),
  text.map((reason) => ({ kind: 'refuse' as const, reason })),
  text.map((reason) => ({ kind: 'failed' as const, reason })),
)

const rpcFrame: fc.Arbitrary<RpcFrameValue> = fc.oneof(
  fc.record({
    kind: fc.constant('request' as const),
    id: fc.nat(),
    method: someText,
    timeoutMs: fc.nat(),
    body: bytes,
  }),
  fc.record({ kind: fc.constant('response' as const), id: fc.nat(), body: bytes }),
  fc.record({ kind: fc.constant('cancel' as const), id: fc.nat() }),
  fc.record({
    kind: fc.constant('failure' as const),
    id: fc.nat(),
    failure: fc.record({
      code: someText,
      message: text,
      fields: fc.dictionary(someText, text, { maxKeys: 4, noNullPrototype: true }),
    }),
  }),
)

const hello: fc.Arbitrary<Hello> = fc.record({
  protocolVersion: fc.integer({ min: 1, max: 1000 }),
  clusterId: fc.option(text),
  epoch: integer,
  storageId: text,
  release: text,
})

/** Every codec: a value, its bytes, and the way back. */
const CODECS: readonly {
  readonly name: string
  readonly value: fc.Arbitrary<unknown>
  readonly encode: (value: never) => Uint8Array
  readonly decode: (frame: Uint8Array) => unknown
}[] = [
  {
    name: 'Raft frames',
    value: message.map((value): RaftFrameValue => ({ kind: 'message', message: value })),
    encode: (value: RaftFrameValue & { kind: 'message' }) => encodeRaftMessage(value.message),
    decode: (frame) => decodeRaftFrame(frame, ends.from, ends.to),
  },
  {
    name: 'snapshot frames',
    value: snapshotFrame,
    encode: encodeSnapshotFrame,
    decode: (frame) => decodeSnapshotFrame(frame, ends.from, ends.to),
  },
  { name: 'RPC frames', value: rpcFrame, encode: encodeRpcFrame, decode: decodeRpcFrame },
  { name: 'first frames', value: hello, encode: encodeHello, decode: decodeHello },
  {
    name: 'answers to first frames',
    value: fc.record({ hello, refusal: text }),
    encode: encodeHelloAnswer,
    decode: decodeHelloAnswer,
  },
]

/** A value, or a CorruptError; anything else escapes. */
function decodesOrRefuses(decode: (frame: Uint8Array) => unknown, frame: Uint8Array): unknown {
  try {
    return decode(frame)
  } catch (err) {
    if (err instanceof CorruptError) return null
    throw err
  }
}

describe.each(CODECS)('$name', ({ value, encode, decode }) => {
  it('decode(encode(value)) is the value', () => {
    fc.assert(
      fc.property(value, (original) => {
        expect(decode(encode(original as never))).toEqual(original)
      }),
      RUNS,
    )
  })

  it('decode() of random bytes gives a value or a CorruptError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (frame) => {
        expect(() => decodesOrRefuses(decode, frame)).not.toThrow()
      }),
      RUNS,
    )
  })

  it('decode() of mutated bytes gives a CorruptError, or a value that survives the way there and back', () => {
    const mutation = fc.record({
      at: fc.nat(),
      byte: fc.integer({ min: 0, max: 255 }),
      cut: fc.nat(20),
      doubled: fc.boolean(),
    })
    fc.assert(
      fc.property(value, fc.array(mutation, { minLength: 1, maxLength: 3 }), (original, mutations) => {
        let frame = Uint8Array.from(encode(original as never))
        for (const { at, byte, cut, doubled } of mutations) {
          if (frame.byteLength === 0) continue
          frame[at % frame.byteLength] = byte
          if (cut === 0) frame = frame.slice(0, at % frame.byteLength)
          if (doubled) frame = Uint8Array.from([...frame, ...frame])
        }
        const found = decodesOrRefuses(decode, frame)
        if (found === null || (found as { kind?: string }).kind === 'keepAlive') return
        expect(decode(encode(found as never))).toEqual(found)
      }),
      RUNS,
    )
  })
})

describe('decodeRaftFrame', () => {
  const entry = (index: number, term: number): Entry => ({ index, term, kind: 'noop', data: new Uint8Array(0) })
  const append = (entries: readonly Entry[], term = 5): Uint8Array =>
    encodeRaftMessage({
      kind: 'appendEntries',
      ...ends,
      term,
      prev: { term: 2, index: 10 },
      entries,
      commitIndex: 0,
      readRound: 0,
    })

  it.each([
    ['a gap', [entry(11, 3), entry(13, 3)]],
    ['a gap after prev', [entry(12, 3)]],
    ['an entry twice', [entry(11, 3), entry(11, 3)]],
    ['a falling term', [entry(11, 3), entry(12, 2)]],
    ['a term below that of prev', [entry(11, 1)]],
    ['a term above that of the message', [entry(11, 6)]],
  ])('refuses entries with %s', (_, entries) => {
    expect(() => decodeRaftFrame(append(entries), ends.from, ends.to)).toThrow(CorruptError)
  })

  it('refuses numbers beyond the safe integers', () => {
    // heartbeat (field 4) of 10 bytes: term (field 1) 2^63 - 1
    const beyond = Uint8Array.of(0x22, 10, 0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f)
    expect(() => decodeRaftFrame(beyond, ends.from, ends.to)).toThrow(CorruptError)
  })

  it('refuses an empty frame, and one without its required parts', () => {
    expect(() => decodeRaftFrame(new Uint8Array(0), ends.from, ends.to)).toThrow(/known kind/)
    // appendEntries (field 2) of no bytes: there is no prev
    expect(() => decodeRaftFrame(Uint8Array.of(0x12, 0), ends.from, ends.to)).toThrow(/prev is missing/)
  })
})
