import { CorruptError, PIN_LIMITS } from '@pinset/interface'
import * as fc from 'fast-check'
import { CID } from 'multiformats/cid'
import { describe, expect, it } from 'vitest'

import {
  cutBatch,
  decodeBatch,
  decodeEntries,
  decodeOperation,
  encodeBatch,
  encodeOperation,
  encodePinContent,
  idempotencyKeyTimeMs,
  LOG_LIMITS,
  type Operation,
  parseIdempotencyKey,
  pinOperation,
  requestFingerprint,
  unpinOperation,
  UpgradeRequiredError,
} from '../../src/codec/index.ts'
import * as wire from '../../src/proto/log.ts'
import {
  cidOf,
  DECODED_OR_REFUSED,
  verdict,
  entryOf,
  envelope,
  keyOf,
  operationsEntry,
  peer,
  pinOf,
  pinOp,
  START_MS,
  unpinOp,
} from '../fakes/samples.ts'

const text = (maxLength: number) => fc.string({ unit: 'grapheme', maxLength })
const peerId = fc.stringMatching(/^[A-Za-z0-9]{1,60}$/).map(peer)

const pin = fc.record({
  cid: fc.nat(1000).map(cidOf),
  replicationFactorMin: fc.integer({ min: -1, max: 64 }),
  replicationFactorMax: fc.integer({ min: -1, max: 64 }),
  name: text(20),
  mode: fc.constantFrom('recursive' as const, 'direct' as const),
  userAllocations: fc.array(peerId, { maxLength: 3 }),
  expireAtMs: fc.option(fc.maxSafeNat()),
  metadata: fc.dictionary(
    fc.oneof(
      text(10).filter((key) => key.length > 0),
      fc.constantFrom('__proto__', 'constructor'),
    ),
    text(20),
    { maxKeys: 4 },
  ),
  pinUpdate: fc.option(fc.nat(1000).map(cidOf)),
  origins: fc.array(
    fc.nat(9).map((number) => `/ip4/10.0.0.${number}/p2p/x`),
    { maxLength: 3 },
  ),
  allocations: fc.array(peerId, { maxLength: 3 }),
  timestampMs: fc.maxSafeNat(),
})

const someEnvelope = fc
  .record({
    actor: text(10),
    origin: peerId,
    storageId: fc.stringMatching(/^[a-f0-9]{1,32}$/),
    lowWater: fc.nat(1_000_000),
    ahead: fc.integer({ min: 1, max: 100 }),
    idempotency: fc.option(
      fc.record({
        key: fc.nat(100).map((number) => keyOf(START_MS, number)),
        fingerprint: fc.uint8Array({ minLength: 32, maxLength: 32 }),
      }),
    ),
    timeMs: fc.maxSafeNat(),
    ifModifiedIndex: fc.option(fc.maxSafeNat()),
  })
  .map(({ ahead, ...rest }) => envelope(rest.lowWater + ahead, rest))

const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.tuple(someEnvelope, pin).map(([at, value]) => pinOperation(at, value, 1)),
  fc.tuple(someEnvelope, fc.nat(1000).map(cidOf)).map(([at, cid]) => unpinOperation(at, cid, 1)),
)

/** Made as protons does, with parts replaced. */
function wireOperation(changes: Partial<wire.Operation>): Uint8Array {
  return wire.Operation.encode({ ...wire.Operation.decode(encodeOperation(pinOp(1, envelope(1)))), ...changes })
}

/** With the envelope once more, its time now 2⁶⁴ − 1: the last one counts. */
function withHugeTime(bytes: Uint8Array): Uint8Array {
  const { envelope: decoded } = wire.Operation.decode(bytes)
  const time = [0x20, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]
  const huge = [...wire.Envelope.encode(decoded ?? {}), ...time]
  return Uint8Array.from([...bytes, 0x1a, huge.length, ...huge])
}

