import {
  CommitOutcomeUnknownError,
  CorruptError,
  InvalidRequestError,
  IpfsError,
  NoLeaderError,
  NotFoundError,
  OverloadedError,
  RefusedError,
  RevisionTimeoutError,
} from '@pinset/interface'
import type { AddEntry } from '@pinset/interface'
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import type { ApiFixture } from '../../api/test/api-fixture.ts'
import { startApi } from '../../api/test/api-fixture.ts'
import { cidOf, FakeCluster, PEERS } from '../../api/test/fake-cluster.ts'
import type { PinsetClient } from '../src/index.ts'
import { ApiError, ApiUnreachableError, createClient } from '../src/index.ts'

let fixture: ApiFixture
let cluster: FakeCluster
let client: PinsetClient

beforeAll(async () => {
  fixture = await startApi()
  cluster = fixture.cluster
  client = createClient({ url: `${fixture.url}/` })
})
afterAll(() => fixture.api.stop())
beforeEach(() => {
  Object.assign(cluster, new FakeCluster())
})

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = []
  for await (const item of items) list.push(item)
  return list
}

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    return await promise
  } catch (error) {
    return error
  }
}

async function* entries(...list: readonly AddEntry[]): AsyncGenerator<AddEntry> {
  yield* list
}

async function* content(...chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks
}

async function withServer(listener: RequestListener, use: (url: string) => Promise<void>): Promise<void> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

