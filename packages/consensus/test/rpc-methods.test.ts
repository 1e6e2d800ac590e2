import { CorruptError, type RpcMethod } from '@pinset/interface'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { LOG_LIMITS } from '../src/codec/index.ts'
import type { Newcomer } from '../src/membership/index.ts'
import { cutProposals, encodeProposedOperation } from '../src/codec/rpc-codec.ts'
import { CONSENSUS_METHODS, type ProposalAnswer, type ProposedOperation } from '../src/rpc-methods.ts'
import {
  cidOf,
  DECODED_OR_REFUSED,
  keyOf,
  member,
  membershipEntry,
  peer,
  pinOf,
  START_MS,
  verdict,
} from './fakes/samples.ts'

const newcomer: Newcomer = {
  peerId: peer('b'),
  storageId: 's1',
  name: 'b',
  addresses: ['/ip4/1.2.3.4/tcp/1/p2p/b'],
  supportedVersion: 1,
}
const clusterId = 'ab'.repeat(32)
const requestId = { peerId: 'a', storageId: 's1', serial: 7, lowWater: 3 }
const { allocations: _, timestampMs: __, ...request } = pinOf(1, { name: 'x', metadata: { k: 'v' } })
const pinIt: ProposedOperation = {
  requestId,
  actor: 'me',
  idempotencyKey: keyOf(START_MS, 1),
  ifModifiedIndex: 0,
  request: { kind: 'pin', pin: request },
}
const unpinIt: ProposedOperation = {
  requestId,
  actor: '',
  idempotencyKey: null,
  ifModifiedIndex: null,
  request: { kind: 'unpin', cid: cidOf(1) },
}
const answers: readonly ProposalAnswer[] = [
  { kind: 'committed', revision: 5, outcome: { kind: 'pinned', pin: pinOf(1), modifiedIndex: 5, changed: true } },
  { kind: 'committed', revision: 5, outcome: { kind: 'unpinned', pin: pinOf(2) } },
  { kind: 'committed', revision: 5, outcome: { kind: 'conflict', modifiedIndex: 0 } },
  { kind: 'committed', revision: 5, outcome: { kind: 'refused', reason: 'no' } },
  { kind: 'committed', revision: 5, outcome: { kind: 'expired' } },
  { kind: 'committed', revision: 5, outcome: { kind: 'not-pinned' } },
  { kind: 'committed', revision: 5, outcome: null },
  { kind: 'rejected', code: 'ERR_NO_LEADER', message: 'not the leader' },
  { kind: 'unknown', message: 'leadership was lost' },
]
const { data } = membershipEntry(3, [member('a')])
const record = { clusterId, epoch: 1, members: [member('a')] }

/** Values of every method, requests and responses. */
const samples: readonly [RpcMethod<never, never>, readonly unknown[], readonly unknown[]][] = [
  sample(
    CONSENSUS_METHODS.identify,
    [null],
    [
      { self: newcomer, clusterId: null, epoch: 0 },
      { self: newcomer, clusterId, epoch: 1 },
    ],
  ),
  sample(CONSENSUS_METHODS.join, [{ newcomer, clusterId }], [{ record, index: 4 }]),
  sample(CONSENSUS_METHODS.admit, [{ record, index: 4 }], [null]),
  sample(
    CONSENSUS_METHODS.membership,
    [null],
    [
      { clusterId, epoch: 1, index: 3, entry: data, appliedIndex: 3 },
      { clusterId, epoch: 1, index: 3, entry: data, appliedIndex: 1000 },
      { clusterId, epoch: 1, index: 0, entry: new Uint8Array(0), appliedIndex: 0 },
    ],
  ),
  sample(CONSENSUS_METHODS.propose, [[pinIt, unpinIt], []], [answers]),
  sample(CONSENSUS_METHODS.readIndex, [null], [17]),
  sample(
    CONSENSUS_METHODS.checkpoints,
    [null],
    [[], [{ index: 1024, head: new Uint8Array(32).fill(1), digest: new Uint8Array(32).fill(2) }]],
  ),
  sample(
    CONSENSUS_METHODS.changeMembership,
    [
      { change: { op: 'add-peer', newcomer, wanted: 'learner' }, requestId, actor: '' },
      { change: { op: 'update-peer', newcomer }, requestId, actor: '' },
      { change: { op: 'rm-peer', peerId: peer('b') }, requestId, actor: 'me' },
      { change: { op: 'demote-peer', peerId: peer('b') }, requestId, actor: '' },
    ],
    [{ index: 3, entry: data }],
  ),
  sample(CONSENSUS_METHODS.transfer, [null, peer('b')], [peer('b')]),
]

function sample<Request, Response>(
  method: RpcMethod<Request, Response>,
  requests: readonly Request[],
  responses: readonly Response[],
) {
  return [method as unknown as RpcMethod<never, never>, requests, responses] as [
    RpcMethod<never, never>,
    readonly unknown[],
    readonly unknown[],
  ]
}

