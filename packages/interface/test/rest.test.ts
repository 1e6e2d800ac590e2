import * as fc from 'fast-check'
import { base36 } from 'multiformats/bases/base36'
import { base58btc } from 'multiformats/bases/base58'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'
import { describe, expect, it } from 'vitest'

import type { GlobalPinInfo, PeerId, PeerInfo, Pin, PinOptions } from '../src/index.ts'
import {
  CorruptError,
  globalPinInfoFromJson,
  globalPinInfoToJson,
  InvalidRequestError,
  parseDuration,
  peerIdFromText,
  peerInfoFromJson,
  peerInfoToJson,
  PIN_STATUSES,
  pinFromJson,
  pinOptionsFromQuery,
  pinOptionsToQuery,
  pinToJson,
  statusesFromFilter,
} from '../src/index.ts'

const PEER = '12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN' as PeerId

const cid = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => CID.createV1(0x55, Digest.create(0x12, bytes)))
const peerIds = fc.array(fc.constant(PEER), { maxLength: 2 })
const time = fc.integer({ min: 1, max: Date.UTC(2100, 0, 1) })
const metadata = fc
  .dictionary(fc.string({ minLength: 1, maxLength: 10 }), fc.string({ maxLength: 10 }))
  .map((record) => Object.fromEntries(Object.entries(record)))
const options: fc.Arbitrary<PinOptions> = fc.record({
  replicationFactorMin: fc.integer({ min: -1, max: 10 }),
  replicationFactorMax: fc.integer({ min: -1, max: 10 }),
  name: fc.string({ maxLength: 20 }),
  mode: fc.constantFrom('recursive', 'direct'),
  userAllocations: peerIds,
  expireAtMs: fc.option(time),
  metadata,
  pinUpdate: fc.option(cid),
  origins: fc.array(fc.constant(`/ip4/1.2.3.4/tcp/1/p2p/${PEER}`), { maxLength: 2 }),
})
const pin: fc.Arbitrary<Pin> = fc
  .tuple(options, fc.record({ cid, allocations: peerIds, timestampMs: fc.nat(Date.UTC(2100, 0, 1)) }))
  .map(([chosen, rest]) => Object.assign({ ...chosen }, rest))
const info: fc.Arbitrary<GlobalPinInfo> = fc.record({
  cid,
  name: fc.string(),
  allocations: peerIds,
  origins: fc.array(fc.constant('/ip4/1.2.3.4/tcp/1'), { maxLength: 1 }),
  createdMs: fc.nat(),
  metadata,
  peers: fc
    .record({
      peerId: fc.constant(PEER),
      peerName: fc.string(),
      ipfsPeerId: fc.string(),
      ipfsAddresses: fc.array(fc.string(), { maxLength: 2 }),
      status: fc.constantFrom(...PIN_STATUSES),
      timestampMs: fc.nat(),
      error: fc.string(),
      attemptCount: fc.nat(),
      priorityPin: fc.boolean(),
    })
    .chain((peer) =>
      fc
        .option(fc.record({ blocks: fc.nat(), bytes: fc.nat() }))
        .map((progress) => (progress === null ? peer : Object.assign({ ...peer }, { progress }))),
    )
    .map((peer) => [peer]),
})
const peer: fc.Arbitrary<PeerInfo> = fc.record({
  id: fc.constant(PEER),
  name: fc.string(),
  addresses: fc.array(fc.string()),
  version: fc.string(),
  rpcProtocol: fc.string(),
  clusterPeers: peerIds,
  clusterPeersAddresses: fc.array(fc.string()),
  ipfs: fc.option(fc.record({ id: fc.string({ minLength: 1 }), addresses: fc.array(fc.string()) })),
  ipfsError: fc.string(),
  error: fc.string(),
})

const throughWire = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

