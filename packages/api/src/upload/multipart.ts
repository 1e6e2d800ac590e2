/**
 * multipart/form-data as a stream of parts (RFC 7578, RFC 2046 §5.1), pulled.
 *
 * Owns the format; knows nothing of files. Written for uploads of a million small files: libraries that push parts read ahead
 * without a limit when the parts are small, and keep every part until the request ends.
 *
 * M1 Memory is bounded by one chunk of the source and one block of headers, whatever is sent.
 * M2 A part's body is read before the next part: what its reader leaves is skipped.
 * M3 An upload that ends before its closing boundary is refused, never taken as complete.
 */
import { InvalidRequestError } from '@pinset/interface'
import { Buffer } from 'node:buffer'

export interface Part {
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>
  /** Can be read once, and only until the next part is asked for. */
  readonly body: AsyncIterable<Uint8Array>
}

export interface MultipartLimits {
  readonly maxParts: number
}

const MAX_HEADER_LINE_BYTES = 8192
const MAX_HEADERS = 32
const MAX_PREAMBLE_BYTES = 65_536
const CRLF = Buffer.from('\r\n')

/** @throws {InvalidRequestError} when the content type is not multipart/form-data with a boundary. */
export function boundaryOf(contentType: string | undefined): string {
  const match = /^multipart\/form-data\s*;(?:.*;)?\s*boundary=(?:"([^"]+)"|([^\s;]+))/iu.exec(contentType ?? '')
  const boundary = match?.[1] ?? match?.[2]
  if (boundary === undefined || boundary.length > 200) {
    throw new InvalidRequestError('send files as multipart/form-data, for example `curl -F file=@cat.jpg …/add`')
  }
  return boundary
}

export async function* multipartParts(
  source: AsyncIterable<Uint8Array>,
  boundary: string,
  limits: MultipartLimits,
): AsyncGenerator<Part> {
  // With a line end before the first byte, the first boundary looks like the others.
  const reader = new DelimitedReader(source, CRLF)
  const delimiter = Buffer.from(`\r\n--${boundary}`)
  try {
    await reader.skipUntil(delimiter, MAX_PREAMBLE_BYTES)
    for (let parts = 0; ; parts += 1) {
      const rest = await reader.line()
      if (rest.startsWith('--')) return
      if (rest.trim() !== '') throw new InvalidRequestError('the upload is malformed: text after a boundary')
      if (parts >= limits.maxParts) throw new InvalidRequestError(`the upload has more than ${limits.maxParts} parts`)
      const headers = await readHeaders(reader)
      const body = reader.until(delimiter)
      yield { headers, body }
      while ((await body.next()).done !== true); // M2
    }
  } finally {
    await reader.close()
  }
}

async function readHeaders(reader: DelimitedReader): Promise<Map<string, string>> {
  const headers = new Map<string, string>()
  for (;;) {
    const line = await reader.line()
    if (line === '') return headers
    const colon = line.indexOf(':')
    if (colon <= 0 || headers.size >= MAX_HEADERS)
      throw new InvalidRequestError('the upload is malformed: bad part headers')
    headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim())
  }
}

/** Reads up to delimiters, holding at most one chunk of its source (M1). */
class DelimitedReader {
  readonly #source: AsyncIterator<Uint8Array>
  #held: Buffer
  #ended = false

  constructor(source: AsyncIterable<Uint8Array>, first: Uint8Array) {
    this.#source = source[Symbol.asyncIterator]()
    this.#held = Buffer.from(first)
  }

  /** The text up to the next line end. After the closing boundary the end of the upload counts as one. */
  async line(): Promise<string> {
    for (;;) {
      const at = this.#held.indexOf(CRLF)
      if (at > MAX_HEADER_LINE_BYTES || (at < 0 && this.#held.length > MAX_HEADER_LINE_BYTES)) {
        throw new InvalidRequestError('the upload is malformed: a header line is too long')
      }
      if (at >= 0) return this.#take(at, CRLF.length).toString('utf8')
      if (this.#held.length >= 2 && this.#held.subarray(0, 2).toString('latin1') === '--') return '--'
      if (!(await this.#more())) throw brokenOff()
    }
  }

  async skipUntil(delimiter: Buffer, maxBytes: number): Promise<void> {
    let skipped = 0
    for await (const chunk of this.until(delimiter)) {
      skipped += chunk.length
      if (skipped > maxBytes) throw new InvalidRequestError('the upload is malformed: no boundary found')
    }
  }

  /** Everything up to the delimiter, which is consumed. */
  async *until(delimiter: Buffer): AsyncGenerator<Uint8Array> {
    for (;;) {
      const at = this.#held.indexOf(delimiter)
      if (at >= 0) {
        const last = this.#take(at, delimiter.length)
        if (last.length > 0) yield last
        return
      }
      const safe = this.#held.length - (delimiter.length - 1)
      if (safe > 0) yield this.#take(safe, 0)
      if (!(await this.#more())) throw brokenOff() // M3
    }
  }

  async close(): Promise<void> {
    await this.#source.return?.()
  }

  #take(length: number, skip: number): Buffer {
    const taken = this.#held.subarray(0, length)
    this.#held = this.#held.subarray(length + skip)
    return taken
  }

  async #more(): Promise<boolean> {
    if (this.#ended) return false
    const next = await this.#source.next()
    if (next.done === true) {
      this.#ended = true
      return false
    }
    this.#held = this.#held.length === 0 ? Buffer.from(next.value) : Buffer.concat([this.#held, next.value])
    return true
  }
}

function brokenOff(): InvalidRequestError {
  return new InvalidRequestError('the upload ended before its closing boundary')
}
