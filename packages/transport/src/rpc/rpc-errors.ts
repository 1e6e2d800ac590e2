/** Errors of RPC handlers on their way to the caller: by code, with their fields, to the same class at the other end. */
import {
  CommitOutcomeUnknownError,
  CorruptError,
  InvalidRequestError,
  IpfsError,
  LockedError,
  NoLeaderError,
  NotAdmittedError,
  NotFoundError,
  OverloadedError,
  PeerUnreachableError,
  RefusedError,
  RevisionTimeoutError,
  StoppedError,
} from '@pinset/interface'
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

type Fields = Readonly<Record<string, string>>

const BUILDERS: ReadonlyMap<string, (message: string, fields: Fields) => Error> = new Map<
  string,
  (message: string, fields: Fields) => Error
>([
  ['ERR_INVALID_REQUEST', (message) => new InvalidRequestError(message)],
  ['ERR_NOT_FOUND', (message) => new NotFoundError(message)],
  ['ERR_NO_LEADER', (message) => new NoLeaderError(message)],
  ['ERR_OVERLOADED', (message) => new OverloadedError(message)],
  ['ERR_REFUSED', (message) => new RefusedError(message)],
  ['ERR_COMMIT_OUTCOME_UNKNOWN', (message) => new CommitOutcomeUnknownError(message)],
  ['ERR_REVISION_TIMEOUT', (message, fields) => new RevisionTimeoutError(message, index(fields['appliedIndex']))],
  ['ERR_STOPPED', (message) => new StoppedError(message)],
  [
    'ERR_PEER_UNREACHABLE',
    (message, fields) => new PeerUnreachableError(message, (fields['peerId'] as PeerId | undefined) ?? null),
  ],
  ['ERR_NOT_ADMITTED', (message) => new NotAdmittedError(message)],
  ['ERR_CORRUPT', (message) => new CorruptError(message)],
  ['ERR_LOCKED', (message) => new LockedError(message)],
  ['ERR_IPFS', (message) => new IpfsError(message)],
])

function index(text: string | undefined): number {
  const value = Number(text ?? 0)
  return Number.isSafeInteger(value) && value >= 0 ? value : 0
}

export function errorToFailure(err: unknown): RpcFailureValue {
  const message = err instanceof Error ? err.message : String(err)
  const code = codeOf(err)
  const fields: Record<string, string> = {}
  if (err instanceof RevisionTimeoutError) fields['appliedIndex'] = String(err.appliedIndex)
  if (err instanceof PeerUnreachableError && err.peerId !== null) fields['peerId'] = err.peerId
  return { code: code ?? HANDLER_FAILED, message, fields }
}

export function failureToError(failure: RpcFailureValue): Error {
  const build = BUILDERS.get(failure.code)
  return build === undefined ? new RemoteError(failure.message, failure.code) : build(failure.message, failure.fields)
}

/** The code of an error that crosses packages, or null. */
function codeOf(err: unknown): string | null {
  if (err instanceof RemoteError) return err.code
  const code = err instanceof Error && 'code' in err ? err.code : null
  return typeof code === 'string' && BUILDERS.has(code) ? code : null
}