describe('operation-codec', () => {
  it('decodeOperation() gives back what encodeOperation() was given', () => {
    fc.assert(
      fc.property(operation, (value) => {
        const decoded = decodeOperation(encodeOperation(value))
        expect(JSON.stringify(decoded)).toBe(JSON.stringify(sortMetadata(value)))
      }),
      { numRuns: 500 },
    )
  })

  it('decodeBatch() decodes or refuses mutated bytes, and never throws anything else', () => {
    const batch = fc
      .array(operation, { minLength: 1, maxLength: 3 })
      .map((operations) => encodeBatch(operations.map(encodeOperation)))
    const edits = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 })
    let refused = 0
    fc.assert(
      fc.property(batch, edits, fc.boolean(), (bytes, changes, cut) => {
        const mutated = cut ? bytes.slice(0, (changes[0]?.[0] ?? 0) % bytes.length) : bytes.slice()
        for (const [at, value] of changes) if (mutated.length > 0) mutated[at % mutated.length] = value
        const said = verdict(() => decodeBatch(mutated).map(encodeOperation))
        expect(said).toMatch(DECODED_OR_REFUSED)
        if (said !== 'decoded') refused += 1
      }),
      { numRuns: 2000 },
    )
    expect(refused).toBeGreaterThan(100)
  })

  it('decodeBatch() decodes or refuses random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(verdict(() => decodeBatch(bytes))).toMatch(DECODED_OR_REFUSED)
      }),
      { numRuns: 2000 },
    )
  })

  it('decodeOperation() of an unknown number or version requires an upgrade, whatever its body is', () => {
    expect(() => decodeOperation(wireOperation({ number: 3, body: new Uint8Array([0xff]) }))).toThrow(
      UpgradeRequiredError,
    )
    expect(() => decodeOperation(wireOperation({ version: 2, body: new Uint8Array([0xff]) }))).toThrow(
      UpgradeRequiredError,
    )
    expect(() => decodeOperation(wireOperation({ version: 0 }))).toThrow(CorruptError)
  })

  it('decodeEntries() stops before the entry that it cannot read and names it, and skips nothing', () => {
    const unknown = wire.OperationBatch.encode({
      operations: [
        wireOperation({}) as Uint8Array<ArrayBuffer>,
        wireOperation({ version: 9 }) as Uint8Array<ArrayBuffer>,
      ],
    })
    const entries = [
      operationsEntry(1, [pinOp(1, envelope(1))]),
      entryOf(2, 'operations', unknown),
      operationsEntry(3, [pinOp(2, envelope(2))]),
    ]
    const { decoded, stopped } = decodeEntries(entries)
    expect(decoded.map(({ entry }) => entry.index)).toEqual([1])
    expect(stopped).toBeInstanceOf(UpgradeRequiredError)
    expect(stopped?.message).toMatch(/^entry 2 of term 1: operation 1 of version 9/)
  })

  it('decodeOperation() names the field that is wrong', () => {
    const at = envelope(1)
    const broken: [string, Uint8Array][] = [
      ['envelope: missing', wire.Operation.encode({ number: 1, version: 1, body: new Uint8Array(1) })],
      ['envelope.requestId.serial', encodeOperation(pinOp(1, envelope(5, { lowWater: 5 })))],
      ['envelope.requestId.serial', encodeOperation(pinOp(1, envelope(LOG_LIMITS.maxSerialWindow + 1)))],
      ['operation', withHugeTime(encodeOperation(pinOp(1, at)))],
      ['envelope.actor', encodeOperation(pinOp(1, { ...at, actor: 'x'.repeat(256) }))],
      ['envelope.idempotency.key', encodeOperation(pinOp(1, { ...at, idempotencyKey: new Uint8Array(16) }))],
      ['pin.name', encodeOperation(pinOp(1, at, { name: 'é'.repeat(128) }))],
      ['pin.replicationFactorMin', encodeOperation(pinOp(1, at, { replicationFactorMin: -2 }))],
      [
        'pin.metadata',
        encodeOperation(pinOp(1, at, { metadata: { key: 'x'.repeat(PIN_LIMITS.maxMetadataValueBytes + 1) } })),
      ],
      ['pin.allocations', encodeOperation(pinOp(1, at, { allocations: [peer('not a peer')] }))],
    ]
    for (const [field, bytes] of broken) {
      expect(() => decodeOperation(bytes), field).toThrow(CorruptError)
      expect(() => decodeOperation(bytes), field).toThrow(field)
    }
  })

  it('encodeOperation() refuses more than 32 KiB', () => {
    const large = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`key-${at}`, 'x'.repeat(1000)]))
    expect(() => encodeOperation(pinOp(1, envelope(1), { metadata: large }))).toThrow('operation: ')
  })

  it('encodePinContent() is a function of the pin, whatever the order of its metadata', () => {
    const one = encodePinContent(pinOf(1, { metadata: { a: '1', b: '2' } }))
    const other = encodePinContent(pinOf(1, { metadata: { b: '2', a: '1' }, timestampMs: 7 }))
    expect(one).toEqual(other)
  })

  it('cutBatch() takes what fits 256 KiB and 1 000 operations, and encodeBatch() accepts exactly that', () => {
    const small = encodeOperation(unpinOp(1, envelope(1)))
    expect(cutBatch([])).toBe(0)
    expect(cutBatch([small])).toBe(1)
    expect(cutBatch(Array.from({ length: 1500 }, () => small))).toBe(LOG_LIMITS.maxBatchOperations)
    const large = encodeOperation(
      pinOp(1, envelope(1), {
        metadata: Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`k${at}`, 'x'.repeat(1000)])),
      }),
    )
    const many = Array.from({ length: 20 }, () => large)
    const count = cutBatch(many)
    expect(count).toBeLessThan(20)
    expect(encodeBatch(many.slice(0, count)).length).toBeLessThanOrEqual(LOG_LIMITS.maxBatchBytes)
    expect(() => encodeBatch(many)).toThrow(CorruptError)
    expect(() => encodeBatch([])).toThrow(CorruptError)
  })

  it('decodeOperation() gives a CID that does not keep the entry in memory', () => {
    const bytes = encodeOperation(unpinOp(1, envelope(1)))
    const decoded = decodeOperation(bytes)
    expect(decoded.kind === 'unpin' && decoded.cid.bytes.buffer).not.toBe(bytes.buffer)
  })

  it('decodeOperation() keeps the CID as it was given, version 0 or 1', () => {
    const v0 = CID.parse('QmbWqxBEKC3P8tqsKc98xmWNzrzDtRLMiMPL8wBuTGsMnR')
    const decoded = decodeOperation(encodeOperation(unpinOperation(envelope(1), v0, 1)))
    expect(decoded.kind === 'unpin' && decoded.cid.toString()).toBe(v0.toString())
    expect(v0.toV1().bytes).not.toEqual(v0.bytes)
  })
})

