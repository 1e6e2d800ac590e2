import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { InvalidRequestError, PeerUnreachableError } from '@pinset/interface'

import { encodeHello } from '../src/codec/hello-codec.ts'
import { createTransport, generatePrivateKey, generateSwarmKey } from '../src/index.ts'
import { createLibp2pNetwork } from '../src/network/libp2p-network.ts'
import type { Network, Protocol } from '../src/network/network.ts'
import { addressOf, introduce, Lab } from './conformance/lab.ts'
import type { LabPeer } from './conformance/lab.ts'
import { raftSuite } from './conformance/raft-suite.ts'
import { rpcSuite } from './conformance/rpc-suite.ts'
import { snapshotSuite } from './conformance/snapshot-suite.ts'
import { FakeAdmission, FakeLogger, failureOf, heartbeat, method, until } from './fakes.ts'
import { createLibp2pAdapter } from './libp2p-adapter.ts'

const LOOPBACK = '/ip4/127.0.0.1/tcp/0'
const ping = method<null, string>('test.ping', { policy: 'open', timeoutMs: 15_000 })

describe('the libp2p transport on a private network', () => {
  const psk = generateSwarmKey()
  raftSuite(() => createLibp2pAdapter(psk))
  snapshotSuite(() => createLibp2pAdapter(psk))
  rpcSuite(() => createLibp2pAdapter(psk))
})

