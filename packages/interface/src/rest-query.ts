/**
 * Options in the query of the HTTP API: what the client writes and the server reads.
 *
 * Q1 An option that is known but malformed is refused; one that is unknown is ignored, as IPFS Cluster does.
 * Q2 An empty value means that the option was not given, except a metadata value.
 */
import { parseDuration } from './duration.ts'
import { InvalidRequestError } from './errors.ts'
import type { PinOptions } from './pin.ts'
import { DEFAULT_PIN_OPTIONS } from './pin.ts'
import { cidFromText, peerIdFromText, ZERO_TIME } from './rest.ts'
import type { PinStatus } from './status.ts'
import { PIN_STATUSES } from './status.ts'

/** Query options, each at most once. */
export type QueryOptions = Readonly<Record<string, string | undefined>>

const METADATA_PREFIX = 'meta-'
const STATUS_ALIASES: Readonly<Record<string, readonly PinStatus[]>> = {
  error: ['cluster_error', 'pin_error', 'unpin_error'],
  queued: ['pin_queued', 'unpin_queued'],
}
const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/u

/**
 * Pin options from a query.
 *
 * @param nowMs - what `expire-in` counts from.
 * @throws {InvalidRequestError} for a malformed option; limits and combinations are for the cluster to judge.
 */
export function pinOptionsFromQuery(query: QueryOptions, nowMs: number): PinOptions {
  const both = query['replication']
  const min = integer(query, both ? 'replication' : 'replication-min')
  const max = integer(query, both ? 'replication' : 'replication-max')
  const mode = query['mode'] || 'recursive'
  if (mode !== 'recursive' && mode !== 'direct') throw invalid('mode', mode, 'recursive or direct')
  if (query['shard-size'] && !/^\d+$/u.test(query['shard-size'])) {
    throw invalid('shard-size', query['shard-size'], 'a number of bytes')
  }
  const metadata = Object.entries(query).flatMap(([name, value]) =>
    name.startsWith(METADATA_PREFIX) && name.length > METADATA_PREFIX.length && value !== undefined
      ? [[name.slice(METADATA_PREFIX.length), value] as const]
      : [],
  )
  return {
    replicationFactorMin: min ?? 0,
    replicationFactorMax: max ?? 0,
    name: query['name'] ?? '',
    mode,
    userAllocations: list(query['user-allocations']).map(peerIdFromText),
    expireAtMs: expiry(query, nowMs),
    metadata: Object.fromEntries(metadata),
    pinUpdate: query['pin-update'] ? cidFromText(query['pin-update']) : null,
    origins: list(query['origins']).map((origin) => {
      if (!origin.startsWith('/') || !/\/p2p\/[^/]+/u.test(origin)) {
        throw invalid('origins', origin, 'multiaddrs, each with a /p2p/ part')
      }
      return origin
    }),
  }
}

/** Query options that `pinOptionsFromQuery` reads back as equal options. What equals the default is left out. */
export function pinOptionsToQuery(options: Partial<PinOptions>): URLSearchParams {
  const query = new URLSearchParams()
  const set = (name: string, value: string | number | undefined): void => {
    if (value !== undefined && value !== '') query.set(name, String(value))
  }
  set('replication-min', options.replicationFactorMin)
  set('replication-max', options.replicationFactorMax)
  set('name', options.name)
  if (options.mode !== DEFAULT_PIN_OPTIONS.mode) set('mode', options.mode)
  set('user-allocations', options.userAllocations?.join(','))
  if (options.expireAtMs !== null && options.expireAtMs !== undefined) {
    set('expire-at', new Date(options.expireAtMs).toISOString())
  }
  for (const [key, value] of Object.entries(options.metadata ?? {})) query.set(`${METADATA_PREFIX}${key}`, value)
  set('pin-update', options.pinUpdate?.toString())
  set('origins', options.origins?.join(','))
  return query
}

/**
 * The statuses that a filter names, aliases `error` and `queued` resolved; undefined when it asks for all.
 *
 * @throws {InvalidRequestError} for a word that is no status.
 */
export function statusesFromFilter(filter: string): readonly PinStatus[] | undefined {
  const wanted = new Set<PinStatus>()
  for (const word of list(filter)) {
    if (word === 'all') return undefined
    const known = STATUS_ALIASES[word] ?? PIN_STATUSES.filter((status) => status === word)
    if (known.length === 0) throw invalid('filter', word, `statuses: ${PIN_STATUSES.join(', ')}, error, queued`)
    for (const status of known) wanted.add(status)
  }
  return wanted.size === 0 ? undefined : [...wanted]
}

/** A flag as Go's `strconv.ParseBool` reads it. */
export function booleanFromQuery(query: QueryOptions, name: string): boolean | undefined {
  const value = query[name]
  if (value === undefined || value === '') return undefined
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(value)) return true
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(value)) return false
  throw invalid(name, value, 'true or false')
}

/** A list of values that are separated by commas; empty ones are left out. */
export function listFromQuery(query: QueryOptions, name: string): string[] {
  return list(query[name])
}

function expiry(query: QueryOptions, nowMs: number): number | null {
  const at = query['expire-at']
  if (at === ZERO_TIME) return null
  if (at) {
    const expireAtMs = Date.parse(at)
    if (!RFC3339.test(at) || Number.isNaN(expireAtMs))
      throw invalid('expire-at', at, 'a time such as 2030-01-31T12:00:00Z')
    return expireAtMs
  }
  if (!query['expire-in']) return null
  const duration = parseDuration(query['expire-in'])
  if (duration < 1000) throw invalid('expire-in', query['expire-in'], 'a duration of at least 1s')
  return nowMs + duration
}

function integer(query: QueryOptions, name: string): number | undefined {
  const value = query[name]
  if (value === undefined || value === '') return undefined
  if (!/^[+-]?\d{1,9}$/u.test(value)) throw invalid(name, value, 'a whole number')
  return Number(value)
}

function list(text: string | undefined): string[] {
  return (text ?? '').split(',').filter((item) => item !== '')
}

function invalid(name: string, value: string, expected: string): InvalidRequestError {
  return new InvalidRequestError(
    `option ${name} is invalid: ${JSON.stringify(value.slice(0, 80))}; it takes ${expected}`,
  )
}
