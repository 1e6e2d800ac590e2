/** Files and directories as multipart/form-data, written while they are read. */
import type { AddEntry } from '@pinset/interface'

export interface MultipartBody {
  readonly contentType: string
  readonly stream: ReadableStream<Uint8Array>
  /** What reading the entries has failed with, if it has: `fetch` hides it behind an error of its own. */
  readonly failure: () => unknown
}

/** The stream pulls from the entries; cancelling it closes them. */
export function multipartBody(entries: AsyncIterable<AddEntry>): MultipartBody {
  const boundary = `pinset-${crypto.randomUUID()}`
  const chunks = encoded(entries, boundary)
  let failure: unknown
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    stream: new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          try {
            const next = await chunks.next()
            if (next.done === true) controller.close()
            else controller.enqueue(next.value)
          } catch (error) {
            failure = error
            throw error
          }
        },
        async cancel() {
          await chunks.return()
        },
      },
      { highWaterMark: 0 },
    ),
    failure: () => failure,
  }
}

async function* encoded(entries: AsyncIterable<AddEntry>, boundary: string): AsyncGenerator<Uint8Array, void> {
  const encoder = new TextEncoder()
  for await (const entry of entries) {
    const type = entry.content === undefined ? 'application/x-directory' : 'application/octet-stream'
    yield encoder.encode(
      `--${boundary}\r\n` +
        `Content-Disposition: form-data; name="file"; filename="${encodeURIComponent(entry.path)}"\r\n` +
        `Content-Type: ${type}\r\n\r\n`,
    )
    if (entry.content !== undefined) yield* nonEmpty(entry.content)
    yield encoder.encode('\r\n')
  }
  yield encoder.encode(`--${boundary}--\r\n`)
}

async function* nonEmpty(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) if (chunk.length > 0) yield chunk
}
