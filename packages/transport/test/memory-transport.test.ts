import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { PeerUnreachableError } from '@pinset/interface'
import type { PeerId } from '@pinset/interface'

import { createMemoryNetwork } from '../src/index.ts'
import type { TransportNetwork } from '../src/index.ts'
import { addressOf, introduce, Lab } from './conformance/lab.ts'
import type { LabPeer, TransportAdapter } from './conformance/lab.ts'
import { raftSuite } from './conformance/raft-suite.ts'
import { rpcSuite } from './conformance/rpc-suite.ts'
import { snapshotSuite } from './conformance/snapshot-suite.ts'
import { failureOf, heartbeat, method, until } from './fakes.ts'

function createAdapter(network: TransportNetwork = createMemoryNetwork()): TransportAdapter {
  return {
    async create({ name, admission, ...init }) {
      return network.createTransport(`memory-${name}` as PeerId, admission, init)
    },
  }
}

describe('the memory transport', () => {
  raftSuite(createAdapter)
  snapshotSuite(createAdapter)
  rpcSuite(createAdapter)
})

describe('createMemoryNetwork', () => {
  const ping = method<null, string>('test.ping', { timeoutMs: 10_000 })
  let network: TransportNetwork
  let lab: Lab
  beforeEach(() => {
    network = createMemoryNetwork()
    lab = new Lab(createAdapter(network))
  })
  afterEach(async () => {
    await lab.close()
  })

  it('cut() ends what goes on between two peers, and heal() lets them find each other again', async () => {
    const [a, b, c] = [await lab.peer('a'), await lab.peer('b'), await lab.peer('c')]
    introduce(a, b, c)
    for (const peer of [b, c]) peer.transport.handle(ping, async () => 'pong')
    expect(await a.transport.call(b.id, ping, null)).toBe('pong')
    network.cut(a.id, b.id)
    expect(await failureOf(a.transport.call(b.id, ping, null))).toBeInstanceOf(PeerUnreachableError)
    expect(await a.transport.call(c.id, ping, null)).toBe('pong')
    network.heal(a.id, b.id)
    await until('they hear each other', () => (a.transport.sinceHeardMs(b.id) ?? Infinity) < 100)
    expect(await a.transport.call(b.id, ping, null)).toBe('pong')
  })

  it('isolate() cuts a peer off from all others', async () => {
    const [a, b, c] = [await lab.peer('a'), await lab.peer('b'), await lab.peer('c')]
    introduce(a, b, c)
    b.transport.handle(ping, async () => 'pong')
    network.isolate(a.id)
    expect(await failureOf(a.transport.call(b.id, ping, null))).toBeInstanceOf(PeerUnreachableError)
    expect(await c.transport.call(b.id, ping, null)).toBe('pong')
    network.heal()
    await until('it is heard again', () => b.transport.sinceHeardMs(a.id) !== null)
    expect(await a.transport.call(b.id, ping, null)).toBe('pong')
  })

  it('stall() holds messages back, and heal() brings them in order', async () => {
    const [a, b] = await lab.pair()
    a.transport.send(heartbeat(a.id, b.id, 0))
    await until('the first is there', () => b.handler.messages.length === 1)
    network.stall(a.id, b.id)
    for (let round = 1; round < 10; round++) a.transport.send(heartbeat(a.id, b.id, round))
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(b.handler.messages).toHaveLength(1)
    network.heal(a.id, b.id)
    await until('all are there', () => b.handler.messages.length === 10)
    expect(b.handler.messages.map((message) => (message.kind === 'heartbeat' ? message.readRound : -1))).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
    ])
  })

  it('strangers keep so many connections and no more: the oldest idle one is closed, never that of a member', async () => {
    const hub = await lab.peer('hub', { limits: { strangerLinks: 2 } })
    const wait = method<null, string>('test.wait', { policy: 'open', timeoutMs: 10_000 })
    const open = method<null, string>('test.open', { policy: 'open' })
    const gate = Promise.withResolvers<string>()
    hub.transport.handle(wait, async () => await gate.promise)
    hub.transport.handle(open, async () => 'hello')
    const member = await lab.peer('member')
    const wanted = await lab.peer('wanted')
    hub.admission.members = new Set([member.id])
    hub.transport.setPeers([{ peerId: wanted.id, addresses: [] }])
    await member.transport.callAddress(addressOf(hub), open, null)
    await wanted.transport.callAddress(addressOf(hub), open, null)
    const strangers = await Promise.all(['s', 't', 'u', 'v'].map((name) => lab.peer(name)))
    const [busy, idle, third, last] = strangers as [LabPeer, LabPeer, LabPeer, LabPeer]
    const answer = busy.transport.callAddress(addressOf(hub), wait, null)
    await idle.transport.callAddress(addressOf(hub), open, null)
    await third.transport.callAddress(addressOf(hub), open, null)
    const closed = (peer: LabPeer): boolean =>
      peer.logger.lines.some(({ message }) => message === 'A connection was closed')
    await until('the idle one is closed', () => closed(idle))
    await last.transport.callAddress(addressOf(hub), open, null)
    await until('the next idle one is closed', () => closed(third))
    expect([member, wanted, busy, last].map(closed)).toEqual([false, false, false, false])
    gate.resolve('done')
    expect(await answer).toBe('done')
  })

  it.each([
    ['both sides notice', ['a', 'b']],
    ['only the smaller id notices', ['a']],
    ['only the larger id notices', ['b']],
  ])('a connection that is silently dead is replaced: %s', async (_, noticing) => {
    const limits = (name: string): { limits: { silentLinkMs: number; spareLinkMs: number } } => ({
      limits: { silentLinkMs: noticing.includes(name) ? 600 : 60_000, spareLinkMs: 200 },
    })
    const [a, b] = [
      await lab.peer('a', { electionTimeoutMs: 50, ...limits('a') }),
      await lab.peer('b', { electionTimeoutMs: 50, ...limits('b') }),
    ]
    introduce(a, b)
    for (const peer of [a, b]) peer.transport.handle(ping, async () => 'pong')
    await until(
      'they hear each other',
      () => a.transport.sinceHeardMs(b.id) !== null && b.transport.sinceHeardMs(a.id) !== null,
    )
    network.abandon(a.id, b.id)
    const [first, second] = noticing.map((name) => (name === 'a' ? a : b))
    await until('it is given up', () =>
      [first, second].every((peer) => peer === undefined || peer.logger.matching(/silent for too long/).length > 0),
    )
    let round = 1
    await until('messages pass both ways', () => {
      a.transport.send(heartbeat(a.id, b.id, round))
      b.transport.send(heartbeat(b.id, a.id, round++))
      return a.handler.messages.length > 0 && b.handler.messages.length > 0
    })
    expect(await a.transport.call(b.id, ping, null)).toBe('pong')
    expect(await b.transport.call(a.id, ping, null)).toBe('pong')
  })
})
