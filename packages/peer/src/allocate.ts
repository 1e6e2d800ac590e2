/** Who must hold a pin. Runs on the leader, before the log. */
import type { Pin, PinRequest } from '@pinset/interface'

/** Everywhere: an empty list of allocations, as IPFS Cluster writes it. */
export function allocate(request: PinRequest, nowMs: number): Pin {
  return {
    ...request,
    replicationFactorMin: request.replicationFactorMin === 0 ? -1 : request.replicationFactorMin,
    replicationFactorMax: request.replicationFactorMax === 0 ? -1 : request.replicationFactorMax,
    allocations: [],
    timestampMs: nowMs,
  }
}
