/** What libp2p's errors of dialling and listening mean to a person. */
import { InvalidRequestError } from '@pinset/interface'
import type { MultiaddrText, PeerId } from '@pinset/interface'

export interface DialAttempt {
  readonly peer: PeerId
  readonly addresses: readonly MultiaddrText[]
  /** Those of `addresses` at which a TCP connection was made. */
  readonly answered: readonly MultiaddrText[]
}

export function dialFailure(err: unknown, attempt: DialAttempt): Error {
  const text = messagesOf(err).join('; ')
  const found = /does not match expected remote identity key/i.test(text)
  const where = attempt.addresses.map((address) => address.replace(/\/p2p\/[^/]+$/, '')).join(', ')
  if (found) return new Error(`the peer at ${where} is not ${attempt.peer}: check the address`, { cause: err })
  if (attempt.answered.length > 0) {
    const answered = attempt.answered.join(', ')
    return new Error(
      `${answered} answered but the connection was reset before encryption: its secret probably differs`,
      { cause: err },
    )
  }
  if (/ECONNREFUSED/.test(text)) return new Error(`nobody listens at ${where}`, { cause: err })
  return new Error(`no connection to ${where}: ${text}`, { cause: err })
}

export function listenFailure(err: unknown): Error {
  const text = messagesOf(err).join('; ')
  const busy = /(\S+:\d+)?.*EADDRINUSE.*?(\S+:\d+)?/.exec(text)
  if (busy !== null) {
    const address = /EADDRINUSE:? address already in use (\S+)/.exec(text)?.[1] ?? 'the listen address'
    return new InvalidRequestError(
      `${address} is in use by another process: stop it, or choose another port to listen on`,
      { cause: err },
    )
  }
  return new InvalidRequestError(`cannot listen: ${text.replace(/\s+/g, ' ').trim()}`, { cause: err })
}

function messagesOf(err: unknown): readonly string[] {
  if (err instanceof AggregateError && err.errors.length > 0) return [...new Set(err.errors.flatMap(messagesOf))]
  return [err instanceof Error ? err.message : String(err)]
}
