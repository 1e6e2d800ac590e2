/**
 * The HTTP server of a peer.
 *
 * Owns the listener, its limits, and the way from a request to an endpoint and back; knows no endpoint by name but
 * `/health`, which is answered however much there is to do.
 *
 * H1 A request that is not served changes nothing: the guard and the limits come before any handler.
 * H2 A client that goes away ends its request's signal.
 * H3 `stop()` ends: requests in flight get `stopGraceMs`, then their signal, then their connection is closed.
 */
import type { Cluster, Logger, Startable } from '@pinset/interface'
import { OverloadedError, StoppedError } from '@pinset/interface'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { fastify } from 'fastify'
import type { AddressInfo, Socket } from 'node:net'

import type { Call, Effect, Endpoint, EndpointContext, StreamKind } from './endpoint.ts'
import { ENDPOINTS } from './endpoints.ts'
import type { Failure } from './failure.ts'
import { failureOf } from './failure.ts'
import { checkOrigin, isLoopback } from './guard.ts'
import { checkQuery, queryFromText } from './query.ts'
import { sendAnswer } from './send-answer.ts'
import { TimeSlices } from './time-slices.ts'

export interface ApiComponents {
  readonly cluster: Cluster
  readonly logger: Logger
}

export interface ApiInit {
  /** @default '127.0.0.1' */
  readonly host?: string
  /** 0 takes any free port. @default 9094 */
  readonly port?: number
  /** Requests served at one time; the next ones are told to come back. @default 1024 */
  readonly maxConcurrentRequests?: number
  /** Lists of pins that are sent at one time; each holds a view of the pinset and some megabytes. @default 16 */
  readonly maxConcurrentLists?: number
  /** Files that are sent at one time. @default 64 */
  readonly maxConcurrentFiles?: number
  /** @default 2048 */
  readonly maxConnections?: number
  /** Of bodies that are not uploads. @default 65536 */
  readonly maxBodyBytes?: number
  /** @default 1000000 */
  readonly maxUploadParts?: number
  /** @default 2 ** 40 */
  readonly maxUploadBytes?: number
  /** How long an upload may stand still. @default 60000 */
  readonly uploadIdleMs?: number
  /** How long a client may leave an answer unread, whose place it keeps meanwhile. @default 30000 */
  readonly slowReaderMs?: number
  /** After how long an answer to an upload shows that it is alive. @default 10000 */
  readonly heartbeatMs?: number
  /** How long a request that is not a stream may take. @default 60000 */
  readonly deadlineMs?: number
  /** @default 2000 */
  readonly stopGraceMs?: number
}

export interface Api extends Omit<Startable, 'start'> {
  /** Listens once resolved. @throws {ApiListenError} */
  start(): Promise<{ readonly url: string }>
}

/** The address cannot be listened on. */
export class ApiListenError extends Error {
  override readonly name = 'ApiListenError'
  readonly code = 'ERR_API_LISTEN'
}

/** What a route knows of its endpoint; nothing when no endpoint matched. */
interface RouteConfig {
  readonly effect?: Effect | undefined
  readonly upload?: true | undefined
}

const DEFAULTS: Required<ApiInit> = {
  host: '127.0.0.1',
  port: 9094,
  maxConcurrentRequests: 1024,
  maxConcurrentLists: 16,
  maxConcurrentFiles: 64,
  maxConnections: 2048,
  maxBodyBytes: 65_536,
  maxUploadParts: 1_000_000,
  maxUploadBytes: 2 ** 40,
  uploadIdleMs: 60_000,
  slowReaderMs: 30_000,
  heartbeatMs: 10_000,
  deadlineMs: 60_000,
  stopGraceMs: 2000,
}
const MAX_HEADER_BYTES = 16_384
const MAX_HEADERS = 100
const HEADERS_TIMEOUT_MS = 30_000
/** How long a refused upload may go on before its connection is closed; closing at once would lose the answer. */
const LINGER_MS = 5000

export function createApi(components: ApiComponents, init: ApiInit = {}): Api {
  return new HttpApi(components, { ...DEFAULTS, ...init })
}

class HttpApi implements Api {
  readonly #components: ApiComponents
  readonly #init: Required<ApiInit>
  readonly #context: EndpointContext
  readonly #app: FastifyInstance
  /** Of the requests in flight. */
  readonly #requests = new Set<AbortController>()
  readonly #streams = { list: 0, file: 0 }
  readonly #slices = new TimeSlices()
  #stopped: Promise<void> | null = null

  constructor(components: ApiComponents, init: Required<ApiInit>) {
    this.#components = components
    this.#init = init
    this.#context = { cluster: components.cluster, loopback: isLoopback(init.host), limits: init }
    this.#app = this.#build()
  }

