import { InvalidRequestError, NoLeaderError } from '@pinset/interface'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { request as httpRequest } from 'node:http'
import { describe, expect, it } from 'vitest'

import { json, lines, multipart, send, startApi } from './api-fixture.ts'
import { cidText } from './fake-cluster.ts'

describe('endpoints/content.ts', () => {
  it('POST /add imports files and directories and pins only the roots', async () => {
    await using fixture = await startApi()
    const { cluster, url } = fixture
    const files = multipart([
      { path: 'd' },
      { path: 'd/a b+c.txt', content: 'A' },
      { path: 'd/e/f.txt', content: 'F' },
      { path: 'g', content: 'G' },
    ])
    const answer = await send(`${url}/add?name=n&replication-min=1&replication-max=2`, files)

    expect(answer.status).toBe(200)
    expect(answer.headers['x-chunked-output']).toBe('1')
    expect(answer.trailers['x-stream-error']).toBe('')
    expect(lines(answer).map((line) => line['name'])).toEqual(['d/a b+c.txt', 'd/e/f.txt', 'g', 'd/e', 'd'])
    expect(lines(answer)[2]).toEqual({
      name: 'g',
      cid: await cidText('G'),
      bytes: 1,
      size: 1,
      allocations: cluster.peerIds.slice(0, 2),
    })
    expect([...cluster.records.values()].map(({ pin }) => [pin.name, pin.replicationFactorMax])).toEqual([
      ['n', 2],
      ['n', 2],
    ])
  })

  it('POST /add passes the import options on, with the defaults of IPFS Cluster', async () => {
    await using fixture = await startApi()
    const { cluster, url } = fixture
    const file = multipart([{ path: 'a', content: 'A' }])
    await send(`${url}/add`, file)
    await send(`${url}/add?cid-version=1&chunker=size-1024&wrap-with-directory=true&hidden=true&progress=false`, file)
    await send(`${url}/add?raw-leaves=true&recursive=1&local=f&format=unixfs&layout=balanced&hash=sha2-256`, file)

    expect(cluster.calls.filter((call) => call.method === 'add').map((call) => call.options)).toMatchObject([
      { cidVersion: 0, rawLeaves: false, wrapWithDirectory: false },
      { cidVersion: 1, rawLeaves: true, wrapWithDirectory: true, chunkSize: 1024 },
      { cidVersion: 0, rawLeaves: true },
    ])
  })

  it('POST /add?wrap-with-directory=true pins the directory around everything only', async () => {
    await using fixture = await startApi()
    const answer = await send(`${fixture.url}/add?wrap-with-directory=true`, multipart([{ path: 'a', content: 'A' }]))

    expect(lines(answer).map((line) => line['name'])).toEqual(['a', ''])
    expect([...fixture.cluster.records.keys()]).toEqual([lines(answer)[1]?.['cid']])
  })

  it('POST /add?no-pin=true pins nothing', async () => {
    await using fixture = await startApi()

    expect(lines(await send(`${fixture.url}/add?no-pin=true`, multipart([{ path: 'a', content: 'A' }])))).toHaveLength(
      1,
    )
    expect(fixture.cluster.records.size).toBe(0)
  })

  it('POST /add?stream-channels=false answers one array', async () => {
    await using fixture = await startApi()
    const answer = await send(`${fixture.url}/add?stream-channels=false`, multipart([{ path: 'a', content: 'A' }]))

    expect(JSON.parse(answer.text)).toEqual([expect.objectContaining({ name: 'a' })])
  })

  it.each([
    'layout=trickle',
    'format=car',
    'hash=blake2b-256',
    'chunker=rabin',
    'chunker=size-0',
    'chunker=size-9999999',
    'cid-version=2',
    'shard=true',
    'nocopy=true',
    'raw-leaves=perhaps',
    'expire-in=bogus',
    'replication-min=x',
  ])('POST /add?%s is refused before anything is imported', async (query) => {
    await using fixture = await startApi()
    const answer = await send(`${fixture.url}/add?${query}`, multipart([{ path: 'a', content: 'A' }]))

    expect(answer.status).toBe(400)
    expect(fixture.cluster.calls).toEqual([])
  })

  it.each(['..', 'd/../../x', '/', 'a//b', './a', 'a\0b', 'x'.repeat(5000)])(
    'POST /add refuses the path %j',
    async (path) => {
      await using fixture = await startApi()

      expect((await send(`${fixture.url}/add`, multipart([{ path, content: 'A' }]))).status).toBe(400)
      expect(fixture.cluster.records.size).toBe(0)
    },
  )

  it('POST /add refuses links, no files, two of one name, and what is no multipart', async () => {
    await using fixture = await startApi()
    const add = `${fixture.url}/add`
    const twice = multipart([
      { path: 'a', content: 'A' },
      { path: 'a', content: 'B' },
    ])

    expect((await send(add, multipart([{ path: 'l', content: '/etc', type: 'application/symlink' }]))).status).toBe(400)
    expect((await send(add, multipart([]))).status).toBe(400)
    expect((await send(add, { method: 'POST', body: 'x' })).status).toBe(400)
    expect((await send(`${add}?no-pin=1`, twice)).trailers['x-stream-error']).toMatch(/two files/)
  })

  it('POST /add of one file whose pin fails answers the status of that failure', async () => {
    await using fixture = await startApi()
    fixture.cluster.failures.set('pin', new NoLeaderError('no leader'))
    const answer = await send(`${fixture.url}/add`, multipart([{ path: 'a', content: 'A' }]))

    expect(answer.status).toBe(503)
    expect(json(answer)['message']).toBe('no leader')
  })

  it('POST /add that fails later names the error in the trailer and never prints the root', async () => {
    await using fixture = await startApi()
    fixture.cluster.failures.set('pin', new NoLeaderError('no leader'))
    const answer = await send(`${fixture.url}/add`, multipart([{ path: 'd/a', content: 'A' }]))

    expect(lines(answer).map((line) => line['name'])).toEqual(['d/a'])
    expect(answer.trailers['x-stream-error']).toBe('no leader')
  })

  it('POST /add that takes long shows that it is alive before its first line', async () => {
    await using fixture = await startApi({ heartbeatMs: 10 })
    const [body = '', end = ''] = String(multipart([{ path: 'a', content: 'AA' }]).body).split('AA')
    const request = httpRequest(`${fixture.url}/add`, { method: 'POST', headers: multipart([]).headers, agent: false })
    request.write(`${body}A`)
    const [answer] = (await once(request, 'response')) as [IncomingMessage]
    const [alive] = (await once(answer, 'data')) as [Buffer]
    request.end(`A${end}`)
    const rest: Buffer[] = []
    for await (const chunk of answer) rest.push(chunk as Buffer)

    expect(alive.toString()).toBe('\n')
    expect(JSON.parse(Buffer.concat(rest).toString())).toMatchObject({ name: 'a', bytes: 2 })
    expect(answer.trailers).toEqual({ 'x-stream-error': '' })
  })

  it('POST /add that ends before its closing boundary is refused', async () => {
    await using fixture = await startApi()
    const whole = multipart([{ path: 'a', content: 'A'.repeat(1000) }])
    const answer = await send(`${fixture.url}/add`, { ...whole, body: String(whole.body).slice(0, 500) })

    expect(answer.status).toBe(400)
    expect(json(answer)['message']).toMatch(/before its closing boundary/)
    expect(fixture.cluster.records.size).toBe(0)
  })

  it('POST /add that stands still is given up', async () => {
    await using fixture = await startApi({ uploadIdleMs: 30 })
    const request = httpRequest(`${fixture.url}/add`, { method: 'POST', headers: multipart([]).headers, agent: false })
    request.write('--a-boundary-of-the-test\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nA')
    const [answer] = (await once(request, 'response')) as [{ statusCode: number; resume(): void }]
    answer.resume()
    request.destroy()

    expect(answer.statusCode).toBe(400)
  })

  it('POST /add that is refused while the client still sends lets it read the answer', async () => {
    await using fixture = await startApi({ maxUploadBytes: 1_000_000 })
    const answer = await send(`${fixture.url}/add`, multipart([{ path: 'a', content: 'A'.repeat(20_000_000) }]))

    expect(answer.status).toBe(400)
    expect(json(answer)['message']).toMatch(/larger than 1000000/)
  })

  it('GET /ipfs/{cid} answers the bytes that were added, as bytes only', async () => {
    await using fixture = await startApi()
    const { cluster, url } = fixture
    const content = randomBytes(300_000)
    const cid = await cidText('content')
    cluster.files.set(cid, content)
    const answer = await fetch(`${url}/ipfs/${cid}`)

    expect(Buffer.from(await answer.arrayBuffer()).equals(content)).toBe(true)
    expect(answer.headers.get('content-type')).toBe('application/octet-stream')
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    expect((await send(`${url}/ipfs/${cid}/a%20b/c.txt`)).status).toBe(200)
    expect(cluster.calls.at(-1)?.options).toMatchObject({ path: 'a b/c.txt' })
  })

  it('POST /add refuses options that no pin may have before anything is added, unless nothing is to be pinned', async () => {
    await using fixture = await startApi()
    const { cluster, url } = fixture
    cluster.failures.set('checkPinOptions', new InvalidRequestError('no such pin'))
    const upload = multipart([{ path: 'a', content: 'a' }])

    expect(await send(`${url}/add?expire-in=1h`, upload)).toMatchObject({ status: 400 })
    expect(cluster.calls).toEqual([])
    expect((await send(`${url}/add?no-pin=true`, upload)).status).toBe(200)
  })

  it('GET /ipfs/{cid} answers 404 for what is not there, and breaks off when a block is missing', async () => {
    await using fixture = await startApi()
    const { cluster, url } = fixture
    const cid = await cidText('content')
    expect((await send(`${url}/ipfs/${cid}`)).status).toBe(404)
    cluster.files.set(cid, randomBytes(300_000))
    cluster.failAfterItems = 2

    expect((await send(`${url}/ipfs/${cid}`)).complete).toBe(false)
  })

  it('GET /ipfs/{cid} of an empty file answers nothing with 200', async () => {
    await using fixture = await startApi()
    const cid = await cidText('empty')
    fixture.cluster.files.set(cid, new Uint8Array())

    expect(await send(`${fixture.url}/ipfs/${cid}`)).toMatchObject({ status: 200, text: '', complete: true })
  })
})