describe('rest.ts', () => {
  it('pinFromJson() reads back what pinToJson() prints', () => {
    fc.assert(
      fc.property(pin, (value) => {
        expect(pinFromJson(throughWire(pinToJson(value)))).toEqual(value)
      }),
    )
  })

  it('globalPinInfoFromJson() reads back what globalPinInfoToJson() prints', () => {
    fc.assert(
      fc.property(info, (value) => {
        expect(globalPinInfoFromJson(throughWire(globalPinInfoToJson(value)))).toEqual(value)
      }),
    )
  })

  it('peerInfoFromJson() reads back what peerInfoToJson() prints', () => {
    fc.assert(
      fc.property(peer, (value) => {
        expect(peerInfoFromJson(throughWire(peerInfoToJson(value)))).toEqual(value)
      }),
    )
  })

  it('conversions from JSON take any value or refuse it as corrupt', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        for (const decode of [pinFromJson, globalPinInfoFromJson, peerInfoFromJson]) {
          expect(() => decode(value)).toThrow(CorruptError)
        }
      }),
    )
  })

  it('pinFromJson() reads a pin as IPFS Cluster prints it, also with the CID of older versions', () => {
    const text =
      '{"replication_factor_min":-1,"replication_factor_max":-1,"name":"","mode":"recursive","shard_size":0,"user_allocations":null,"expire_at":"0001-01-01T00:00:00Z","metadata":null,"pin_update":null,"origins":null,"cid":{"/":"QmdfTbBqBPQ7VNxZEYEj14VmRuZBkqFbiwReogJgS1zR1n"},"type":"pin","allocations":[],"max_depth":0,"reference":null,"timestamp":"2026-01-02T03:04:05.123456789+01:00"}'

    expect(pinFromJson(JSON.parse(text))).toMatchObject({
      expireAtMs: null,
      metadata: {},
      mode: 'direct',
      timestampMs: Date.UTC(2026, 0, 2, 2, 4, 5, 123),
    })
  })

  it('peerIdFromText() takes base58 and CIDs, gives the one canonical text, refuses the rest', () => {
    const asCid = CID.createV1(0x72, Digest.decode(base58btc.decode(`z${PEER}`)))

    expect(peerIdFromText(PEER)).toBe(PEER)
    expect(peerIdFromText(asCid.toString(base36))).toBe(PEER)
    expect(peerIdFromText(asCid.toString())).toBe(PEER)
    for (const text of ['', 'bob', '12D3', `${PEER}x`, '/p2p/x', 'x'.repeat(1000)]) {
      expect(() => peerIdFromText(text)).toThrow(InvalidRequestError)
    }
  })
})

describe('rest-query.ts', () => {
  it('pinOptionsFromQuery() reads back what pinOptionsToQuery() writes', () => {
    fc.assert(
      fc.property(options, (value) => {
        const query = Object.fromEntries(pinOptionsToQuery(value))

        expect(pinOptionsFromQuery(query, 0)).toEqual(value)
      }),
    )
  })

  it('pinOptionsFromQuery() lets replication set both factors and expire-at go before expire-in', () => {
    const query = { replication: '3', 'replication-min': '1', 'expire-at': '2030-01-01T00:00:00Z', 'expire-in': '1h' }

    expect(pinOptionsFromQuery(query, 0)).toMatchObject({
      replicationFactorMin: 3,
      replicationFactorMax: 3,
      expireAtMs: Date.UTC(2030, 0, 1),
    })
    expect(pinOptionsFromQuery({ 'expire-in': '1h' }, 1000).expireAtMs).toBe(3_601_000)
    expect(pinOptionsFromQuery({ 'expire-at': '0001-01-01T00:00:00Z' }, 0).expireAtMs).toBeNull()
  })

  it('statusesFromFilter() resolves aliases and refuses unknown words', () => {
    expect(statusesFromFilter('')).toBeUndefined()
    expect(statusesFromFilter('queued,pinned,pin_queued')).toEqual(['pin_queued', 'unpin_queued', 'pinned'])
    expect(() => statusesFromFilter('pinned,nonsense')).toThrow(/nonsense/)
  })
})

describe('duration.ts', () => {
  it.each([
    ['0', 0],
    ['1s', 1000],
    ['1h30m', 5_400_000],
    ['1.5s', 1500],
    ['.5m', 30_000],
    ['250ms', 250],
    ['1500us', 2],
    ['-2s', -2000],
  ])('parseDuration(%j) is %d ms', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds)
  })

  it.each(['', 's', '1', '1d', '1 s', '1s ', 'bogus', '1e3s', '--1s', '9'.repeat(70)])(
    'parseDuration(%j) is refused',
    (text) => {
      expect(() => parseDuration(text)).toThrow(InvalidRequestError)
    },
  )
})