describe('the libp2p transport', () => {
  const labs: Lab[] = []
  const createLab = (psk: Uint8Array | null): Lab => {
    const lab = new Lab(createLibp2pAdapter(psk))
    labs.push(lab)
    return lab
  }
  let lab: Lab
  beforeEach(() => {
    lab = createLab(null)
  })
  afterEach(async () => {
    await Promise.all(labs.splice(0).map((each) => each.close()))
  })

  it('works without a secret too', async () => {
    const [a, b] = await lab.pair()
    b.transport.handle(ping, async () => 'pong')
    expect(await a.transport.call(b.id, ping, null)).toBe('pong')
  })

  it.each([
    ['another secret', generateSwarmKey(), generateSwarmKey()],
    ['a secret that the other side does not have', generateSwarmKey(), null],
    ['no secret, which the other side has', null, generateSwarmKey()],
  ])('a peer with %s is told so on both sides', async (_, own, other) => {
    const limits = { dialTimeoutMs: 5_000 }
    const a = await createLab(own).peer('a', { limits })
    const b = await createLab(other).peer('b', { limits })
    const failure = await failureOf(a.transport.callAddress(addressOf(b), ping, null))
    expect(failure).toBeInstanceOf(PeerUnreachableError)
    expect(failure.message).toMatch(/its secret probably differs/)
    expect(a.logger.matching(/its secret probably differs/)).toHaveLength(1)
    if (other !== null)
      await until('the other side has said so', () => b.logger.matching(/broken off before encryption/).length > 0)
  })

  it('callAddress() names the address when another peer is found there', async () => {
    const [a, b, c] = [await lab.peer('a'), await lab.peer('b'), await lab.peer('c')]
    const address = addressOf(b).replace(b.id, c.id)
    const failure = await failureOf(a.transport.callAddress(address, ping, null))
    expect(failure).toBeInstanceOf(PeerUnreachableError)
    expect(failure.message).toMatch(/the peer at .*127\.0\.0\.1.* is not/)
  })

  it('a dial that fails again and again is said once', async () => {
    const [a, b] = [await lab.peer('a'), await lab.peer('b')]
    const address = addressOf(b)
    await b.transport.stop()
    a.transport.setPeers([{ peerId: b.id, addresses: [address] }])
    await until('it is said', () => a.logger.matching(/nobody listens/).length > 0)
    for (let round = 0; round < 20; round++) {
      a.transport.send(heartbeat(a.id, b.id, round))
      await failureOf(a.transport.call(b.id, ping, null))
    }
    expect(a.logger.matching(/nobody listens/)).toHaveLength(1)
    expect(a.logger.matching(/reached again/)).toHaveLength(0)
    await lab.peer('b')
    await until('it is reached', () => a.logger.matching(/reached again/).length > 0)
    expect(a.logger.matching(/reached again/)).toEqual(['A peer is reached again'])
  })

  it('start() says which address is in use, and stop() can follow', async () => {
    const a = await lab.peer('a')
    const listen = [addressOf(a).replace(/\/p2p\/.*/, '')]
    const second = await createTransport(
      { admission: new FakeAdmission(), logger: new FakeLogger() },
      { privateKey: await generatePrivateKey(), psk: null, listen, electionTimeoutMs: 200 },
    )
    const failure = await failureOf(second.start())
    expect(failure).toBeInstanceOf(InvalidRequestError)
    expect(failure.message).toMatch(/127\.0\.0\.1:\d+ is in use by another process/)
    await second.stop()
  })

  it('createTransport() refuses addresses and secrets that are none', async () => {
    const create = async (init: {
      listen?: readonly string[]
      announce?: readonly string[]
      psk?: Uint8Array
    }): Promise<unknown> =>
      await createTransport(
        { admission: new FakeAdmission(), logger: new FakeLogger() },
        { privateKey: await generatePrivateKey(), psk: null, listen: [LOOPBACK], electionTimeoutMs: 200, ...init },
      )
    expect(await failureOf(create({ listen: ['127.0.0.1:9096'] }))).toBeInstanceOf(InvalidRequestError)
    expect(await failureOf(create({ announce: ['/ip4/1.2.3'] }))).toBeInstanceOf(InvalidRequestError)
    expect(await failureOf(create({ psk: Uint8Array.of(1, 2, 3) }))).toBeInstanceOf(InvalidRequestError)
  })

  it('listenAddresses() are those announced, when there are any', async () => {
    const transport = await createTransport(
      { admission: new FakeAdmission(), logger: new FakeLogger() },
      {
        privateKey: await generatePrivateKey(),
        psk: null,
        listen: [LOOPBACK],
        announce: ['/dns4/peer.example/tcp/9096'],
        electionTimeoutMs: 200,
      },
    )
    await transport.start()
    expect(transport.listenAddresses()).toEqual([`/dns4/peer.example/tcp/9096/p2p/${transport.peerId}`])
    await transport.stop()
  })

  it('twelve peers that dial one at once all get in', async () => {
    const hub = await lab.peer('hub')
    hub.transport.handle(ping, async () => 'pong')
    const peers = await Promise.all(Array.from({ length: 12 }, (_, position) => lab.peer(`peer-${position}`)))
    const answers = await Promise.all(peers.map((peer) => peer.transport.callAddress(addressOf(hub), ping, null)))
    expect(answers).toEqual(Array.from({ length: 12 }, () => 'pong'))
  })

  it('two peers that dial each other at once end up with one connection, and lose no message', async () => {
    const [a, b] = [
      await lab.peer('a', { limits: { spareLinkMs: 100 } }),
      await lab.peer('b', { limits: { spareLinkMs: 100 } }),
    ]
    introduce(a, b)
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      for (let round = 0; round < 200; round++) from.transport.send(heartbeat(from.id, to.id, round))
    }
    const count = (peer: typeof a, what: string): number =>
      peer.logger.lines.filter(({ message }) => message === `A connection was ${what}`).length
    const open = (peer: typeof a): number => count(peer, 'opened') - count(peer, 'closed')
    await until('all messages are there', () => a.handler.messages.length === 200 && b.handler.messages.length === 200)
    await until('one connection is left', () => open(a) === 1 && open(b) === 1)
    expect(a.handler.messages.map((message) => (message.kind === 'heartbeat' ? message.readRound : -1))).toEqual(
      Array.from({ length: 200 }, (_, round) => round),
    )
  })

  it('a member gets in while hundreds of strangers keep connections on which nothing happens', async () => {
    const hub = await lab.peer('hub')
    const member = await lab.peer('member')
    hub.admission.members = new Set([member.id])
    const strangers: Network[] = []
    const idle = { onLink: () => undefined, onLinkClosed: () => undefined, onStream: () => undefined }
    try {
      for (let position = 0; position < 310; position++) {
        const init = { privateKey: await generatePrivateKey(), psk: null, listen: [], announce: [] }
        const stranger = await createLibp2pNetwork(init, new FakeLogger())
        strangers.push(stranger)
        await stranger.start(idle)
        await stranger.dial(hub.id, [addressOf(hub)], AbortSignal.timeout(5_000)).catch(() => undefined)
      }
      hub.transport.handle(ping, async () => 'pong')
      expect(await member.transport.callAddress(addressOf(hub), ping, null)).toBe('pong')
      expect(hub.logger.matching(/connections of peers that are not members/)).toHaveLength(1)
    } finally {
      await Promise.all(strangers.map((stranger) => stranger.stop()))
    }
  })

  describe('a stranger on the network', () => {
    let network: Network
    beforeEach(async () => {
      network = await createLibp2pNetwork(
        { privateKey: await generatePrivateKey(), psk: null, listen: [LOOPBACK], announce: [] },
        new FakeLogger(),
      )
      await network.start({ onLink: () => undefined, onLinkClosed: () => undefined, onStream: () => undefined })
    })
    afterEach(async () => {
      await network.stop()
    })

    it.each(['raft', 'snapshot', 'rpc'] as const satisfies Protocol[])(
      'that sends anything on a %s stream has it reset, and harms nobody',
      async (protocol) => {
        const [a, b] = await lab.pair()
        b.transport.handle(ping, async () => 'pong')
        const link = await network.dial(b.id, [addressOf(b)], AbortSignal.timeout(5_000))
        const contents = [
          Uint8Array.of(0),
          Uint8Array.of(3, 255, 255, 255),
          new Uint8Array(70_000).fill(255),
          new Uint8Array(5_000).fill(1),
        ]
        for (const bytes of contents) {
          const stream = await link.openStream(protocol, AbortSignal.timeout(5_000))
          const closed = Promise.withResolvers<void>()
          stream.attach({
            onData: () => undefined,
            onDrain: () => undefined,
            onEnd: () => closed.resolve(),
            onClose: () => closed.resolve(),
          })
          stream.send(bytes)
          await closed.promise
        }
        expect(await a.transport.call(b.id, ping, null)).toBe('pong')
        expect(b.handler.messages).toEqual([])
      },
    )

    const openedTo = async (hub: LabPeer, protocol: Protocol, bytes: Uint8Array): Promise<Promise<Error | null>> => {
      const link = await network.dial(hub.id, [addressOf(hub)], AbortSignal.timeout(5_000))
      const stream = await link.openStream(protocol, AbortSignal.timeout(5_000))
      const closed = Promise.withResolvers<Error | null>()
      const [onData, onDrain, onEnd] = [() => undefined, () => undefined, () => undefined]
      stream.attach({ onData, onDrain, onEnd, onClose: (reason) => closed.resolve(reason) })
      stream.send(bytes)
      return closed.promise
    }

    it.each(['raft', 'snapshot', 'rpc'] as const satisfies Protocol[])(
      'that announces a first frame of 64 KiB on a %s stream has it reset at once',
      async (protocol) => {
        const hub = await lab.peer('hub', { limits: { handshakeMs: 60_000 } })
        const closed = openedTo(hub, protocol, Uint8Array.of(0x80, 0x80, 4, 1, 2, 3))
        expect(await closed).toBeInstanceOf(Error)
      },
    )

    it.each(['raft', 'snapshot', 'rpc'] as const satisfies Protocol[])(
      'that is refused and does not end its %s stream has it reset after a while',
      async (protocol) => {
        const hub = await lab.peer('hub', { limits: { handshakeMs: 200 } })
        const identity = { clusterId: 'cluster-1', epoch: 1, storageId: 'storage' }
        const hello = encodeHello({ ...identity, protocolVersion: 99, release: '9.9.9' })
        const closed = openedTo(hub, protocol, Uint8Array.of(hello.byteLength, ...hello))
        expect(await closed).toBeInstanceOf(Error)
        expect(hub.logger.matching(/protocol versions differ/)).toHaveLength(1)
      },
    )

    it('that breaks off snapshot streams again and again is spoken of once', async () => {
      const hub = await lab.peer('hub')
      for (let round = 0; round < 5; round++) await openedTo(hub, 'snapshot', Uint8Array.of(3, 255, 255, 255))
      expect(hub.logger.matching(/snapshot/)).toHaveLength(1)
    })
  })

  it('leaves nothing behind that keeps a process alive: start() and stop() twenty times', async () => {
    const script = fileURLToPath(new URL('./fixtures/start-and-stop.ts', import.meta.url))
    const child = spawn(
      process.execPath,
      ['--experimental-transform-types', '--no-warnings', '-C', 'pinset-source', script],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
    const [code] = (await once(child, 'close')) as [number | null]
    expect(code).toBe(0)
    expect(output.trim()).toMatch(/^20 lives, ended after \d+ ms$/)
    // libp2p itself leaves a timer of one second behind.
    expect(Number(/after (\d+) ms/.exec(output)?.[1])).toBeLessThan(5_000)
  })
})
