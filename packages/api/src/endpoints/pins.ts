/** The replicated pinset: pin, unpin, and what it holds. */
import type { Committed, PinOutcome, PinsetView, UnpinOutcome } from '@pinset/interface'
import {
  cidFromText,
  InvalidRequestError,
  listFromQuery,
  NotFoundError,
  pinOptionsFromQuery,
  pinToJson,
  RefusedError,
} from '@pinset/interface'
import type { CID } from 'multiformats/cid'
import { Type } from 'typebox'

import type { Answer, Call, EndpointContext } from '../endpoint.ts'
import { COUNT, endpoint, READ_QUERY, readOptions, TEXT, WRITE_QUERY, writeOptions } from '../endpoint.ts'
import { ConflictError, IdempotencyExpiredError, NOT_PINNED } from '../failure.ts'

const PIN_QUERY = Type.Object({
  ...WRITE_QUERY,
  replication: TEXT,
  'replication-min': TEXT,
  'replication-max': TEXT,
  name: TEXT,
  mode: TEXT,
  'user-allocations': TEXT,
  'expire-at': TEXT,
  'expire-in': TEXT,
  'pin-update': TEXT,
  origins: TEXT,
})
const UNPIN_QUERY = Type.Object(WRITE_QUERY)
const PIN_TYPES = ['all', 'pin', 'meta-pin', 'clusterdag-pin', 'shard-pin']

export const PIN_ENDPOINTS = [
  endpoint({
    method: 'POST',
    path: '/pins/:cid',
    summary: 'Pin a CID',
    effect: 'write',
    query: PIN_QUERY,
    handle: (call, context) => pin(cidFromText(call.params['cid'] ?? ''), call, context),
  }),
  endpoint({
    method: 'DELETE',
    path: '/pins/:cid',
    summary: 'Unpin a CID',
    effect: 'write',
    query: UNPIN_QUERY,
    handle: (call, context) => unpin(cidFromText(call.params['cid'] ?? ''), call, context),
  }),
  endpoint({
    method: 'POST',
    path: '/pins/ipfs/*',
    summary: 'Pin the CID of an IPFS path',
    effect: 'write',
    query: PIN_QUERY,
    handle: (call, context) => pin(cidFromPath(call.params['*'] ?? ''), call, context),
  }),
  endpoint({
    method: 'DELETE',
    path: '/pins/ipfs/*',
    summary: 'Unpin the CID of an IPFS path',
    effect: 'write',
    query: UNPIN_QUERY,
    handle: (call, context) => unpin(cidFromPath(call.params['*'] ?? ''), call, context),
  }),
  endpoint({
    method: 'GET',
    path: '/allocations',
    summary: 'The pinset, in the order of its CIDs',
    effect: 'read',
    deadline: 'none',
    stream: 'list',
    query: Type.Object({ ...READ_QUERY, filter: TEXT, after: TEXT, limit: COUNT }),
    async handle(call, { cluster }) {
      const wanted = listFromQuery(call.query, 'filter')
      const unknown = wanted.find((type) => !PIN_TYPES.includes(type))
      if (unknown !== undefined) {
        throw new InvalidRequestError(
          `option filter is invalid: ${unknown}; it takes pin types: ${PIN_TYPES.join(', ')}`,
        )
      }
      const everything = wanted.length === 0 || wanted.includes('all') || wanted.includes('pin')
      const after = call.query.after === undefined ? undefined : cidFromText(call.query.after)
      const { limit } = call.query
      const view = await cluster.state(readOptions(call))
      return {
        kind: 'lines',
        headers: { 'x-pinset-revision': String(view.revision) },
        items: pinsOf(view, everything, {
          signal: call.signal,
          ...(after === undefined ? {} : { after }),
          ...(limit === undefined ? {} : { limit }),
        }),
      }
    },
  }),
  endpoint({
    method: 'GET',
    path: '/allocations/:cid',
    summary: 'One pin of the pinset',
    effect: 'read',
    query: Type.Object(READ_QUERY),
    async handle(call, { cluster }) {
      const cid = cidFromText(call.params['cid'] ?? '')
      await using view = await cluster.state(readOptions(call))
      const record = await view.get(cid, { signal: call.signal })
      if (record === undefined) throw new NotFoundError(NOT_PINNED)
      return {
        kind: 'json',
        headers: {
          'x-pinset-revision': String(view.revision),
          'x-pinset-modified-index': String(record.modifiedIndex),
        },
        value: pinToJson(record.pin),
      }
    },
  }),
]

async function pin(
  cid: CID,
  call: Call<{ 'if-modified-index'?: number }, unknown>,
  context: EndpointContext,
): Promise<Answer> {
  const options = pinOptionsFromQuery(call.query, Date.now())
  const committed = await context.cluster.pin({ cid, ...options }, writeOptions(call))
  const outcome = pinnedOrThrow(committed.outcome, cid)
  return {
    kind: 'json',
    headers: { ...committedHeaders(committed), 'x-pinset-modified-index': String(outcome.modifiedIndex) },
    value: pinToJson(outcome.pin),
  }
}

async function unpin(
  cid: CID,
  call: Call<{ 'if-modified-index'?: number }, unknown>,
  context: EndpointContext,
): Promise<Answer> {
  const committed = await context.cluster.unpin(cid, writeOptions(call))
  const { outcome } = committed
  if (outcome.kind !== 'unpinned') throw withoutEffect(outcome, cid)
  return { kind: 'json', headers: committedHeaders(committed), value: pinToJson(outcome.pin) }
}

/** @throws what an outcome other than `pinned` means to the client; nothing took effect then. */
export function pinnedOrThrow(outcome: PinOutcome, cid: CID): PinOutcome & { readonly kind: 'pinned' } {
  if (outcome.kind !== 'pinned') throw withoutEffect(outcome, cid)
  return outcome
}

type OutcomeWithoutEffect = Exclude<PinOutcome | UnpinOutcome, { readonly kind: 'pinned' | 'unpinned' }>

function withoutEffect(outcome: OutcomeWithoutEffect, cid: CID): Error {
  if (outcome.kind === 'not-pinned') return new NotFoundError(NOT_PINNED)
  if (outcome.kind === 'refused') return new RefusedError(`${cid.toString()} is left as it was: ${outcome.reason}`)
  return outcome.kind === 'conflict' ? new ConflictError(cid, outcome.modifiedIndex) : new IdempotencyExpiredError()
}

function committedHeaders(committed: Committed<PinOutcome | UnpinOutcome>): Record<string, string> {
  return {
    'x-pinset-revision': String(committed.revision),
    ...(committed.appliedHere ? {} : { 'x-pinset-applied': 'false' }),
  }
}

async function* pinsOf(
  view: PinsetView,
  everything: boolean,
  range: Parameters<PinsetView['pins']>[0],
): AsyncGenerator<ReturnType<typeof pinToJson>> {
  try {
    if (!everything) return
    for await (const record of view.pins(range)) yield pinToJson(record.pin)
  } finally {
    await view.close()
  }
}

function cidFromPath(path: string): CID {
  const [cid = '', ...below] = path.split('/').filter((segment) => segment !== '')
  if (below.length > 0) {
    throw new InvalidRequestError('a path below a CID cannot be pinned; resolve it first and pin the CID that it names')
  }
  return cidFromText(cid)
}
