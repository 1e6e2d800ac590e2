/**
 * Writes answers.
 *
 * A1 Until the first item of a stream is there, an error is still an answer with a status of its own.
 * A2 An error after it never looks like the end: the trailer X-Stream-Error names it, and for clients that cannot read trailers
 *    and asked for it, a last line; the bytes of a file have no room for that, so their connection is broken off.
 * A3 Who does not read holds up its source, and is given up after `slowReaderMs`.
 * A4 The source is always closed.
 * A5 An answer to a long upload shows that it is alive: clients give up answers that say nothing for some minutes.
 * A6 However long an answer is, it works in time slices that it shares with the others.
 */
import type { Logger } from '@pinset/interface'
import type { FastifyReply } from 'fastify'
import type { ServerResponse } from 'node:http'

import type { Answer, AnswerHeaders, Effect } from './endpoint.ts'
import { failureOf } from './failure.ts'
import type { TimeSlices } from './time-slices.ts'

export interface SendInit {
  readonly logger: Logger
  readonly effect: Effect
  readonly signal: AbortSignal
  readonly slices: TimeSlices
  readonly slowReaderMs: number
  /** How long an answer that has to show that it is alive may say nothing. */
  readonly heartbeatMs: number
  /** Only the headers are wanted; a stream is closed once its first item is there. */
  readonly head: boolean
  /** The client asked for errors as a last line of the stream. */
  readonly inlineErrors: boolean
}

const UNREAD_BYTES = 65_536
/** Items that one JSON array may hold; larger results are streamed. */
const MAX_ARRAY_ITEMS = 100_000

export async function sendAnswer(reply: FastifyReply, answer: Answer, init: SendInit): Promise<FastifyReply> {
  const headers = answer.headers ?? {}
  if (answer.kind === 'lines') {
    return await sendLines(reply, answer, init)
  }
  if (answer.kind === 'bytes') return await sendBytes(reply, answer.chunks, headers, init)
  if (answer.kind === 'array') {
    const array = await collected(answer.items, init)
    return reply.headers({ ...headers, 'content-type': 'application/json; charset=utf-8' }).send(array)
  }
  if (answer.kind === 'empty') return reply.code(204).headers(headers).send()
  return reply
    .code(answer.status ?? 200)
    .headers(headers)
    .send(answer.value)
}

/** The text of a JSON array, made item by item (A6). */
async function collected(items: AsyncIterable<unknown>, init: SendInit): Promise<string> {
  const texts: string[] = []
  let isOver = await init.slices.begin()
  for await (const item of items) {
    if (texts.length >= MAX_ARRAY_ITEMS) throw new RangeError(`more than ${MAX_ARRAY_ITEMS} items: ask for a stream`)
    texts.push(JSON.stringify(item))
    if (isOver()) isOver = await init.slices.begin()
  }
  return `[${texts.join(',')}]`
}

async function sendLines(
  reply: FastifyReply,
  answer: Answer & { readonly kind: 'lines' },
  init: SendInit,
): Promise<FastifyReply> {
  const { headers = {}, unreadBytes = UNREAD_BYTES } = answer
  const soon = <Value>(promise: Promise<Value>): Promise<Value | null> =>
    answer.heartbeat === true ? withinOrNull(promise, init.heartbeatMs) : promise
  const iterator = answer.items[Symbol.asyncIterator]()
  let pending = iterator.next()
  let next = await soon(pending) // A1
  if (next?.done === true) return reply.code(204).headers(headers).send()
  if (init.head) {
    await iterator.return?.() // A4
    return reply
      .headers({ ...headers, 'content-type': 'application/json' })
      .code(200)
      .send()
  }
  reply.hijack()
  const raw = reply.raw
  // A client of HTTP/1.0 has neither chunks nor trailers.
  const trailers = reply.request.raw.httpVersion !== '1.0'
  const corked = corking(raw)
  let streamError = ''
  try {
    raw.writeHead(200, {
      ...headers,
      'content-type': 'application/json',
      ...(trailers ? { trailer: 'X-Stream-Error' } : {}),
    })
    let isOver = await init.slices.begin() // A6
    while (next?.done !== true) {
      corked.begin()
      // Between documents an empty line means nothing (A5).
      raw.write(next === null ? '\n' : `${JSON.stringify(next.value)}\n`)
      if (raw.writableLength > unreadBytes) await drained(raw, unreadBytes, init)
      if (isOver()) isOver = await init.slices.begin()
      init.signal.throwIfAborted()
      if (next !== null) pending = iterator.next()
      next = await soon(pending)
    }
  } catch (error) {
    const failure = failureOf(error, init.effect)
    streamError = singleLine(failure.message)
    if (!raw.destroyed) init.logger.warn('An answer broke off', { url: reply.request.url, reason: failure.message })
    if (init.inlineErrors) {
      const { status, message, code } = failure
      raw.write(`${JSON.stringify({ stream_error: { code: status, message, error: code } })}\n`) // A2
    }
    await iterator.return?.() // A4
  }
  // Node sends what ends an answer before what is corked.
  corked.end()
  if (trailers) raw.addTrailers({ 'X-Stream-Error': streamError })
  raw.end()
  return reply
}