describe('rpc-methods', () => {
  it('every method gives back its requests and responses, and is named after this room', () => {
    expect(samples.length).toBe(Object.keys(CONSENSUS_METHODS).length)
    for (const [method, requests, responses] of samples) {
      expect(method.name).toMatch(/^consensus\.[a-zA-Z]+$/)
      for (const value of requests)
        expect(method.request.decode(method.request.encode(value as never)), method.name).toEqual(value)
      for (const value of responses)
        expect(method.response.decode(method.response.encode(value as never)), method.name).toEqual(value)
    }
  })

  it('only identify, join, admit and membership are open', () => {
    const open = Object.values(CONSENSUS_METHODS).filter(({ policy }) => policy === 'open')
    expect(open.map(({ name }) => name)).toEqual([
      'consensus.identify',
      'consensus.join',
      'consensus.admit',
      'consensus.membership',
    ])
  })

  it('every method decodes or refuses mutated bytes', () => {
    const codecs = samples.flatMap(([method, requests, responses]) => [
      ...requests.map((value) => ({ codec: method.request, bytes: method.request.encode(value as never) })),
      ...responses.map((value) => ({ codec: method.response, bytes: method.response.encode(value as never) })),
    ])
    fc.assert(
      fc.property(
        fc.constantFrom(...codecs),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }),
        fc.nat(40),
        ({ codec, bytes }, edits, cut) => {
          const mutated = bytes.slice(0, Math.max(0, bytes.length - (cut > 20 ? cut - 20 : 0)))
          for (const [at, value] of edits) if (mutated.length > 0) mutated[at % mutated.length] = value
          expect(verdict(() => codec.decode(mutated))).toMatch(DECODED_OR_REFUSED)
        },
      ),
      { numRuns: 3000 },
    )
  })

  it('membership tells at least its own index; an older peer, which tells none, means that one', () => {
    const { response: codec } = CONSENSUS_METHODS.membership
    const told = { clusterId, epoch: 1, index: 3, entry: data, appliedIndex: 3 }
    expect(codec.decode(codec.encode({ ...told, appliedIndex: 0 }))).toEqual(told)
    expect(() => codec.decode(codec.encode({ ...told, appliedIndex: 2 }))).toThrow('membership.appliedIndex')
  })

  it('propose refuses a request with allocations, with neither pin nor unpin, and more than a batch', () => {
    const { request: codec } = CONSENSUS_METHODS.propose
    const allocated = { ...pinIt, request: { kind: 'pin' as const, pin: { ...request, allocations: [] } } }
    expect(codec.decode(codec.encode([allocated]))).toEqual([pinIt])
    expect(() => codec.encode(Array.from({ length: LOG_LIMITS.maxBatchOperations + 1 }, () => unpinIt))).toThrow(
      'propose.operations',
    )
    expect(() =>
      codec.encode(
        [{ ...unpinIt, requestId: { ...requestId, serial: 2 ** 40 } }].map(
          (each) => codec.decode(codec.encode([each]))[0] ?? each,
        ),
      ),
    ).toThrow('serial')
  })

  it('cutProposals() takes what one call accepts', () => {
    const large: ProposedOperation = {
      ...pinIt,
      request: {
        kind: 'pin',
        pin: {
          ...request,
          metadata: Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`k${at}`, 'x'.repeat(1000)])),
        },
      },
    }
    const many = Array.from({ length: 30 }, () => large)
    const count = cutProposals(many.map(encodeProposedOperation))
    expect(count).toBeGreaterThan(5)
    expect(count).toBeLessThan(30)
    expect(CONSENSUS_METHODS.propose.request.encode(many.slice(0, count)).length).toBeLessThanOrEqual(
      LOG_LIMITS.maxBatchBytes,
    )
    expect(() => CONSENSUS_METHODS.propose.request.encode(many)).toThrow(CorruptError)
  })

  it('propose answers stay below a frame: outcomes that do not fit are left out, revisions are not', () => {
    const { response: codec } = CONSENSUS_METHODS.propose
    const metadata = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`k${at}`, 'x'.repeat(1000)]))
    const large: readonly ProposalAnswer[] = Array.from({ length: 1000 }, (_, at) => ({
      kind: 'committed',
      revision: at + 1,
      outcome: { kind: 'unpinned', pin: pinOf(at, { metadata }) },
    }))
    const bytes = codec.encode(large)
    expect(bytes.length).toBeLessThan(1024 * 1024)
    const decoded = codec.decode(bytes)
    expect(decoded.map((answer) => answer.kind === 'committed' && answer.revision)).toEqual(
      large.map((answer) => answer.kind === 'committed' && answer.revision),
    )
    expect(decoded[0]).toEqual(large[0])
    expect(decoded.at(-1)).toMatchObject({ outcome: null })
  })
})