  async start(): Promise<{ readonly url: string }> {
    if (this.#stopped !== null) throw new StoppedError('the API was stopped; make a new one')
    const { host, port } = this.#init
    try {
      await this.#app.listen({ host, port })
    } catch (error) {
      throw listenError(error, host, port)
    }
    this.#app.server.maxConnections = this.#init.maxConnections
    this.#app.server.maxHeadersCount = MAX_HEADERS
    this.#app.server.headersTimeout = HEADERS_TIMEOUT_MS
    return { url: urlOf(host, (this.#app.server.address() as AddressInfo).port) }
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#close()
    return this.#stopped
  }

  async #close(): Promise<void> {
    const { server } = this.#app
    const end = setTimeout(() => {
      for (const request of this.#requests) request.abort(new StoppedError('this peer is stopping'))
    }, this.#init.stopGraceMs)
    const close = setTimeout(() => server.closeAllConnections(), this.#init.stopGraceMs + 500)
    try {
      await this.#app.close() // H3
    } finally {
      clearTimeout(end)
      clearTimeout(close)
    }
  }

  #build(): FastifyInstance {
    const app = fastify({
      logger: false,
      exposeHeadRoutes: false,
      bodyLimit: this.#init.maxBodyBytes,
      forceCloseConnections: 'idle',
      // Uploads take as long as they take; silence is what is limited.
      requestTimeout: 0,
      keepAliveTimeout: 30_000,
      http: { maxHeaderSize: MAX_HEADER_BYTES },
      routerOptions: { ignoreTrailingSlash: true, maxParamLength: 1024, querystringParser: queryFromText },
      frameworkErrors: (error, _request, reply) => void this.#sendFailure(reply, failureOf(error, 'read')),
      clientErrorHandler: refuseConnection,
    })
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('multipart/form-data', (_request, _payload, done) => done(null))
    app.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body, done) => {
      if (request.routeOptions.schema?.body === undefined || body.length === 0) return done(null, undefined)
      try {
        done(null, JSON.parse(body.toString()))
      } catch {
        done(Object.assign(new Error('the body is not JSON'), { statusCode: 400 }))
      }
    })
    app.addHook('onRequest', async (request) => this.#admit(request)) // H1
    app.setErrorHandler((error, request, reply) => this.#fail(error, request, reply))
    app.setNotFoundHandler((request, reply) => {
      const { method, url } = request
      const asked = `${method} ${url.slice(0, 200)}`
      const allowed = methodsOf(url)
      if (allowed.length === 0) {
        return this.#sendFailure(reply, { status: 404, code: 'ERR_NOT_FOUND', message: `no such endpoint: ${asked}` })
      }
      const message = `no such method: ${asked}; the endpoint takes ${allowed.join(', ')}`
      return this.#sendFailure(reply.header('allow', allowed.join(', ')), {
        status: 405,
        code: 'ERR_METHOD_NOT_ALLOWED',
        message,
      })
    })
    for (const endpoint of ENDPOINTS) this.#route(app, endpoint)
    return app
  }

  #route(app: FastifyInstance, endpoint: Endpoint): void {
    app.route({
      method: endpoint.method === 'GET' ? ['GET', 'HEAD'] : endpoint.method,
      url: endpoint.path,
      config: { effect: endpoint.effect, upload: endpoint.upload } satisfies RouteConfig,
      schema: {
        summary: endpoint.summary,
        ...(endpoint.query === null ? {} : { querystring: endpoint.query }),
        ...(endpoint.body === null ? {} : { body: endpoint.body }),
      },
      ...(endpoint.upload === true ? { bodyLimit: Number.MAX_SAFE_INTEGER } : {}),
      handler: (request, reply) => this.#serve(endpoint, request, reply),
    })
  }

  #admit(request: FastifyRequest): void {
    checkOrigin(request.method, request.headers, this.#context.loopback)
    checkQuery(request.url)
    if (!isUpload(request)) limitBody(request, this.#init.deadlineMs)
    if (request.url === '/health') return
    if (this.#requests.size >= this.#init.maxConcurrentRequests) {
      throw new OverloadedError(`this peer serves ${this.#requests.size} requests already; repeat the request later`)
    }
  }

  async #serve(endpoint: Endpoint, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    if (endpoint.stream !== undefined) this.#takePlace(endpoint.stream, reply)
    const controller = new AbortController()
    const { signal } = controller
    const deadline =
      endpoint.deadline === 'none'
        ? undefined
        : setTimeout(
            () => controller.abort(new DOMException('no answer in time', 'TimeoutError')),
            this.#init.deadlineMs,
          )
    this.#requests.add(controller)
    reply.raw.once('close', () => {
      clearTimeout(deadline)
      this.#requests.delete(controller)
      if (!reply.raw.writableFinished) controller.abort(new DOMException('the client has gone', 'AbortError')) // H2
    })
    const call: Call<unknown, unknown> = {
      query: request.query as Call<Record<string, never>, unknown>['query'],
      body: request.body,
      params: request.params as Record<string, string>,
      headers: request.headers,
      raw: request.raw,
      signal,
    }
    const answer = await endpoint.handle(call, this.#context)
    return await sendAnswer(reply, answer, {
      logger: this.#components.logger,
      effect: endpoint.effect,
      signal,
      slices: this.#slices,
      slowReaderMs: this.#init.slowReaderMs,
      heartbeatMs: this.#init.heartbeatMs,
      head: request.method === 'HEAD',
      inlineErrors: request.headers['x-pinset-stream-errors'] === 'inline',
    })
  }

  /** H1. The place is free again once the answer has ended. */
  #takePlace(kind: StreamKind, reply: FastifyReply): void {
    const taken = this.#streams[kind]
    const places = kind === 'list' ? this.#init.maxConcurrentLists : this.#init.maxConcurrentFiles
    if (taken >= places) {
      throw new OverloadedError(`this peer sends ${taken} ${kind}s already; repeat the request later`)
    }
    this.#streams[kind] += 1
    reply.raw.once('close', () => (this.#streams[kind] -= 1))
  }

  #fail(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const effect = (request.routeOptions.config as RouteConfig).effect ?? 'read'
    const failure = failureOf(error, effect)
    const { method, url } = request
    const { logger } = this.#components
    if (failure.status === 500) logger.error('A request failed', { method, url, err: error })
    else if (failure.status > 500) {
      logger.warn('A request could not be answered', { method, url, status: failure.status, reason: failure.message })
    }
    if (!request.raw.complete) discardRest(request, reply)
    return this.#sendFailure(reply, failure)
  }

  #sendFailure(reply: FastifyReply, failure: Failure): FastifyReply {
    return reply
      .code(failure.status)
      .headers({
        'x-pinset-error': failure.code,
        ...(failure.status === 503 ? { 'retry-after': '1' } : {}),
        ...(failure.modifiedIndex === undefined ? {} : { 'x-pinset-modified-index': String(failure.modifiedIndex) }),
      })
      .send({ code: failure.status, message: failure.message })
  }
}

const PATHS = ENDPOINTS.map(({ method, path }) => ({
  methods: method === 'GET' ? ['GET', 'HEAD'] : [method],
  pattern: new RegExp(`^${path.replaceAll(/:[a-z]+/gu, '[^/]+').replaceAll('*', '.*')}/?$`, 'u'),
}))

/** The methods of the endpoints at this URL; none when there is no endpoint. */
function methodsOf(url: string): readonly string[] {
  const path = url.split('?', 1)[0] ?? ''
  return [...new Set(PATHS.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => methods))]
}

function isUpload(request: FastifyRequest): boolean {
  return (request.routeOptions.config as RouteConfig).upload === true
}

/** Gives up a body that does not arrive in time. */
function limitBody(request: FastifyRequest, deadlineMs: number): void {
  const { raw } = request
  const { headers } = raw
  if (headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0) return
  const timer = setTimeout(() => {
    if (!raw.complete) raw.destroy()
  }, deadlineMs)
  raw.once('close', () => clearTimeout(timer))
}

/** Lets a client that still sends read the answer before its connection ends. */
function discardRest(request: FastifyRequest, reply: FastifyReply): void {
  const { raw } = request
  reply.raw.once('finish', () => {
    if (raw.closed) return
    raw.on('error', () => {})
    raw.resume()
    const linger = setTimeout(() => {
      if (!raw.complete) raw.socket.destroy()
    }, LINGER_MS)
    raw.once('close', () => clearTimeout(linger))
  })
}

/** Answers what is not HTTP, or has more headers than it may have. */
function refuseConnection(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const [status, reason, message] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? [431, 'Request Header Fields Too Large', `the headers are larger than ${MAX_HEADER_BYTES} bytes`]
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? [408, 'Request Timeout', 'the request did not arrive in time']
        : [400, 'Bad Request', 'this is not an HTTP request']
  const body = JSON.stringify({ code: status, message })
  socket.end(
    `HTTP/1.1 ${status} ${reason}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  )
}

function listenError(error: unknown, host: string, port: number): ApiListenError {
  const code = (error as { readonly code?: string }).code ?? ''
  const where = `${host}:${port}`
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: `${where} is in use; stop the program that has it, or set another address in config.json (api.listen; port 0 takes any free one)`,
    EACCES: `no permission to listen on ${where}; choose a port above 1023`,
    EADDRNOTAVAIL: `this machine has no address ${host}; choose 127.0.0.1, or 0.0.0.0 for all`,
    ENOTFOUND: `the name ${host} is not known; choose 127.0.0.1, or 0.0.0.0 for all`,
  }
  const reason = reasons[code] ?? `listening on ${where} failed (${code === '' ? String(error) : code})`
  return new ApiListenError(`the HTTP API cannot start: ${reason}`, { cause: error })
}

/** An address that a client on this machine can use. */
function urlOf(host: string, port: number): string {
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`
}