async function sendBytes(
  reply: FastifyReply,
  chunks: AsyncIterable<Uint8Array>,
  headers: AnswerHeaders,
  init: SendInit,
): Promise<FastifyReply> {
  const iterator = chunks[Symbol.asyncIterator]()
  let next = await iterator.next() // A1
  const allHeaders = {
    ...headers,
    'content-type': 'application/octet-stream',
    // Content is anybody's: no browser may run it as a page of this origin.
    'x-content-type-options': 'nosniff',
    'content-security-policy': 'sandbox',
  }
  if (init.head) {
    await iterator.return?.() // A4
    return reply.headers(allHeaders).code(200).send()
  }
  reply.hijack()
  const raw = reply.raw
  try {
    raw.writeHead(200, allHeaders)
    let isOver = await init.slices.begin() // A6
    while (next.done !== true) {
      raw.write(next.value)
      if (raw.writableNeedDrain) await drained(raw, UNREAD_BYTES, init)
      if (isOver()) isOver = await init.slices.begin()
      init.signal.throwIfAborted()
      next = await iterator.next()
    }
    raw.end()
  } catch (error) {
    if (!raw.destroyed) {
      const reason = failureOf(error, init.effect).message
      init.logger.warn('An answer broke off', { url: reply.request.url, reason })
    }
    raw.destroy() // A2
    await iterator.return?.() // A4
  }
  return reply
}

/** What the promise gives, or null when that takes longer. */
async function withinOrNull<Value>(promise: Promise<Value>, milliseconds: number): Promise<Value | null> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), milliseconds)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Gathers what is written in one turn of the event loop into one chunk. */
function corking(raw: ServerResponse): { begin(): void; end(): void } {
  let corked = false
  const end = (): void => {
    if (!corked) return
    corked = false
    raw.uncork()
  }
  return {
    begin() {
      if (corked) return
      corked = true
      raw.cork()
      setImmediate(end)
    },
    end,
  }
}

/** Resolves once no more than `unreadBytes` wait (A3). */
function drained(raw: ServerResponse, unreadBytes: number, init: SendInit): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      clearTimeout(timer)
      raw.off('drain', check)
      raw.off('close', closed)
      init.signal.removeEventListener('abort', closed)
      act()
    }
    const check = (): void => {
      if (raw.writableLength <= unreadBytes) settle(resolve)
    }
    const closed = (): void =>
      settle(() => reject((init.signal.reason as Error | undefined) ?? new Error('the client has gone')))
    const timer = setTimeout(() => {
      settle(() => {
        raw.destroy()
        reject(new Error(`the client has read nothing for ${init.slowReaderMs} ms`))
      })
    }, init.slowReaderMs)
    raw.on('drain', check)
    raw.on('close', closed)
    init.signal.addEventListener('abort', closed)
    setImmediate(check)
  })
}

/** A header value holds one line of visible characters. */
function singleLine(text: string): string {
  return text
    .replaceAll(/[^\x20-\x7e\xa0-\xff]+/gu, ' ')
    .replaceAll(/ +/gu, ' ')
    .trim()
    .slice(0, 2048)
}
