/**
 * From an error to what a client is told.
 *
 * F1 4xx, 502, 503 and 507 mean that nothing took effect; 500 and 504 that a write may have.
 * F2 A client sees sentences, never stacks.
 */
import type { CID } from 'multiformats/cid'

import type { Effect } from './endpoint.ts'

/** The words by which clients of IPFS Cluster know that a pin does not exist. */
export const NOT_PINNED = 'pin is not part of the pinset'

/** HTTP status by the code of an error (F1). */
export const ERROR_STATUS: Readonly<Record<string, number>> = Object.freeze({
  ERR_INVALID_REQUEST: 400,
  ERR_FORBIDDEN: 403,
  ERR_NOT_FOUND: 404,
  ERR_REFUSED: 409,
  ERR_CONFLICT: 409,
  ERR_NOT_ADMITTED: 409,
  ERR_IDEMPOTENCY_EXPIRED: 410,
  ERR_PEER_UNREACHABLE: 502,
  ERR_IPFS: 502,
  ERR_NO_LEADER: 503,
  ERR_NOT_READY: 503,
  ERR_OVERLOADED: 503,
  ERR_REVISION_TIMEOUT: 503,
  ERR_STOPPED: 503,
  ERR_COMMIT_OUTCOME_UNKNOWN: 504,
  ERR_NO_SPACE: 507,
})

/** The pin was changed in between; nothing took effect. */
export class ConflictError extends Error {
  override readonly name = 'ConflictError'
  readonly code = 'ERR_CONFLICT'
  readonly modifiedIndex: number
  constructor(cid: CID, modifiedIndex: number) {
    const now = modifiedIndex === 0 ? 'it is not pinned' : `its modified index is ${modifiedIndex}`
    super(`${cid.toString()} was changed in between: ${now}; read it again, then decide`)
    this.modifiedIndex = modifiedIndex
  }
}

/** The idempotency key is too old to tell whether it was used before; nothing took effect. */
export class IdempotencyExpiredError extends Error {
  override readonly name = 'IdempotencyExpiredError'
  readonly code = 'ERR_IDEMPOTENCY_EXPIRED'
  constructor() {
    super(
      'the Idempotency-Key is too old to tell whether it was used; look whether the change is there, then use a new key',
    )
  }
}

/** A browser page of another origin, or of a name that is not this machine, must not use the API. */
export class ForbiddenError extends Error {
  override readonly name = 'ForbiddenError'
  readonly code = 'ERR_FORBIDDEN'
}

export class NotReadyError extends Error {
  override readonly name = 'NotReadyError'
  readonly code = 'ERR_NOT_READY'
}

export interface Failure {
  readonly status: number
  readonly code: string
  readonly message: string
  readonly modifiedIndex?: number
}

/** Any error as an answer: its status, a stable code, one sentence (F2). @param effect - decides what a time-out may have done. */
export function failureOf(error: unknown, effect: Effect): Failure {
  const { name, message, code, statusCode, validation, modifiedIndex } = propertiesOf(error)
  if (validation !== null) return { status: 400, code: 'ERR_INVALID_REQUEST', message: validation }
  const known = ERROR_STATUS[code]
  if (known !== undefined) return { status: known, code, message, ...(modifiedIndex === null ? {} : { modifiedIndex }) }
  if (statusCode !== null && statusCode >= 400 && statusCode < 500) {
    return { status: statusCode, code: 'ERR_INVALID_REQUEST', message }
  }
  if (name === 'AbortError' || name === 'TimeoutError') {
    return effect === 'write'
      ? {
          status: 504,
          code: 'ERR_COMMIT_OUTCOME_UNKNOWN',
          message: 'not known in time whether this took effect; look, or repeat it',
        }
      : { status: 503, code: 'ERR_OVERLOADED', message: 'no answer in time; repeat the request later' }
  }
  return { status: 500, code: code === '' ? 'ERR_INTERNAL' : code, message: message === '' ? name : message }
}

function propertiesOf(error: unknown): {
  name: string
  message: string
  code: string
  statusCode: number | null
  validation: string | null
  modifiedIndex: number | null
} {
  const value = (typeof error === 'object' && error !== null ? error : {}) as Readonly<Record<string, unknown>>
  const number = (item: unknown): number | null => (typeof item === 'number' ? item : null)
  return {
    name: typeof value['name'] === 'string' ? value['name'] : 'Error',
    message: typeof value['message'] === 'string' ? value['message'] : String(error),
    code: typeof value['code'] === 'string' ? value['code'] : '',
    statusCode: number(value['statusCode']),
    validation: Array.isArray(value['validation'])
      ? validationMessage(value['validation'], value['validationContext'])
      : null,
    modifiedIndex: number(value['modifiedIndex']),
  }
}

function validationMessage(validation: readonly unknown[], context: unknown): string {
  const first = validation[0] as
    | {
        readonly instancePath?: string
        readonly message?: string
        readonly params?: { readonly allowedValues?: readonly unknown[] }
      }
    | undefined
  const name = (first?.instancePath ?? '').replace(/^\//u, '')
  const what = context === 'body' ? 'the body' : 'the query'
  const allowed = first?.params?.allowedValues
  if (name !== '' && allowed !== undefined) return `option ${name} is invalid: it takes ${allowed.join(' or ')}`
  return name === ''
    ? `${what} ${first?.message ?? 'is invalid'}`
    : `option ${name} is invalid: it ${first?.message ?? ''}`
}
