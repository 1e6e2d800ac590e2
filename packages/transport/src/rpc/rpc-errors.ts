/** Errors of RPC handlers on their way to the caller: by code, with their fields, to the same class at the other end. */
import { isErrorCode, PeerUnreachableError, RevisionTimeoutError, tryErrorOfCode } from '@pinset/interface'
import type { PeerId } from '@pinset/interface'

import type { RpcFailureValue } from '../codec/rpc-codec.ts'

/** The handler failed in a way that no class stands for; whether it took effect is not known. */
export class RemoteError extends Error {
  override readonly name = 'RemoteError'
  readonly code: string
  constructor(message: string, code: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

export const UNKNOWN_METHOD = 'ERR_UNKNOWN_METHOD'
const HANDLER_FAILED = 'ERR_HANDLER_FAILED'

export function errorToFailure(err: unknown): RpcFailureValue {
  const message = err instanceof Error ? err.message : String(err)
  const code = codeOf(err)
  const fields: Record<string, string> = {}
  if (err instanceof RevisionTimeoutError) fields['appliedIndex'] = String(err.appliedIndex)
  if (err instanceof PeerUnreachableError && err.peerId !== null) fields['peerId'] = err.peerId
  return { code: code ?? HANDLER_FAILED, message, fields }
}

export function failureToError({ code, message, fields }: RpcFailureValue): Error {
  const appliedIndex = safeIndex(fields['appliedIndex'])
  const peerId = (fields['peerId'] as PeerId | undefined) ?? null
  return tryErrorOfCode(code, message, { appliedIndex, peerId }) ?? new RemoteError(message, code)
}

function safeIndex(text: string | undefined): number {
  const value = Number(text ?? 0)
  return Number.isSafeInteger(value) && value >= 0 ? value : 0
}

/** The code of an error that crosses packages, or null. */
function codeOf(err: unknown): string | null {
  if (err instanceof RemoteError) return err.code
  const code = err instanceof Error && 'code' in err ? err.code : null
  return isErrorCode(code) ? code : null
}
