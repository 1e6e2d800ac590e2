/** An API over a fake cluster on a free port, and a plain HTTP client that also shows trailers. */
import { silentLogger } from '@pinset/interface'
import type { IncomingHttpHeaders } from 'node:http'
import { request as httpRequest } from 'node:http'

import type { Api, ApiInit } from '../src/index.ts'
import { createApi } from '../src/index.ts'
import { FakeCluster } from './fake-cluster.ts'

export interface ApiFixture extends AsyncDisposable {
  readonly cluster: FakeCluster
  readonly api: Api
  readonly url: string
}

export async function startApi(init: ApiInit = {}): Promise<ApiFixture> {
  const cluster = new FakeCluster()
  const api = createApi({ cluster, logger: silentLogger }, { port: 0, stopGraceMs: 50, ...init })
  const { url } = await api.start()
  return { cluster, api, url, [Symbol.asyncDispose]: () => api.stop() }
}

export interface RawAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly trailers: NodeJS.Dict<string>
  readonly text: string
  /** False when the connection ended before the answer did. */
  readonly complete: boolean
}

export interface RawRequest {
  readonly method?: string
  readonly headers?: Record<string, string>
  readonly body?: string | Uint8Array
}

export function send(url: string, request: RawRequest = {}): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      url,
      { method: request.method ?? 'GET', headers: request.headers ?? {}, agent: false },
      (answer) => {
        const chunks: Uint8Array[] = []
        answer.on('data', (chunk: Uint8Array) => chunks.push(chunk))
        answer.on('error', () => {})
        answer.on('close', () => {
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.headers,
            trailers: answer.trailers,
            text: Buffer.concat(chunks).toString('utf8'),
            complete: answer.complete,
          })
        })
      },
    )
    sent.on('error', reject)
    sent.end(request.body)
  })
}

export function lines(answer: RawAnswer): Record<string, unknown>[] {
  return answer.text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

export function json(answer: RawAnswer): Record<string, unknown> {
  return JSON.parse(answer.text) as Record<string, unknown>
}

export function multipart(files: readonly { path: string; content?: string; type?: string }[]): RawRequest {
  const boundary = 'a-boundary-of-the-test'
  const parts = files.map(
    ({ path, content, type }) =>
      `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${encodeURIComponent(path)}"\r\n` +
      `Content-Type: ${type ?? (content === undefined ? 'application/x-directory' : 'application/octet-stream')}\r\n\r\n${content ?? ''}\r\n`,
  )
  return {
    method: 'POST',
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    body: `${parts.join('')}--${boundary}--\r\n`,
  }
}
