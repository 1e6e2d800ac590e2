/** Errors that cross packages. `code` is stable and goes over the wire; the message says what, to what, and what to do. */
import type { PeerId } from './peer.ts'

abstract class PinsetError extends Error {
  abstract readonly code: `ERR_${string}`
}

/** The request cannot be carried out as it stands; nothing was proposed. */
export class InvalidRequestError extends PinsetError {
  override readonly name = 'InvalidRequestError'
  readonly code = 'ERR_INVALID_REQUEST'
}

/** There is no such pin or peer. */
export class NotFoundError extends PinsetError {
  override readonly name = 'NotFoundError'
  readonly code = 'ERR_NOT_FOUND'
}

/** No leader was found in time; nothing was proposed, so repeating is safe. */
export class NoLeaderError extends PinsetError {
  override readonly name = 'NoLeaderError'
  readonly code = 'ERR_NO_LEADER'
}

/** The receiving or leading peer has too much to do; nothing was proposed, so repeating later is safe. */
export class OverloadedError extends PinsetError {
  override readonly name = 'OverloadedError'
  readonly code = 'ERR_OVERLOADED'
}

/** The change is refused in the present state of the cluster; nothing was proposed. */
export class RefusedError extends PinsetError {
  override readonly name = 'RefusedError'
  readonly code = 'ERR_REFUSED'
}

/** Proposed, fate not known: it may have taken effect or may still. Never say "failed". */
export class CommitOutcomeUnknownError extends PinsetError {
  override readonly name = 'CommitOutcomeUnknownError'
  readonly code = 'ERR_COMMIT_OUTCOME_UNKNOWN'
}

/** A read could not be made as fresh as was asked for in time. */
export class RevisionTimeoutError extends PinsetError {
  override readonly name = 'RevisionTimeoutError'
  readonly code = 'ERR_REVISION_TIMEOUT'
  readonly appliedIndex: number
  constructor(message: string, appliedIndex: number, options?: ErrorOptions) {
    super(message, options)
    this.appliedIndex = appliedIndex
  }
}

/** This peer has stopped, or has stopped taking part. */
export class StoppedError extends PinsetError {
  override readonly name = 'StoppedError'
  readonly code = 'ERR_STOPPED'
}

/** Another peer could not be reached, or broke off before it answered. */
export class PeerUnreachableError extends PinsetError {
  override readonly name = 'PeerUnreachableError'
  readonly code = 'ERR_PEER_UNREACHABLE'
  readonly peerId: PeerId | null
  constructor(message: string, peerId: PeerId | null, options?: ErrorOptions) {
    super(message, options)
    this.peerId = peerId
  }
}

/** The other side belongs to another cluster, epoch or version, has another secret, or does not admit this peer. */
export class NotAdmittedError extends PinsetError {
  override readonly name = 'NotAdmittedError'
  readonly code = 'ERR_NOT_ADMITTED'
}

/** Bytes from the wire or the disk are not what they must be. */
export class CorruptError extends PinsetError {
  override readonly name = 'CorruptError'
  readonly code = 'ERR_CORRUPT'
}

/** The data directory is in use by another process. */
export class LockedError extends PinsetError {
  override readonly name = 'LockedError'
  readonly code = 'ERR_LOCKED'
}

/** The disk of this peer is full; what was to be stored is not. */
export class NoSpaceError extends PinsetError {
  override readonly name = 'NoSpaceError'
  readonly code = 'ERR_NO_SPACE'
}

/** The IPFS node failed or could not be reached. */
export class IpfsError extends PinsetError {
  override readonly name = 'IpfsError'
  readonly code = 'ERR_IPFS'
}

/** What some errors carry beside their message. */
export interface ErrorFields {
  /** Of `RevisionTimeoutError`. @default 0 */
  readonly appliedIndex?: number | undefined
  /** Of `PeerUnreachableError`. @default null */
  readonly peerId?: PeerId | null | undefined
}

const BUILDERS: ReadonlyMap<string, (message: string, fields: ErrorFields) => PinsetError> = new Map(
  Object.entries({
    ERR_INVALID_REQUEST: (message: string) => new InvalidRequestError(message),
    ERR_NOT_FOUND: (message: string) => new NotFoundError(message),
    ERR_NO_LEADER: (message: string) => new NoLeaderError(message),
    ERR_OVERLOADED: (message: string) => new OverloadedError(message),
    ERR_REFUSED: (message: string) => new RefusedError(message),
    ERR_COMMIT_OUTCOME_UNKNOWN: (message: string) => new CommitOutcomeUnknownError(message),
    ERR_REVISION_TIMEOUT: (message: string, fields: ErrorFields) =>
      new RevisionTimeoutError(message, fields.appliedIndex ?? 0),
    ERR_STOPPED: (message: string) => new StoppedError(message),
    ERR_PEER_UNREACHABLE: (message: string, fields: ErrorFields) =>
      new PeerUnreachableError(message, fields.peerId ?? null),
    ERR_NOT_ADMITTED: (message: string) => new NotAdmittedError(message),
    ERR_CORRUPT: (message: string) => new CorruptError(message),
    ERR_LOCKED: (message: string) => new LockedError(message),
    ERR_NO_SPACE: (message: string) => new NoSpaceError(message),
    ERR_IPFS: (message: string) => new IpfsError(message),
  }),
)

/** Is this the code of one of these errors? */
export function isErrorCode(code: unknown): code is string {
  return typeof code === 'string' && BUILDERS.has(code)
}

/** The error that travelled as its code, or undefined when the code is none of these. */
export function tryErrorOfCode(code: string, message: string, fields: ErrorFields = {}): Error | undefined {
  return BUILDERS.get(code)?.(message, fields)
}
