/**
 * What an endpoint is: declared once, as data; routes, validation and documents derive from it.
 *
 * Owns the words for requests and answers inside this package. An endpoint's handler knows the cluster, never the HTTP server.
 */
import type { Cluster, QueryOptions } from '@pinset/interface'
import { booleanFromQuery, InvalidRequestError } from '@pinset/interface'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Static, TSchema } from 'typebox'
import { Type } from 'typebox'

export type AnswerHeaders = Readonly<Record<string, string>>

export type Answer =
  | { readonly kind: 'json'; readonly status?: number; readonly headers?: AnswerHeaders; readonly value: unknown }
  | { readonly kind: 'empty'; readonly headers?: AnswerHeaders }
  /** One JSON document a line; 204 when there is none. */
  | {
      readonly kind: 'lines'
      readonly headers?: AnswerHeaders
      readonly items: AsyncIterable<unknown>
      /** Bytes that may wait unread before the source has to wait. @default 65536 */
      readonly unreadBytes?: number
      /** Begin before the first item, and write empty lines, when items take long. */
      readonly heartbeat?: boolean
    }
  /** The same items as one JSON array, collected first. */
  | { readonly kind: 'array'; readonly headers?: AnswerHeaders; readonly items: AsyncIterable<unknown> }
  | { readonly kind: 'bytes'; readonly headers?: AnswerHeaders; readonly chunks: AsyncIterable<Uint8Array> }

export interface Call<Query, Body> {
  /** Validated by the endpoint's schema; what it does not name is kept as text. */
  readonly query: Query & QueryOptions
  readonly body: Body
  readonly params: Readonly<Record<string, string>>
  readonly headers: IncomingHttpHeaders
  readonly raw: IncomingMessage
  /** Ends when the client has gone, the deadline has passed or the API stops. */
  readonly signal: AbortSignal
}

export interface EndpointContext {
  readonly cluster: Cluster
  /** Only this machine can reach the API. */
  readonly loopback: boolean
  readonly limits: UploadLimits
}

interface UploadLimits {
  readonly maxUploadParts: number
  readonly maxUploadBytes: number
  readonly uploadIdleMs: number
}

/** A `write` may have taken effect when it fails without saying so; a `read` never has. */
export type Effect = 'read' | 'write'

/** Lists of pins, and the bytes of files: neither takes the places of the other. */
export type StreamKind = 'list' | 'file'

interface EndpointBase {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** With `:name` for parameters and a last `*` for the rest. */
  readonly path: string
  readonly summary: string
  readonly effect: Effect
  /** `loopback`: refused on a listener that other machines reach, because the answer is a secret. @default 'open' */
  readonly policy?: 'open' | 'loopback'
  /** `none`: runs as long as the client listens. @default 'default' */
  readonly deadline?: 'default' | 'none'
  /** Its answer may be as large as the pinset, or as a file: few of a kind run at one time. */
  readonly stream?: StreamKind
  /** Its body is handed over as it arrives, without a limit on its length. */
  readonly upload?: true
}

export interface Endpoint extends EndpointBase {
  readonly query: TSchema | null
  readonly body: TSchema | null
  handle(call: Call<unknown, unknown>, context: EndpointContext): Promise<Answer> | Answer
}

/** Declares an endpoint; its schemas type what the handler gets. */
export function endpoint<Query extends TSchema, Body extends TSchema>(
  definition: EndpointBase & {
    readonly query?: Query
    readonly body?: Body
    handle(call: Call<Static<Query>, Static<Body>>, context: EndpointContext): Promise<Answer> | Answer
  },
): Endpoint {
  return { ...definition, query: definition.query ?? null, body: definition.body ?? null }
}

const index = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })

/** Options of every read of replicated state. */
export const READ_QUERY = {
  'min-revision': Type.Optional(index),
  consistency: Type.Optional(Type.Enum(['local', 'linearizable'])),
}
/** Options of every write of replicated state. */
export const WRITE_QUERY = { 'if-modified-index': Type.Optional(index) }
export const TEXT = Type.Optional(Type.String({ maxLength: 8192 }))
export const COUNT = Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 }))

export function readOptions(call: Call<{ 'min-revision'?: number; consistency?: 'local' | 'linearizable' }, unknown>): {
  signal: AbortSignal
  minRevision?: number
  consistency?: 'local' | 'linearizable'
} {
  const minRevision = call.query['min-revision']
  const { consistency } = call.query
  return {
    signal: call.signal,
    ...(minRevision === undefined ? {} : { minRevision }),
    ...(consistency === undefined ? {} : { consistency }),
  }
}

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/iu

export function writeOptions(call: Call<{ 'if-modified-index'?: number }, unknown>): {
  signal: AbortSignal
  ifModifiedIndex?: number
  idempotencyKey?: string
} {
  const ifModifiedIndex = call.query['if-modified-index']
  const idempotencyKey = call.headers['idempotency-key']
  if (idempotencyKey !== undefined && (typeof idempotencyKey !== 'string' || !UUID_V7.test(idempotencyKey))) {
    throw new InvalidRequestError('header Idempotency-Key is invalid; it takes a UUID of version 7')
  }
  return {
    signal: call.signal,
    ...(ifModifiedIndex === undefined ? {} : { ifModifiedIndex }),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey: idempotencyKey.toLowerCase() }),
  }
}

export function localOption(query: QueryOptions): { local?: boolean } {
  const local = booleanFromQuery(query, 'local')
  return local === undefined ? {} : { local }
}

export async function* mapped<Item, Result>(
  items: AsyncIterable<Item>,
  convert: (item: Item) => Result,
): AsyncGenerator<Result> {
  for await (const item of items) yield convert(item)
}
