import { silentLogger } from '@pinset/interface'
import { once } from 'node:events'
import { Agent, request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'

import { createApi } from '../src/index.ts'
import { json, lines, send, startApi } from './api-fixture.ts'
import { cidOf, cidText, FakeCluster } from './fake-cluster.ts'

function signalOf(cluster: FakeCluster): AbortSignal {
  const { signal } = (cluster.calls[0]?.options ?? {}) as { signal?: AbortSignal }
  return signal ?? AbortSignal.abort()
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}

describe('create-api.ts', () => {
  it('start() on a port in use says so and what to do', async () => {
    await using first = await startApi()
    const port = Number(new URL(first.url).port)
    const second = createApi({ cluster: new FakeCluster(), logger: silentLogger }, { port })

    await expect(second.start()).rejects.toThrow(new RegExp(`127.0.0.1:${port} is in use; .*api.listen`))
    await second.stop()
  })

  it('start() on an address that this machine has not says so', async () => {
    const api = createApi({ cluster: new FakeCluster(), logger: silentLogger }, { host: '203.0.113.7', port: 0 })

    await expect(api.start()).rejects.toThrow(/no address 203.0.113.7/)
  })

  it('stop() is idempotent, ends hanging requests and frees the port', async () => {
    const { api, url, cluster } = await startApi()
    cluster.hang = true
    const hanging = send(`${url}/pins/${await cidText('a')}`, { method: 'POST' }).catch(() => null)
    await until(() => cluster.calls.length === 1)
    await Promise.all([api.stop(), api.stop()])

    expect((await hanging)?.status ?? 503).toBe(503)
    await expect(send(`${url}/health`)).rejects.toThrow(/ECONNREFUSED/)
  })

  it('a client that goes away ends the signal of its request', async () => {
    await using fixture = await startApi()
    const { cluster, url } = fixture
    cluster.hang = true
    const request = httpRequest(`${url}/pins/${await cidText('a')}`, { method: 'POST', agent: false })
    request.on('error', () => {})
    request.end()
    await until(() => cluster.calls.length === 1)
    const signal = signalOf(cluster)
    request.destroy()
    await once(signal, 'abort')

    expect(signal.aborted).toBe(true)
  })

  it('requests above the limit are told to come back; /health still answers', async () => {
    await using fixture = await startApi({ maxConcurrentRequests: 1 })
    const { cluster, url } = fixture
    cluster.hang = true
    const hanging = send(`${url}/pins/${await cidText('a')}`, { method: 'POST' }).catch(() => null)
    await until(() => cluster.calls.length === 1)
    const refused = await send(`${url}/version`)

    expect(refused.status).toBe(503)
    expect(refused.headers['x-pinset-error']).toBe('ERR_OVERLOADED')
    expect((await send(`${url}/health`)).status).toBe(204)
    await fixture.api.stop()
    await hanging
  })

  it('long answers have places of their own: lists and files above them are told to come back', async () => {
    await using fixture = await startApi({ maxConcurrentLists: 1, maxConcurrentFiles: 1 })
    const { cluster, url } = fixture
    const record = { pin: (await pinned(cluster, 'x'.repeat(200))).pin, modifiedIndex: 1 }
    for (let i = 0; i < 20_000; i += 1) cluster.records.set(`pin ${i}`, record)
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.on('error', () => {})
    socket.write('GET /allocations HTTP/1.1\r\nHost: localhost\r\n\r\n')
    socket.pause()
    await until(() => cluster.openViews === 1)
    const calls = cluster.calls.length
    const refused = await send(`${url}/allocations`)

    expect(refused.status).toBe(503)
    expect(refused.headers).toMatchObject({ 'x-pinset-error': 'ERR_OVERLOADED', 'retry-after': '1' })
    expect(json(refused)['message']).toBe('this peer sends 1 lists already; repeat the request later')
    expect((await send(`${url}/pins`)).status).toBe(503)
    expect(cluster.calls).toHaveLength(calls)
    expect((await send(`${url}/ipfs/${await cidText('a')}`)).status).not.toBe(503)
    socket.destroy()
    await until(() => cluster.openViews === 0)
    for (let turn = 0; turn < 3; turn += 1) expect((await send(`${url}/pins?filter=error`)).status).not.toBe(503)
  })

  it('an unknown endpoint answers 404 in the error shape', async () => {
    await using fixture = await startApi()

    expect(json(await send(`${fixture.url}/nonsense`))).toEqual({
      code: 404,
      message: 'no such endpoint: GET /nonsense',
    })
  })

  it('a wrong method answers 405 and which methods there are', async () => {
    await using fixture = await startApi()
    const answer = await send(`${fixture.url}/pins/bafy/recover?local=true`, { method: 'DELETE' })
    const patched = await send(`${fixture.url}/pins/bafy/`, { method: 'PATCH' })

    expect(answer).toMatchObject({
      status: 405,
      headers: { allow: 'POST', 'x-pinset-error': 'ERR_METHOD_NOT_ALLOWED' },
    })
    expect(json(answer)['message']).toMatch(/^no such method: DELETE .*; the endpoint takes POST$/)
    expect(patched).toMatchObject({ status: 405, headers: { allow: 'POST, DELETE, GET, HEAD' } })
    expect((await send(`${fixture.url}/health`, { method: 'POST' })).status).toBe(405)
  })

  it('HEAD answers the headers of GET, reads no stream to its end and closes it', async () => {
    await using fixture = await startApi()
    const { url, cluster } = fixture
    for (const text of ['a', 'b']) await send(`${url}/pins/${await cidText(text)}`, { method: 'POST' })
    cluster.failAfterItems = 1
    const list = await send(`${url}/allocations`, { method: 'HEAD' })

    expect((await send(`${url}/health`, { method: 'HEAD' })).status).toBe(204)
    expect(await send(`${url}/version`, { method: 'HEAD' })).toMatchObject({ status: 200, text: '' })
    expect(list).toMatchObject({ status: 200, text: '', headers: { 'x-pinset-revision': '2' } })
    expect(list.headers['content-type']).toBe('application/json')
    expect(cluster.openViews).toBe(0)
    expect((await send(`${url}/allocations/nonsense`, { method: 'HEAD' })).status).toBe(400)
  })

  it('a body above the limit answers 413, headers above theirs 431, what is no HTTP 400', async () => {
    await using fixture = await startApi({ maxBodyBytes: 100 })
    const { url } = fixture
    const long = await send(`${url}/peers`, { method: 'POST', body: 'x'.repeat(101) })
    const headers = await send(`${url}/id`, { headers: { 'x-long': 'x'.repeat(20_000) } })
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.end('this is not HTTP\r\n\r\n')
    const [garbage] = (await once(socket, 'data')) as [Buffer]

    expect(long.status).toBe(413)
    expect(headers.status).toBe(431)
    expect(garbage.toString()).toMatch(/^HTTP\/1.1 400 .*"code":400/s)
    expect(fixture.cluster.calls).toEqual([])
  })

  it('a body that does not arrive is given up, and a refused request leaves its connection usable', async () => {
    await using fixture = await startApi({ deadlineMs: 50 })
    const { url } = fixture
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const statusOf = (path: string, body: string): Promise<number> =>
      new Promise((resolve, reject) => {
        const request = httpRequest(
          `${url}${path}`,
          { method: 'POST', agent, headers: { origin: 'null' } },
          (answer) => {
            answer.resume()
            answer.on('end', () => resolve(answer.statusCode ?? 0))
          },
        )
        request.on('error', reject)
        request.end(body)
      })
    const slow = httpRequest(`${url}/peers`, { method: 'POST', headers: { 'content-length': '10' }, agent: false })
    slow.write('{')
    const [failure] = (await once(slow, 'error')) as [Error]

    expect(failure.message).toMatch(/hang up|ECONNRESET/)
    for (let turn = 0; turn < 5; turn += 1) expect(await statusOf('/peers', 'x'.repeat(1000))).toBe(403)
    agent.destroy()
  })

  it('more options than a query may have are refused', async () => {
    await using fixture = await startApi()
    const query = Array.from({ length: 300 }, (_, index) => `meta-${index}=x`).join('&')

    expect((await send(`${fixture.url}/pins/${await cidText('a')}?${query}`, { method: 'POST' })).status).toBe(400)
    expect(fixture.cluster.records.size).toBe(0)
  })
})

describe('guard.ts', () => {
  it.each(['evil.example', 'evil.example:9094', '127.0.0.1.evil.example', '10.0.0.1', '[::2]:80'])(
    'a loopback listener refuses the name %s (DNS rebinding)',
    async (host) => {
      await using fixture = await startApi()
      const answer = await send(`${fixture.url}/id`, { headers: { host } })

      expect(answer.status).toBe(403)
      expect(fixture.cluster.calls).toEqual([])
    },
  )

  it.each(['localhost:1', '127.0.0.1', 'LOCALHOST', '[::1]:9094', '127.1.2.3:80'])(
    'a loopback listener takes the name %s',
    async (host) => {
      await using fixture = await startApi()

      expect((await send(`${fixture.url}/id`, { headers: { host } })).status).toBe(200)
    },
  )

  it('a page of another origin changes nothing; one of the same origin and a program may', async () => {
    await using fixture = await startApi()
    const { cluster, url } = fixture
    const target = `${url}/pins/${await cidText('a')}`

    for (const origin of ['https://evil.example', 'null']) {
      expect((await send(target, { method: 'POST', headers: { origin } })).status).toBe(403)
    }
    expect(cluster.records.size).toBe(0)
    expect((await send(target, { method: 'POST', headers: { origin: url } })).status).toBe(200)
    expect((await send(`${url}/id`)).headers['access-control-allow-origin']).toBeUndefined()
  })

  it('a listener for other machines takes any name and gives no invitation', async () => {
    await using fixture = await startApi({ host: '0.0.0.0' })

    expect((await send(`${fixture.url}/id`, { headers: { host: 'peer.example' } })).status).toBe(200)
    expect((await send(`${fixture.url}/invite`)).status).toBe(409)
  })
})

describe('send-answer.ts', () => {
  it('an error before the first item has a status; after it, the trailer names it', async () => {
    await using fixture = await startApi()
    const { cluster, url } = fixture
    cluster.failAfterItems = 0
    const before = await send(`${url}/peers`)
    cluster.failAfterItems = 2
    const after = await send(`${url}/peers`)

    expect(before.status).toBe(500)
    expect(json(before)['message']).toBe('the peers cannot be listed any further')
    expect(after.status).toBe(200)
    expect(lines(after)).toHaveLength(2)
    expect(after.trailers['x-stream-error']).toBe('the peers cannot be listed any further')
  })

  it('a client that asks for it gets the error as a last line too', async () => {
    await using fixture = await startApi()
    fixture.cluster.failAfterItems = 1
    const answer = await send(`${fixture.url}/peers`, { headers: { 'x-pinset-stream-errors': 'inline' } })

    expect(lines(answer)[1]).toEqual({
      stream_error: { code: 500, message: 'the peers cannot be listed any further', error: 'ERR_INTERNAL' },
    })
  })

  it('an error with line ends and other letters becomes one line of a trailer', async () => {
    await using fixture = await startApi()
    fixture.cluster.failures.set('recover', new Error('first\r\nX-Evil: 1 → “quoted”'))
    for (const text of ['a', 'b']) await send(`${fixture.url}/pins/${await cidText(text)}`, { method: 'POST' })
    fixture.cluster.failAfterItems = 1
    fixture.cluster.statusAll = async function* () {
      yield await this.status(await cidOf('a'))
      throw new Error('first\r\nX-Evil: 1 → “quoted”')
    }
    const answer = await send(`${fixture.url}/pins`)

    expect(answer.trailers).toEqual({ 'x-stream-error': 'first X-Evil: 1 quoted' })
  })

  it('a client of HTTP/1.0 gets the lines, without trailers', async () => {
    await using fixture = await startApi()
    const socket = connect(Number(new URL(fixture.url).port), '127.0.0.1')
    socket.write('GET /peers HTTP/1.0\r\nHost: localhost\r\n\r\n')
    const chunks: Buffer[] = []
    for await (const chunk of socket) chunks.push(chunk as Buffer)

    expect(
      Buffer.concat(chunks)
        .toString()
        .split('\n')
        .filter((line) => line.startsWith('{')),
    ).toHaveLength(3)
  })

  it('a client that reads nothing is given up, and the view of its stream closed', async () => {
    await using fixture = await startApi({ slowReaderMs: 50 })
    const { cluster, url } = fixture
    const record = { pin: (await pinned(cluster, 'x'.repeat(200))).pin, modifiedIndex: 1 }
    for (let i = 0; i < 20_000; i += 1) cluster.records.set(`pin ${i}`, record)
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.on('error', () => {})
    socket.write('GET /allocations HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await until(() => cluster.openViews === 1)
    socket.pause()
    await until(() => cluster.openViews === 0)
    socket.destroy()

    expect(cluster.openViews).toBe(0)
  })
})

async function pinned(cluster: FakeCluster, name: string) {
  const { outcome } = await cluster.pin({
    cid: await cidOf(name),
    replicationFactorMin: -1,
    replicationFactorMax: -1,
    name,
    mode: 'recursive',
    userAllocations: [],
    expireAtMs: null,
    metadata: {},
    pinUpdate: null,
    origins: [],
  })
  if (outcome.kind !== 'pinned') throw new Error('not pinned')
  return outcome
}
