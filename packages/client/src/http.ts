/**
 * Requests and answers over `fetch`.
 *
 * X1 A stream that ends without its end throws: a broken connection by `fetch` itself, an error of the server by the last line
 *    that this client asks for (`fetch` cannot read trailers).
 * X2 Whoever stops reading a stream closes its connection.
 */
import { errorFromAnswer, unreachable } from './errors.ts'
import { CorruptError, type ErrorJson } from '@pinset/interface'

export interface ApiRequest {
  readonly method?: 'GET' | 'POST' | 'DELETE'
  readonly query?: URLSearchParams
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | ReadableStream<Uint8Array>
  readonly signal?: AbortSignal | undefined
}

export interface HttpInit {
  readonly url: string
  readonly fetch: typeof globalThis.fetch
  readonly timeoutMs: number
}

/** Of one item in a stream, or of an answer. */
const MAX_LINE_CHARACTERS = 16 * 1024 * 1024

export class Http {
  readonly #init: HttpInit

  constructor(init: HttpInit) {
    this.#init = init
  }

  /** One JSON document, or undefined for an answer without a body. */
  async json(path: string, request: ApiRequest = {}): Promise<{ readonly value: unknown; readonly headers: Headers }> {
    const deadline = new AbortController()
    const timer = setTimeout(() => {
      deadline.abort(new DOMException(`no answer within ${this.#init.timeoutMs} ms`, 'TimeoutError'))
    }, this.#init.timeoutMs)
    const signal = request.signal === undefined ? deadline.signal : AbortSignal.any([request.signal, deadline.signal])
    try {
      const response = await this.#send(path, { ...request, signal })
      const text = await this.#text(response, request)
      return { value: text === '' ? undefined : parsed(text), headers: response.headers }
    } finally {
      clearTimeout(timer)
    }
  }

  /** One JSON document a line. */
  async *lines(path: string, request: ApiRequest = {}): AsyncGenerator {
    const headers = { ...request.headers, 'x-pinset-stream-errors': 'inline' }
    const response = await this.#send(path, { ...request, headers })
    const decoder = new TextDecoder()
    let held = ''
    for await (const chunk of this.#chunks(response, request)) {
      held += decoder.decode(chunk, { stream: true })
      if (held.length > MAX_LINE_CHARACTERS) throw new CorruptError(`a line of ${path} is too long`)
      const lines = held.split('\n')
      held = lines.pop() ?? ''
      for (const line of lines) if (line.trim() !== '') yield itemOf(line)
    }
    if (held.trim() !== '') yield itemOf(held)
  }

  async *bytes(path: string, request: ApiRequest = {}): AsyncGenerator<Uint8Array> {
    yield* this.#chunks(await this.#send(path, request), request)
  }

  async #send(path: string, request: ApiRequest): Promise<Response> {
    const query = request.query?.toString() ?? ''
    const { body, signal } = request
    let response: Response
    try {
      response = await this.#init.fetch(`${this.#init.url}${path}${query === '' ? '' : `?${query}`}`, {
        method: request.method ?? 'GET',
        headers: { ...request.headers },
        redirect: 'error',
        ...(body === undefined ? {} : { body }),
        ...(typeof body === 'object' ? { duplex: 'half' as const } : {}),
        ...(signal === undefined ? {} : { signal }),
      })
    } catch (error) {
      throw unreachable(this.#init.url, error, isWrite(request))
    }
    if (response.ok) return response
    throw await this.#failure(response, request)
  }

  async #failure(response: Response, request: ApiRequest): Promise<Error> {
    const text = await this.#text(response, request)
    let message = text.slice(0, 1000)
    try {
      const value = JSON.parse(text) as { readonly message?: unknown } | null
      if (typeof value?.message === 'string') ({ message } = value as { readonly message: string })
    } catch {
      // The text itself is the message: something else answered.
    }
    const index = response.headers.get('x-pinset-modified-index')
    return errorFromAnswer(
      response.status,
      response.headers.get('x-pinset-error'),
      message === '' ? `the API answered ${response.status} ${response.statusText}` : message,
      index === null ? null : Number(index),
    )
  }

  async #text(response: Response, request: ApiRequest): Promise<string> {
    try {
      return await response.text()
    } catch (error) {
      throw unreachable(this.#init.url, error, isWrite(request))
    }
  }

  async *#chunks(response: Response, request: ApiRequest): AsyncGenerator<Uint8Array> {
    if (response.body === null) return
    const reader = response.body.getReader()
    try {
      for (;;) {
        const { done, value } = await reader.read()
        if (done) return
        yield value as Uint8Array
      }
    } catch (error) {
      throw unreachable(this.#init.url, error, isWrite(request)) // X1
    } finally {
      await reader.cancel().catch(() => {}) // X2
    }
  }
}

function isWrite(request: ApiRequest): boolean {
  return request.method !== undefined && request.method !== 'GET'
}

function itemOf(line: string): unknown {
  const value = parsed(line)
  const failure = (value as { readonly stream_error?: ErrorJson & { error?: string } } | null)?.stream_error
  if (failure === undefined) return value
  throw errorFromAnswer(failure.code, failure.error ?? null, failure.message) // X1
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new CorruptError(`the API answered what is not JSON: ${JSON.stringify(text.slice(0, 80))}`, { cause: error })
  }
}
