/** How this peer and its cluster are. */
import { clusterStatusToJson } from '@pinset/interface'

import { endpoint } from '../endpoint.ts'
import { NotReadyError } from '../failure.ts'
import { whyNotReady } from '../readiness.ts'

/** How long `/ready` waits for the peer to catch up. */
const READY_WAIT_MS = 1000

export const CLUSTER_ENDPOINTS = [
  endpoint({
    method: 'GET',
    path: '/cluster',
    summary: 'Consensus as this peer sees it, from memory',
    effect: 'read',
    handle(_call, { cluster }) {
      return { kind: 'json', value: clusterStatusToJson(cluster.clusterStatus()) }
    },
  }),
  endpoint({
    method: 'GET',
    path: '/health',
    summary: 'The process answers',
    effect: 'read',
    handle: () => ({ kind: 'empty' }),
  }),
  endpoint({
    method: 'GET',
    path: '/ready',
    summary: 'The peer is a member, has a leader and has applied what was committed',
    effect: 'read',
    async handle({ signal }, { cluster }) {
      const reason = whyNotReady(cluster.clusterStatus())
      if (reason !== null) throw new NotReadyError(reason)
      try {
        await cluster.ready({ signal: AbortSignal.any([signal, AbortSignal.timeout(READY_WAIT_MS)]) })
      } catch (error) {
        const status = cluster.clusterStatus()
        const behind = `this peer has applied ${status.appliedIndex} of ${status.commitIndex} committed entries`
        throw new NotReadyError(whyNotReady(status) ?? behind, { cause: error })
      }
      return { kind: 'json', value: { ready: true } }
    },
  }),
]