describe('create-client.ts', () => {
  it('pin() sends every option, and reads back the pin that the cluster has', async () => {
    const cid = await cidOf('a')
    const options = {
      replicationFactorMin: 1,
      replicationFactorMax: 2,
      name: 'a name & more',
      mode: 'direct',
      userAllocations: [PEERS[1]],
      expireAtMs: Date.UTC(2030, 0, 1),
      metadata: { 'a key': 'ü', empty: '' },
      pinUpdate: await cidOf('b'),
      origins: [`/ip4/1.2.3.4/tcp/4001/p2p/${PEERS[1]}`],
    } as const
    const idempotencyKey = '018f4a5e-7c00-7000-8000-00000000abcd'
    const answer = await client.pin(cid, options, { ifModifiedIndex: 0, idempotencyKey })

    expect(answer).toEqual({
      pin: cluster.records.get(cid.toString())?.pin,
      modifiedIndex: 1,
      revision: 1,
      appliedHere: true,
    })
    expect(answer.pin).toMatchObject(options)
    expect(cluster.calls[0]?.options).toMatchObject({
      ifModifiedIndex: 0,
      idempotencyKey,
      request: { cid, ...options },
    })
  })

  it('pins(), get() and unpin() read what pin() wrote', async () => {
    const [a, b, c] = [await cidOf('a'), await cidOf('b'), await cidOf('c')]
    const cids = [a, b, c]
    for (const cid of cids) await client.pin(cid, { name: 'n' })
    const listed = await all(client.pins())
    const page = await all(client.pins({ after: listed[0]?.cid ?? a, limit: 1, minRevision: 3 }))
    const { pin } = await client.unpin(a)

    expect(listed.map((item) => item.cid.toString()).sort()).toEqual(cids.map(String).sort())
    expect(page).toEqual([listed[1]])
    expect(pin.cid.equals(a)).toBe(true)
    await expect(client.get(a)).rejects.toThrow(NotFoundError)
    expect(await client.get(b)).toMatchObject({ modifiedIndex: 2, revision: 4, pin: { name: 'n' } })
  })

  it('status(), statusAll(), recover() and recoverAll() answer in the words of the domain', async () => {
    const cid = await cidOf('a')
    await client.pin(cid)
    cluster.statuses.set(cid.toString(), ['pin_error'])

    expect(await client.status(cid)).toEqual({ ...(await cluster.status(cid)), revision: undefined })
    expect(await all(client.statusAll({ filter: ['error'], local: true, cids: [cid] }))).toHaveLength(1)
    expect(await all(client.recoverAll())).toHaveLength(1)
    expect((await client.recover(cid, { local: true })).peers.map((peer) => peer.status)).toEqual(['pinned'])
  })

  it('id(), peers(), addPeer(), rmPeer(), invite(), version(), cluster(), health(), ready()', async () => {
    expect(await client.id()).toEqual(await cluster.id())
    expect(await all(client.peers())).toEqual(await all(cluster.peers()))
    expect((await client.addPeer(`/ip4/10.0.0.9/tcp/9096/p2p/${PEERS[0]}`)).id).toBe(PEERS[0])
    await client.rmPeer(PEERS[1])
    expect(cluster.peerIds).not.toContain(PEERS[1])
    expect(await client.invite()).toBe(cluster.invite())
    expect(await client.version()).toBe(cluster.version())
    expect(await client.cluster()).toEqual(cluster.clusterStatus())
    await client.health()
    await client.ready()
    cluster.clusterStatusChanges = { votingSuspended: true, haltedReason: 'fsync failed' }
    expect((await client.cluster()).votingSuspended).toBe(true)
    expect((await client.cluster()).haltedReason).toBe('fsync failed')
    await expect(client.ready()).rejects.toThrow(/fsync failed/)
  })

  it('add() uploads files and directories as it reads them, and cat() brings the bytes back', async () => {
    const bytes = randomBytes(3_000_000)
    const pieces = Array.from({ length: 30 }, (_, index) => bytes.subarray(index * 100_000, (index + 1) * 100_000))
    const added = await all(
      client.add(entries({ path: 'd' }, { path: 'd/ü + %41.bin', content: content(...pieces, new Uint8Array()) }), {
        pin: { name: 'n', replicationFactorMin: 1, replicationFactorMax: 2 },
        cidVersion: 1,
        chunkSize: 1024,
      }),
    )

    expect(added.map((entry) => [entry.path, entry.contentBytes])).toEqual([
      ['d/ü + %41.bin', bytes.length],
      ['d', 0],
    ])
    expect(added[1]?.allocations).toEqual(PEERS.slice(0, 2))
    expect(Buffer.concat(await all(client.cat(added[0]?.cid ?? (await cidOf('none'))))).equals(bytes)).toBe(true)
    expect(cluster.calls[0]?.options).toMatchObject({ cidVersion: 1, chunkSize: 1024 })
  })

  it('add() of many small files does not need the answer to be read before the upload ends', async () => {
    const files = async function* (): AsyncGenerator<AddEntry> {
      for (let index = 0; index < 5000; index += 1)
        yield { path: `d/${index}`, content: content(Buffer.from(`${index}`)) }
    }

    expect(await all(client.add(files(), { noPin: true }))).toHaveLength(5001)
  })

  it('add() throws what reading the entries throws', async () => {
    const broken = async function* (): AsyncGenerator<AddEntry> {
      yield { path: 'a', content: content(Buffer.from('A')) }
      throw new Error('the file is gone')
    }

    await expect(all(client.add(broken()))).rejects.toThrow('the file is gone')
  })

  it('add() that the API refuses while it is sent throws the reason', async () => {
    await using limited = await startApi({ maxUploadBytes: 100_000 })
    const file = { path: 'a', content: content(...Array.from({ length: 200 }, () => randomBytes(100_000))) }

    await expect(all(createClient({ url: limited.url }).add(entries(file)))).rejects.toThrow(/larger than 100000/)
  })

  it('cat() closes its connection when its reader stops', async () => {
    const cid = await cidOf('large')
    cluster.files.set(cid.toString(), randomBytes(50_000_000))
    for await (const chunk of client.cat(cid, { path: 'x/y z' })) {
      expect(chunk.length).toBeGreaterThan(0)
      break
    }

    expect(cluster.calls[0]?.options).toMatchObject({ path: 'x/y z' })
    const { signal } = (cluster.calls[0]?.options ?? {}) as { signal: AbortSignal }
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve))
  })
})

