import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import type { ApiFixture } from './api-fixture.ts'
import { json, lines, send, startApi } from './api-fixture.ts'
import { cidText, FakeCluster, PEERS } from './fake-cluster.ts'

let fixture: ApiFixture
let cluster: FakeCluster
let url: string
let cid: string

beforeAll(async () => {
  fixture = await startApi()
  ;({ cluster, url } = fixture)
  cid = await cidText('a')
})
afterAll(() => fixture.api.stop())
beforeEach(() => {
  Object.assign(cluster, new FakeCluster())
})

const post = (path: string, headers: Record<string, string> = {}) => send(`${url}${path}`, { method: 'POST', headers })
const remove = (path: string) => send(`${url}${path}`, { method: 'DELETE' })
const get = (path: string) => send(`${url}${path}`)

describe('endpoints/peers.ts', () => {
  it('GET /id answers in the shape of IPFS Cluster', async () => {
    const answer = await get('/id')

    expect(answer.status).toBe(200)
    expect(json(answer)).toEqual({
      id: PEERS[0],
      addresses: [`/ip4/10.0.0.1/tcp/9096/p2p/${PEERS[0]}`],
      cluster_peers: [...PEERS],
      cluster_peers_addresses: [],
      version: '0.1.0-fake',
      commit: '',
      rpc_protocol_version: '/pinset/rpc/1',
      error: '',
      ipfs: { id: PEERS[0], addresses: [`/ip4/10.0.0.1/tcp/4001/p2p/${PEERS[0]}`], error: '' },
      peername: 'p0',
    })
  })

  it('GET /version answers the version, with and without a slash at the end', async () => {
    expect(json(await get('/version'))).toEqual({ version: '0.1.0-fake' })
    expect(json(await get('/version/'))).toEqual({ version: '0.1.0-fake' })
  })

  it('GET /peers streams one peer a line and an empty X-Stream-Error', async () => {
    const answer = await get('/peers')

    expect(lines(answer).map((peer) => peer['id'])).toEqual([...PEERS])
    expect(answer.headers['trailer']).toBe('X-Stream-Error')
    expect(answer.trailers['x-stream-error']).toBe('')
  })

  it.each(['address', 'peer_id'])('POST /peers takes a multiaddr in %s', async (field) => {
    const address = `/ip4/10.0.0.9/tcp/9096/p2p/${PEERS[1]}`
    const answer = await send(`${url}/peers`, { method: 'POST', body: JSON.stringify({ [field]: address }) })

    expect(json(answer)['id']).toBe(PEERS[1])
    expect(cluster.calls).toEqual([{ method: 'addPeer', options: { address } }])
  })

  it.each([
    ['a peer id without an address', JSON.stringify({ peer_id: PEERS[0] }), /multiaddr is needed/],
    ['nothing', '', /body/],
    ['an empty object', '{}', /multiaddr is needed/],
    ['what is no JSON', '{', /not JSON/],
    ['a number', '{"address": 1}', /not a peer id/],
    ['a word', '{"peer_id": "bob"}', /not a peer id/],
  ])('POST /peers refuses %s', async (_what, body, message) => {
    const answer = await send(`${url}/peers`, { method: 'POST', body })

    expect(answer.status).toBe(400)
    expect(json(answer)['message']).toMatch(message)
    expect(cluster.calls).toEqual([])
  })

  it('DELETE /peers/{peer} answers 204, 404 for a stranger, 400 for what is no peer id', async () => {
    expect((await remove(`/peers/${PEERS[2]}`)).status).toBe(204)
    expect((await remove(`/peers/${PEERS[2]}`)).status).toBe(404)
    expect((await remove('/peers/bob')).status).toBe(400)
  })

  it('GET /invite answers a token that no cache keeps', async () => {
    const answer = await get('/invite')

    expect(json(answer)).toEqual({ token: 'pinset1-token-of-the-fake' })
    expect(answer.headers['cache-control']).toBe('no-store')
  })
})

