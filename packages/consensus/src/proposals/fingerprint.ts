/** What a write asks for, in 32 bytes: equal for all attempts of one request, before the leader adds anything to it. */
import { requestFingerprint } from '../codec/idempotency-key.ts'
import { OPERATION_NUMBERS } from '../codec/operation-codec.ts'
import { encodePinRequest } from '../codec/pin-codec.ts'
import type { ProposedOperation } from '../rpc-methods.ts'

export function fingerprintOf({
  request,
  ifModifiedIndex,
  actor,
}: Pick<ProposedOperation, 'request' | 'ifModifiedIndex' | 'actor'>): Uint8Array {
  const bytes = request.kind === 'pin' ? encodePinRequest(request.pin) : request.cid.bytes
  return requestFingerprint(OPERATION_NUMBERS[request.kind], bytes, ifModifiedIndex, actor)
}