describe('errors.ts', () => {
  it.each([
    [new InvalidRequestError('m'), 400],
    [new NotFoundError('m'), 404],
    [new RefusedError('m'), 409],
    [new IpfsError('m'), 502],
    [new NoLeaderError('m'), 503],
    [new OverloadedError('m'), 503],
    [new RevisionTimeoutError('m', 1), 503],
    [new CommitOutcomeUnknownError('m'), 504],
  ])('%s comes back as its class, with status %d', async (error, status) => {
    cluster.failures.set('pin', error)
    const thrown = (await failureOf(client.pin(await cidOf('a')))) as Error

    expect(thrown).toBeInstanceOf(error.constructor)
    expect(thrown).toMatchObject({ message: 'm', status, code: error.code })
  })

  it('a conflict comes back with the index that the pin has now', async () => {
    cluster.outcome = { kind: 'conflict', modifiedIndex: 7 }
    const thrown = await failureOf(client.pin(await cidOf('a'), {}, { ifModifiedIndex: 3 }))

    expect(thrown).toBeInstanceOf(ApiError)
    expect(thrown).toMatchObject({ status: 409, code: 'ERR_CONFLICT', modifiedIndex: 7 })
  })

  it('a stream that the server breaks off throws after its items', async () => {
    cluster.failAfterItems = 2
    const seen: string[] = []
    const read = (async () => {
      for await (const peer of client.peers()) seen.push(peer.id)
    })()

    await expect(read).rejects.toThrow('the peers cannot be listed any further')
    expect(seen).toEqual(PEERS.slice(0, 2))
  })

  it('a stream and a file whose connection breaks off throw', async () => {
    const half: RequestListener = (_request, response) => {
      response.writeHead(200)
      response.write('{"id":')
      setImmediate(() => response.destroy())
    }
    await withServer(half, async (url) => {
      const broken = createClient({ url })

      await expect(all(broken.peers())).rejects.toThrow(ApiUnreachableError)
      await expect(all(broken.cat(await cidOf('a')))).rejects.toThrow(ApiUnreachableError)
      await expect(broken.pin(await cidOf('a'))).rejects.toMatchObject({ mayHaveTakenEffect: true })
    })
  })

  it('an API that does not run is named, and nothing can have taken effect', async () => {
    let gone = ''
    await withServer(
      () => {},
      async (url) => {
        gone = url
      },
    )
    const thrown = await failureOf(createClient({ url: gone }).pin(await cidOf('a')))

    expect(thrown).toBeInstanceOf(ApiUnreachableError)
    expect(thrown).toMatchObject({
      mayHaveTakenEffect: false,
      message: expect.stringContaining(`${gone} did not answer (ECONNREFUSED)`),
    })
  })

  it('an answer that is no JSON, or another JSON, is refused as corrupt', async () => {
    for (const text of ['<html>', '{}', '[]', '{"id":"bob"}', 'null']) {
      await withServer(
        (_request, response) => response.end(text),
        async (url) => {
          await expect(createClient({ url }).id()).rejects.toThrow(CorruptError)
          await expect(createClient({ url }).cluster()).rejects.toThrow(CorruptError)
          await expect(all(createClient({ url }).pins())).rejects.toThrow(CorruptError)
        },
      )
    }
  })

  it('an error page of something else keeps its status and text', async () => {
    const page: RequestListener = (_request, response) => response.writeHead(418).end('a teapot')
    await withServer(page, async (url) => {
      await expect(createClient({ url }).id()).rejects.toMatchObject({ status: 418, message: 'a teapot' })
    })
  })

  it('a signal and the time limit end a request, unchanged', async () => {
    cluster.hang = true
    const cid = await cidOf('a')

    await expect(client.pin(cid, {}, { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' })
    await expect(createClient({ url: fixture.url, timeoutMs: 20 }).pin(cid)).rejects.toMatchObject({
      name: 'TimeoutError',
    })
  })

  it('createClient() refuses what is no URL', () => {
    for (const url of ['', 'localhost:9094', '/ip4/127.0.0.1/tcp/9094', 'http://']) {
      expect(() => createClient({ url })).toThrow(InvalidRequestError)
    }
  })
})