describe('endpoints/pins.ts', () => {
  it('POST /pins/{cid} pins with the options given and answers the pin with its revision', async () => {
    const query = new URLSearchParams({
      name: 'n',
      'replication-min': '1',
      'replication-max': '2',
      'meta-a': 'b',
      'meta-empty': '',
      'expire-at': '2030-01-02T03:04:05Z',
      'user-allocations': `${PEERS[1]},${PEERS[2]}`,
      origins: `/ip4/1.2.3.4/tcp/4001/p2p/${PEERS[1]}`,
      mode: 'direct',
      'no-such-option': 'is ignored',
    })
    const answer = await post(`/pins/${cid}?${query}`)

    expect(answer.status).toBe(200)
    expect(answer.headers['x-pinset-revision']).toBe('1')
    expect(answer.headers['x-pinset-modified-index']).toBe('1')
    expect(json(answer)).toEqual({
      replication_factor_min: 1,
      replication_factor_max: 2,
      name: 'n',
      mode: 'direct',
      shard_size: 0,
      user_allocations: [PEERS[1], PEERS[2]],
      expire_at: '2030-01-02T03:04:05.000Z',
      metadata: { a: 'b', empty: '' },
      pin_update: null,
      origins: [`/ip4/1.2.3.4/tcp/4001/p2p/${PEERS[1]}`],
      cid: cid,
      type: 'pin',
      allocations: [PEERS[0], PEERS[1]],
      max_depth: 0,
      reference: null,
      timestamp: '2026-01-01T00:00:00.000Z',
    })
  })

  it('POST /pins/{cid} without options prints null and zero times as IPFS Cluster does', async () => {
    expect(json(await post(`/pins/${cid}?name=&expire-at=&replication=-1`))).toMatchObject({
      user_allocations: null,
      expire_at: '0001-01-01T00:00:00Z',
      metadata: null,
      origins: null,
      allocations: [],
      max_depth: -1,
      replication_factor_min: -1,
      replication_factor_max: -1,
    })
  })

  it.each([
    'replication=x',
    'replication-min=1.5',
    'mode=sideways',
    'expire-in=bogus',
    'expire-in=1ms',
    'expire-at=tomorrow',
    'pin-update=nothing',
    'user-allocations=bob',
    'origins=/ip4/1.2.3.4/tcp/4001',
    'shard-size=-1',
    'if-modified-index=-1',
    'if-modified-index=x',
    `name=${'n'.repeat(256)}`,
  ])('POST /pins/{cid}?%s is refused and nothing is pinned', async (query) => {
    const answer = await post(`/pins/${cid}?${query}`)

    expect(answer.status).toBe(400)
    expect(json(answer)).toEqual({ code: 400, message: expect.any(String) })
    expect(cluster.records.size).toBe(0)
  })

  it('POST /pins/{cid} refuses what is no CID, in any length', async () => {
    expect((await post('/pins/nonsense')).status).toBe(400)
    expect((await post(`/pins/${'Q'.repeat(900)}`)).status).toBe(400)
    expect((await post('/pins/%E0%A4%A')).status).toBe(400)
  })

  it('POST /pins/{cid} ignores a body, whatever its type', async () => {
    const request = { method: 'POST', headers: { 'content-type': 'application/json' } }

    expect((await send(`${url}/pins/${cid}`, request)).status).toBe(200)
    expect((await send(`${url}/pins/${cid}`, { ...request, body: 'x=1' })).status).toBe(200)
  })

  it('POST and DELETE /pins/ipfs/{cid} do the same as without ipfs', async () => {
    expect((await post(`/pins/ipfs/${cid}?name=n`)).status).toBe(200)
    expect([...cluster.records.keys()]).toEqual([cid])
    expect((await remove(`/pins/ipfs/${cid}/`)).status).toBe(200)
    expect(cluster.records.size).toBe(0)
    expect((await post(`/pins/ipfs/${cid}/below`)).status).toBe(400)
  })

  it('POST /pins/{cid} passes the precondition and the idempotency key on', async () => {
    const key = '018f4a5e-7c00-7000-8000-00000000ABCD'
    await post(`/pins/${cid}?if-modified-index=0`, { 'idempotency-key': key })

    expect(cluster.calls[0]?.options).toMatchObject({ ifModifiedIndex: 0, idempotencyKey: key.toLowerCase() })
  })

  it('POST /pins/{cid} refuses an idempotency key that is no UUIDv7', async () => {
    const answer = await post(`/pins/${cid}`, { 'idempotency-key': 'once' })

    expect(answer.status).toBe(400)
    expect(cluster.calls).toEqual([])
  })

  it('POST /pins/{cid} says when the pin is committed and not yet applied here', async () => {
    cluster.appliedHere = false

    expect((await post(`/pins/${cid}`)).headers['x-pinset-applied']).toBe('false')
  })

  it.each([
    [{ kind: 'refused', reason: 'not enough peers to allocate CID' }, 409, 'ERR_REFUSED', /not enough peers/],
    [{ kind: 'conflict', modifiedIndex: 7 }, 409, 'ERR_CONFLICT', /its modified index is 7/],
    [{ kind: 'expired' }, 410, 'ERR_IDEMPOTENCY_EXPIRED', /too old/],
  ] as const)('POST and DELETE /pins/{cid} answer the outcome %o with %d', async (outcome, status, code, message) => {
    for (const method of ['POST', 'DELETE']) {
      cluster.outcome = outcome
      const answer = await send(`${url}/pins/${cid}`, { method })

      expect(answer.status).toBe(status)
      expect(answer.headers['x-pinset-error']).toBe(code)
      expect(json(answer)).toEqual({ code: status, message: expect.stringMatching(message) })
    }
  })

  it('DELETE /pins/{cid} answers the pin that was removed, then 404 in the words of IPFS Cluster', async () => {
    await post(`/pins/${cid}?name=n`)
    const removed = await remove(`/pins/${cid}`)

    expect(json(removed)['name']).toBe('n')
    expect(removed.headers['x-pinset-revision']).toBe('2')
    expect(json(await remove(`/pins/${cid}`))).toEqual({ code: 404, message: 'pin is not part of the pinset' })
  })

  it('GET /allocations answers 204 when there is none, else a line each with the revision', async () => {
    expect((await get('/allocations')).status).toBe(204)
    for (const text of ['a', 'b', 'c']) await post(`/pins/${await cidText(text)}`)
    const answer = await get('/allocations')

    expect(lines(answer)).toHaveLength(3)
    expect(answer.headers['x-pinset-revision']).toBe('3')
    expect(answer.trailers['x-stream-error']).toBe('')
    expect(cluster.openViews).toBe(0)
  })

  it('GET /pins and GET /pins/{cid} answer their revision; a listing never less than was asked for', async () => {
    await post(`/pins/${cid}`)

    expect((await get(`/pins/${cid}`)).headers['x-pinset-revision']).toBe('1')
    expect((await get('/pins')).headers['x-pinset-revision']).toBe('1')
    cluster.clusterStatusChanges = { appliedIndex: 0 }
    expect((await get('/pins?min-revision=1')).headers['x-pinset-revision']).toBe('1')
  })

  it('GET /pins names the words that consistency takes', async () => {
    const answer = await get('/pins?consistency=foo')

    expect(json(answer)).toEqual({
      code: 400,
      message: 'option consistency is invalid: it takes local or linearizable',
    })
  })

  it('GET /allocations pages with after and limit through every pin once', async () => {
    for (let i = 0; i < 7; i += 1) await post(`/pins/${await cidText(`page ${i}`)}`)
    const seen: unknown[] = []
    for (let after = ''; ;) {
      const page = lines(await get(`/allocations?limit=3&after=${after}`))
      seen.push(...page.map((pin) => pin['cid']))
      if (page.length < 3) break
      after = String(page.at(-1)?.['cid'])
    }

    expect(new Set(seen).size).toBe(7)
    expect(seen).toHaveLength(7)
  })

  it('GET /allocations filters by type: those that this cluster has not are none, unknown ones are refused', async () => {
    await post(`/pins/${cid}`)

    expect((await get('/allocations?filter=meta-pin,shard-pin')).status).toBe(204)
    expect(lines(await get('/allocations?filter=all'))).toHaveLength(1)
    expect((await get('/allocations?filter=nonsense')).status).toBe(400)
    expect(cluster.openViews).toBe(0)
  })

  it('GET /allocations closes its view when the stream breaks off or the client has gone', async () => {
    for (const text of ['a', 'b', 'c']) await post(`/pins/${await cidText(text)}`)
    cluster.failAfterItems = 1
    await get('/allocations')

    expect(cluster.openViews).toBe(0)
  })

  it('GET /allocations/{cid} answers the pin or 404, and closes its view', async () => {
    expect((await get(`/allocations/${cid}`)).status).toBe(404)
    await post(`/pins/${cid}`)
    const answer = await get(`/allocations/${cid}`)

    expect(json(answer)['cid']).toBe(cid)
    expect(answer.headers['x-pinset-modified-index']).toBe('1')
    expect(answer.headers['x-pinset-revision']).toBe('1')
    expect(cluster.openViews).toBe(0)
  })

  it.each(['/allocations', '/allocations/CID', '/pins', '/pins/CID'])(
    'GET %s passes min-revision and consistency on, and refuses malformed ones',
    async (path) => {
      const target = path.replace('CID', cid)
      await get(`${target}?min-revision=0&consistency=linearizable`)

      expect(cluster.calls[0]?.options).toMatchObject({ minRevision: 0, consistency: 'linearizable' })
      expect((await get(`${target}?min-revision=x`)).status).toBe(400)
      expect((await get(`${target}?min-revision=-1`)).status).toBe(400)
      expect((await get(`${target}?consistency=eventual`)).status).toBe(400)
    },
  )

  it('GET /allocations answers 503 when the revision is not reached in time', async () => {
    const answer = await get('/allocations?min-revision=9')

    expect(answer.status).toBe(503)
    expect(answer.headers['retry-after']).toBe('1')
    expect(answer.headers['x-pinset-error']).toBe('ERR_REVISION_TIMEOUT')
  })
})

