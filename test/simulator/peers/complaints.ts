/**
 * Owns what a peer may say of itself.
 *
 * CM1 It says that something is wrong with it, halts, or stops applying only where its disk has failed or was damaged. CM2 While it
 * runs, takes part and applies, it does not say of its pins that it has stopped.
 */
import type { PinsetConsensus } from '@pinset/consensus'
import { StoppedError, type LogFields } from '@pinset/interface'

import { Violation } from '../invariants/violation.ts'
import type { SimulatedPeer } from './peer.ts'

/** CM1 @throws {Violation} */
export function checkComplaint(
  { id, control, isLost }: SimulatedPeer,
  message: string,
  { err: cause }: LogFields,
): void {
  if (!control.hasFailed && !isLost) {
    const why = cause instanceof Error ? cause.message : ''
    throw new Violation('complaint', `${id}, whose disk is fine, says: ${message}: ${why}`, { cause })
  }
}

/** CM2 @throws {Violation} */
export function checkRefusal(
  { id, isStarting, isStopping }: SimulatedPeer,
  consensus: PinsetConsensus,
  cause: unknown,
): void {
  const takesPart = !isStarting && !isStopping && consensus.status().haltedReason === null
  if (takesPart && cause instanceof StoppedError) {
    throw new Violation('stopped', `${id} runs, and says: ${cause.message}`, { cause })
  }
}
