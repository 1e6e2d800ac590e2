/** The whole HTTP API: every endpoint, once. */
import { CLUSTER_ENDPOINTS } from './endpoints/cluster.ts'
import { CONTENT_ENDPOINTS } from './endpoints/content.ts'
import { PEER_ENDPOINTS } from './endpoints/peers.ts'
import { PIN_ENDPOINTS } from './endpoints/pins.ts'
import { STATUS_ENDPOINTS } from './endpoints/status.ts'
import type { Endpoint } from './endpoint.ts'

export const ENDPOINTS: readonly Endpoint[] = [
  ...PEER_ENDPOINTS,
  ...PIN_ENDPOINTS,
  ...STATUS_ENDPOINTS,
  ...CONTENT_ENDPOINTS,
  ...CLUSTER_ENDPOINTS,
]