describe('endpoints/status.ts', () => {
  it('GET /pins/{cid} answers in the shape of IPFS Cluster, with progress while pinning', async () => {
    await post(`/pins/${cid}?name=n`)
    cluster.statuses.set(cid, ['pinning'])
    const answer = json(await get(`/pins/${cid}`))

    expect(answer).toMatchObject({ cid: cid, name: 'n', allocations: [], origins: [], metadata: null })
    expect((answer['peer_map'] as Record<string, unknown>)[PEERS[0]]).toEqual({
      peername: 'p0',
      ipfs_peer_id: PEERS[0],
      status: 'pinning',
      timestamp: '2026-01-01T00:00:00.000Z',
      error: '',
      attempt_count: 0,
      priority_pin: false,
      progress: { blocks: 7, bytes: 4096 },
    })
  })

  it('GET /pins filters by status, with aliases, and by CID', async () => {
    const other = await cidText('b')
    await post(`/pins/${cid}`)
    await post(`/pins/${other}`)
    cluster.statuses.set(cid, ['pin_error'])

    expect(lines(await get('/pins'))).toHaveLength(2)
    expect(lines(await get('/pins?filter=error,queued')).map((info) => info['cid'])).toEqual([cid])
    expect(lines(await get(`/pins?cids=${other}`)).map((info) => info['cid'])).toEqual([other])
    expect((await get('/pins?filter=unpinning')).status).toBe(204)
    expect((await get('/pins?filter=nonsense')).status).toBe(400)
    expect((await get('/pins?cids=nonsense')).status).toBe(400)
    expect((await get('/pins?local=maybe')).status).toBe(400)
  })

  it('GET /pins?local=true asks one peer', async () => {
    await post(`/pins/${cid}`)

    expect(Object.keys(lines(await get('/pins?local=true'))[0]?.['peer_map'] as object)).toEqual([PEERS[0]])
    expect(Object.keys(json(await get(`/pins/${cid}?local=1`))['peer_map'] as object)).toEqual([PEERS[0]])
  })

  it('POST /pins/{cid}/recover and POST /pins/recover try failed pins again', async () => {
    const failed = await cidText('b')
    await post(`/pins/${cid}`)
    await post(`/pins/${failed}`)
    cluster.statuses.set(failed, ['pin_error'])

    expect(lines(await post('/pins/recover')).map((info) => info['cid'])).toEqual([failed])
    expect((await post('/pins/recover')).status).toBe(204)
    expect(json(await post(`/pins/${cid}/recover?local=true`))['cid']).toBe(cid)
  })
})