describe('idempotency-key', () => {
  it('parseIdempotencyKey() reads UUIDs of version 7 only, and their time can be told', () => {
    const key = parseIdempotencyKey('018bcfe5-6800-7abc-8def-0123456789ab')
    expect(idempotencyKeyTimeMs(key)).toBe(START_MS)
    expect(idempotencyKeyTimeMs(keyOf(START_MS + 12_345, 1))).toBe(START_MS + 12_345)
    for (const text of [
      '',
      'x',
      '018bcfe5-6800-4abc-8def-0123456789ab',
      '018bcfe5-6800-7abc-0def-0123456789ab',
      '018bcfe568007abc8def0123456789ab',
    ]) {
      expect(() => parseIdempotencyKey(text), text).toThrow('not a UUID of version 7')
    }
  })

  it('requestFingerprint() differs with every part of the request', () => {
    const bytes = cidOf(1).bytes
    const prints = [
      requestFingerprint(1, bytes, null, ''),
      requestFingerprint(2, bytes, null, ''),
      requestFingerprint(1, bytes, 0, ''),
      requestFingerprint(1, bytes, null, 'x'),
      requestFingerprint(1, cidOf(2).bytes, null, ''),
    ].map((print) => Buffer.from(print).toString('hex'))
    expect(new Set(prints).size).toBe(5)
    expect(prints[0]).toBe(Buffer.from(requestFingerprint(1, bytes, null, '')).toString('hex'))
  })
})

function sortMetadata(value: Operation): Operation {
  if (value.kind !== 'pin') return value
  const metadata = Object.fromEntries(
    Object.keys(value.pin.metadata)
      .sort()
      .map((key) => [key, value.pin.metadata[key] ?? '']),
  )
  return { ...value, pin: { ...value.pin, metadata } }
}
