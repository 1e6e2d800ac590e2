/** Errors of a client, and how they are rebuilt from answers. */
import { tryErrorOfCode } from '@pinset/interface'

/** What every error that comes from an answer has beside its message. */
export interface FailureFields {
  /** HTTP status. */
  readonly status: number
  /** `ERR_…` */
  readonly code: string
}

/** An answer with an error that has no class of its own. */
export class ApiError extends Error implements FailureFields {
  override readonly name = 'ApiError'
  readonly status: number
  readonly code: string
  /** With `ERR_CONFLICT`: the pin's index now. */
  readonly modifiedIndex: number | null
  constructor(message: string, init: FailureFields & { readonly modifiedIndex?: number | null }) {
    super(message)
    this.status = init.status
    this.code = init.code
    this.modifiedIndex = init.modifiedIndex ?? null
  }
}

/** There was no answer, or it broke off. */
export class ApiUnreachableError extends Error {
  override readonly name = 'ApiUnreachableError'
  readonly code = 'ERR_API_UNREACHABLE'
  /** False when the request never left, so that repeating it is safe. */
  readonly mayHaveTakenEffect: boolean
  constructor(message: string, mayHaveTakenEffect: boolean, options?: ErrorOptions) {
    super(message, options)
    this.mayHaveTakenEffect = mayHaveTakenEffect
  }
}

/** Codes for answers of servers that do not send one, such as IPFS Cluster. */
const CODE_BY_STATUS: Readonly<Record<number, string>> = {
  400: 'ERR_INVALID_REQUEST',
  404: 'ERR_NOT_FOUND',
  409: 'ERR_REFUSED',
  504: 'ERR_COMMIT_OUTCOME_UNKNOWN',
}

export function errorFromAnswer(
  status: number,
  code: string | null,
  message: string,
  modifiedIndex: number | null = null,
): Error & FailureFields {
  const known = code ?? CODE_BY_STATUS[status] ?? 'ERR_API'
  const error = tryErrorOfCode(known, message)
  if (error === undefined) return new ApiError(message, { status, code: known, modifiedIndex })
  return Object.assign(error, { status, code: known })
}

const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** What `fetch` rejects with, in words: which API, why, and whether the request was sent. */
export function unreachable(url: string, error: unknown, write: boolean): Error {
  if (error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError')) return error
  const { code, message } = innermost(error)
  const reason = code === '' ? message : code
  const sent = !NEVER_SENT.has(code)
  const advice =
    code === 'ECONNREFUSED'
      ? 'no peer listens there; is it running?'
      : sent && write
        ? 'whether the request took effect is not known; look, or repeat it'
        : 'check the address and repeat the request'
  return new ApiUnreachableError(`the API at ${url} did not answer (${reason}): ${advice}`, sent && write, {
    cause: error,
  })
}

function innermost(error: unknown): { code: string; message: string } {
  let current = error as {
    readonly code?: unknown
    readonly message?: unknown
    readonly cause?: unknown
    readonly errors?: unknown
  }
  let code = ''
  let message = String(error)
  for (let depth = 0; depth < 8 && typeof current === 'object' && current !== null; depth += 1) {
    if (typeof current.code === 'string') code = current.code
    if (typeof current.message === 'string' && current.message !== '') message = current.message
    current = (current.cause ?? (Array.isArray(current.errors) ? current.errors[0] : undefined)) as typeof current
  }
  return { code, message }
}