describe('endpoints/cluster.ts', () => {
  it('GET /cluster answers exactly the documented fields', async () => {
    const answer = json(await get('/cluster'))

    expect(Object.keys(answer).sort()).toEqual(
      'clusterId epoch peerId relation role leader term commitIndex appliedIndex head stateDigest membershipIndex pending members quorum'
        .split(' ')
        .sort(),
    )
    expect(Object.keys((answer['members'] as object[])[0] ?? {}).sort()).toEqual(
      'peerId name suffrage wanted addresses reachable matchIndex'.split(' ').sort(),
    )
    expect(answer['quorum']).toEqual({ size: 2, reachable: 3, tolerates: 1 })
  })

  it('GET /health answers 204 with nothing behind it', async () => {
    cluster.failures.set('ready', new Error('no'))

    expect((await get('/health')).status).toBe(204)
  })

  it('GET /ready answers 200, or 503 with who is missing', async () => {
    expect((await get('/ready')).status).toBe(200)
    const members = cluster
      .clusterStatus()
      .members.map((member, index) => Object.assign({ ...member }, { reachable: index === 0 }))
    cluster.clusterStatusChanges = { leader: null, role: 'candidate', members }
    const answer = await get('/ready')

    expect(answer.status).toBe(503)
    expect(json(answer)['message']).toBe(
      `no quorum: 1 of 3 voters reachable, 2 needed; missing ${PEERS[1]} (/ip4/10.0.0.2/tcp/9096/p2p/${PEERS[1]}), ${PEERS[2]} (/ip4/10.0.0.3/tcp/9096/p2p/${PEERS[2]})`,
    )
  })

  it.each([
    [1, 1, /^no leader, and none to come: this peer is the only voter and does not vote/],
    [3, 2, /^no quorum: 2 of 3 voters reachable, 2 needed; missing .*; this peer does not vote until a leader/],
  ] as const)(
    'GET /ready of a voter that does not vote names no election that cannot end (N=%i)',
    async (voters, reachable, message) => {
      const { members } = cluster.clusterStatus()
      cluster.clusterStatusChanges = {
        leader: null,
        votingSuspended: true,
        members: members.slice(0, voters).map((member, at) => ({ ...member, reachable: at < reachable })),
        quorum: { size: voters === 1 ? 1 : 2, reachable, tolerates: 0 },
      }

      expect(json(await get('/ready'))['message']).toMatch(message)
    },
  )

  it.each([
    [{ haltedReason: 'fsync failed' }, /fsync failed/],
    [{ relation: 'removed' }, /was removed/],
    [{ relation: 'joining' }, /waits to be admitted/],
    [{ leader: null }, /an election is under way$/],
    [
      { leader: null, votingSuspended: true },
      /^no leader yet: 3 of 3 voters reachable, an election is under way; this peer does not vote until a leader/,
    ],
  ] as const)('GET /ready with %o says why not', async (change, message) => {
    cluster.clusterStatusChanges = change

    expect(json(await get('/ready'))['message']).toMatch(message)
  })

  it('GET /ready says how far behind a peer is that does not catch up', async () => {
    cluster.failures.set('ready', new Error('behind'))
    cluster.clusterStatusChanges = { commitIndex: 9, appliedIndex: 4 }

    expect(json(await get('/ready'))['message']).toMatch(/applied 4 of 9/)
  })
})
