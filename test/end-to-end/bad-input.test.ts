import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { cidOf, pinset, TestCluster, TestPeer, until } from './harness.ts'

describe('bad input says what to do and changes nothing', () => {
  let cluster: TestCluster

  beforeAll(async () => {
    cluster = await TestCluster.of(3)
  })

  afterAll(async () => {
    await cluster[Symbol.asyncDispose]()
  })

  it('an invalid CID', async () => {
    const { code, stderr } = await cluster.peer(1).cli('pin', 'add', 'not-a-cid')
    expect(code).not.toBe(0)
    expect(stderr).toMatch(/not-a-cid/)
    expect(stderr).toMatch(/CID/)
    expect(stderr).not.toMatch(/ at .*\.(js|ts):/)
  })

  it('invalid options: nothing is pinned', async () => {
    const cid = cidOf('invalid options')
    for (const query of [
      'expire-in=bogus',
      'mode=sideways',
      'replication-min=x',
      'origins=/nowhere',
      `name=${'n'.repeat(300)}`,
      'expire-at=yesterday',
    ]) {
      const response = await cluster.peer(1).fetch(`/pins/${cid}?${query}`, { method: 'POST' })
      expect(response.status, query).toBe(400)
      expect(((await response.json()) as { message: string }).message.length).toBeGreaterThan(10)
    }
    const { code } = await cluster.peer(1).cli('pin', 'add', cid, '--expire-in', 'bogus')
    expect(code).not.toBe(0)
    expect(await cluster.peer(1).pins()).not.toContain(cid)
  })

  it('a pin that is not there', async () => {
    const { code, stderr } = await cluster.peer(1).cli('pin', 'rm', cidOf('absent'))
    expect(code).toBe(2)
    expect(stderr).toMatch(/not part of the pinset/)
  })

  it('an unknown peer', async () => {
    const { code, stderr } = await cluster
      .peer(1)
      .cli('peers', 'rm', '12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN')
    expect(code).toBe(2)
    expect(stderr).toMatch(/12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN/)
  })

  it('a peer that cannot be reached is not added', async () => {
    const before = (await cluster.peer(1).cluster()).members.length
    const { code, stderr } = await cluster
      .peer(1)
      .cli('peers', 'add', '/ip4/127.0.0.1/tcp/1/p2p/12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN')
    expect(code).not.toBe(0)
    expect(stderr).toMatch(/127\.0\.0\.1/)
    expect((await cluster.peer(1).cluster()).members).toHaveLength(before)
  })

  it('a wrong secret: the newcomer stays out, and its log says why', async () => {
    const name = 'wrong-secret'
    const peer = new TestPeer(name, cluster.directoryOf(name))
    const other = '0'.repeat(64)
    await pinset(
      [
        'init',
        '--data',
        peer.directory,
        '--wait',
        '--secret',
        '-',
        '--listen',
        '/ip4/127.0.0.1/tcp/0',
        '--api',
        '127.0.0.1:0',
      ],
      { input: other },
    )
    cluster.peers.push(peer)
    try {
      await peer.start()
      const { code, stderr } = await cluster.peer(1).cli('peers', 'add', peer.runFile.addresses[0] ?? '')
      expect(code).not.toBe(0)
      expect(stderr).toMatch(/secret/)
      expect((await cluster.peer(1).cluster()).members).toHaveLength(3)
    } finally {
      await peer.stop()
      cluster.peers.pop()
    }
  })

  it('a second daemon on the same directory', async () => {
    const { code, stderr } = await pinset(['start', '--data', cluster.peer(1).directory])
    expect(code).not.toBe(0)
    expect(stderr).toContain(cluster.peer(1).directory)
    expect(stderr).toContain(String(cluster.peer(1).pid))
    expect((await cluster.peer(1).cluster()).leader).not.toBeNull()
  })

  it('init on a directory that holds a peer, running or not', async () => {
    const running = await pinset(['init', '--data', cluster.peer(1).directory, '--force'])
    expect(running.code).not.toBe(0)
    expect(running.stderr).toContain(String(cluster.peer(1).pid))

    const directory = cluster.directoryOf('init-twice')
    const first = JSON.parse((await pinset(['init', '--data', directory, '--json'])).stdout) as { peerId: string }
    const again = await pinset(['init', '--data', directory])
    expect(again.code).not.toBe(0)
    expect(again.stderr).toMatch(/--force/)
    expect(readFileSync(join(directory, 'identity.json'), 'utf8')).toContain(first.peerId)

    const forced = JSON.parse((await pinset(['init', '--data', directory, '--force', '--json'])).stdout) as {
      movedAside: string
    }
    expect(readFileSync(join(forced.movedAside, 'identity.json'), 'utf8')).toContain(first.peerId)
  })

  it('start without init', async () => {
    const { code, stderr } = await pinset(['start', '--data', cluster.directoryOf('nothing')])
    expect(code).not.toBe(0)
    expect(stderr).toMatch(/pinset init/)
    expect(existsSync(cluster.directoryOf('nothing'))).toBe(false)
  })

  it('a port that is in use', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as AddressInfo
    try {
      const directory = cluster.directoryOf('port-in-use')
      await pinset(['init', '--data', directory, '--listen', '/ip4/127.0.0.1/tcp/0', '--api', `127.0.0.1:${port}`])
      const { code, stderr } = await pinset(['start', '--data', directory])
      expect(code).not.toBe(0)
      expect(stderr).toContain(String(port))
      expect(stderr).toMatch(/in use/)
      expect(existsSync(join(directory, 'run.json'))).toBe(false)

      const second = cluster.directoryOf('cluster-port-in-use')
      await pinset(['init', '--data', second, '--listen', `/ip4/127.0.0.1/tcp/${port}`, '--api', '127.0.0.1:0'])
      const again = await pinset(['start', '--data', second])
      expect(again.code).not.toBe(0)
      expect(again.stderr).toContain(String(port))
      expect(again.stderr).toMatch(/in use/)
    } finally {
      server.close()
    }
  })

  it('a directory that cannot be written', async () => {
    const file = join(cluster.directory, 'a-file')
    writeFileSync(file, '')
    const { code, stderr } = await pinset(['init', '--data', join(file, 'below')])
    expect(code).not.toBe(0)
    expect(stderr).toContain(file)
    expect(stderr).not.toMatch(/ at .*\.(js|ts):/)
  })

  it('a directory that holds something else', async () => {
    const directory = cluster.directoryOf('something-else')
    mkdirSync(directory)
    writeFileSync(join(directory, 'precious'), 'data')
    const { code } = await pinset(['init', '--data', directory])
    expect(code).not.toBe(0)
    expect(readdirSync(directory).filter((name) => name !== 'lock')).toEqual(['precious'])
  })

  it('no quorum: reads are answered, writes say who is missing, and service resumes with the second peer', async () => {
    const [first, second, third] = [cluster.peer(1), cluster.peer(2), cluster.peer(3)]
    const pins = await first.pins()
    await Promise.all([second.kill(), third.kill()])
    await until('the peer knows that it has no leader', async () => (await first.cluster()).leader === null)
    expect(await first.pins()).toEqual(pins)
    const cid = cidOf('no quorum')
    const { code, stderr } = await first.cli('pin', 'add', cid)
    expect(code).not.toBe(0)
    expect(stderr).toMatch(/quorum|leader/)
    expect(stderr).toMatch(/1 of 3/)
    expect(await first.pins()).not.toContain(cid)
    await second.start()
    await until('writes work again', async () => (await first.cli('pin', 'add', cid)).code === 0)
    await third.start()
    await cluster.agree()
  })
})
