/** What the peers observe about pins on their IPFS nodes, and recovery. */
import {
  cidFromText,
  globalPinInfoToJson,
  InvalidRequestError,
  listFromQuery,
  statusesFromFilter,
} from '@pinset/interface'
import type { Cluster, GlobalPinInfo, PinStatus } from '@pinset/interface'
import { Type } from 'typebox'

import { endpoint, localOption, mapped, READ_QUERY, readOptions, TEXT } from '../endpoint.ts'

const MAX_CIDS = 1000
const RECOVERABLE: readonly PinStatus[] = ['cluster_error', 'pin_error', 'unpin_error', 'unexpectedly_unpinned']

export const STATUS_ENDPOINTS = [
  endpoint({
    method: 'GET',
    path: '/pins',
    summary: 'The status of every pin on every peer',
    effect: 'read',
    deadline: 'none',
    stream: 'list',
    query: Type.Object({ ...READ_QUERY, local: TEXT, filter: TEXT, cids: Type.Optional(Type.String()) }),
    handle(call, { cluster }) {
      const statuses = statusesFromFilter(call.query.filter ?? '')
      const cids = listFromQuery(call.query, 'cids').map(cidFromText)
      if (cids.length > MAX_CIDS) throw new InvalidRequestError(`option cids is too long: at most ${MAX_CIDS}`)
      const items = cluster.statusAll({
        ...readOptions(call),
        ...localOption(call.query),
        ...(statuses === undefined ? {} : { statuses }),
        ...(cids.length === 0 ? {} : { cids }),
      })
      // Its pages are read one after the other: all of them are at least as new as this.
      const revision = Math.max(cluster.clusterStatus().appliedIndex, call.query['min-revision'] ?? 0)
      return {
        kind: 'lines',
        headers: { 'x-pinset-revision': String(revision) },
        items: mapped(items, globalPinInfoToJson),
      }
    },
  }),
  endpoint({
    method: 'GET',
    path: '/pins/:cid',
    summary: 'The status of one pin on every peer',
    effect: 'read',
    query: Type.Object({ ...READ_QUERY, local: TEXT }),
    async handle(call, { cluster }) {
      const cid = cidFromText(call.params['cid'] ?? '')
      const info = await cluster.status(cid, { ...readOptions(call), ...localOption(call.query) })
      return { kind: 'json', headers: revisionHeader(info), value: globalPinInfoToJson(info) }
    },
  }),
  endpoint({
    method: 'POST',
    path: '/pins/:cid/recover',
    summary: 'Try a failed pin again',
    effect: 'write',
    query: Type.Object({ local: TEXT }),
    async handle(call, { cluster }) {
      const cid = cidFromText(call.params['cid'] ?? '')
      const info = await cluster.recover(cid, { signal: call.signal, ...localOption(call.query) })
      return { kind: 'json', headers: revisionHeader(info), value: globalPinInfoToJson(info) }
    },
  }),
  endpoint({
    method: 'POST',
    path: '/pins/recover',
    summary: 'Try every failed pin again',
    effect: 'write',
    deadline: 'none',
    stream: 'list',
    query: Type.Object({ local: TEXT }),
    handle(call, { cluster }) {
      return {
        kind: 'lines',
        items: mapped(recoverAll(cluster, call.signal, localOption(call.query)), globalPinInfoToJson),
      }
    },
  }),
]

function revisionHeader({ revision }: GlobalPinInfo): Record<string, string> {
  return revision === undefined ? {} : { 'x-pinset-revision': String(revision) }
}

async function* recoverAll(
  cluster: Cluster,
  signal: AbortSignal,
  local: { readonly local?: boolean },
): AsyncGenerator<GlobalPinInfo> {
  for await (const info of cluster.statusAll({ ...local, statuses: RECOVERABLE, signal })) {
    yield await cluster.recover(info.cid, { ...local, signal })
  }
}
