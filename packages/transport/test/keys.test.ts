import { describe, expect, it } from 'vitest'

import { InvalidRequestError } from '@pinset/interface'

import {
  generatePrivateKey,
  generateSwarmKey,
  parseAnyMultiaddr,
  parseMultiaddr,
  parsePeerId,
  parsePeerMultiaddr,
  parseSwarmKey,
  peerIdOf,
  privateKeyFromBytes,
  privateKeyToBytes,
} from '../src/index.ts'

const PEER = '12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5'
const SECRET = '0123456789abcdef'.repeat(4)

describe('private keys', () => {
  it('privateKeyFromBytes(privateKeyToBytes()) is the same peer', async () => {
    const key = await generatePrivateKey()
    expect(peerIdOf(privateKeyFromBytes(privateKeyToBytes(key)))).toBe(peerIdOf(key))
    expect(parsePeerId(peerIdOf(key))).toBe(peerIdOf(key))
  })

  it('privateKeyFromBytes() refuses what is none', () => {
    expect(() => privateKeyFromBytes(Uint8Array.of(1, 2, 3))).toThrow(InvalidRequestError)
  })

  it('parsePeerId() refuses what is none, with an example', () => {
    expect(parsePeerId(` ${PEER}\n`)).toBe(PEER)
    for (const text of ['', 'abc', 'Qm', '/p2p/x']) expect(() => parsePeerId(text)).toThrow(/not a peer id.*12D3KooW/)
  })
})

describe('swarm keys', () => {
  it('parseSwarmKey() takes what generateSwarmKey() makes, with any line ends', () => {
    const key = generateSwarmKey()
    const text = new TextDecoder().decode(key)
    expect(parseSwarmKey(text)).toEqual(key)
    expect(parseSwarmKey(`${text.replaceAll('\n', '\r\n')}\r\n`)).toEqual(key)
    expect(generateSwarmKey()).not.toEqual(key)
  })

  it.each([
    ['', /first line/],
    ['/key/swarm/psk/1.0.0/', /second line/],
    ['/key/swarm/psk/1.0.0/\n/base58/\nx', /second line/],
    ['/key/swarm/psk/1.0.0/\n/base16/', /third line.*missing/],
    [`/key/swarm/psk/1.0.0/\n/base16/\n${SECRET.slice(1)}`, /63 characters instead of 64/],
    [`/key/swarm/psk/1.0.0/\n/base16/\n${SECRET.replace('a', 'x')}`, /not hexadecimal/],
    [`/key/swarm/psk/1.0.0/\n/base16/\n${SECRET}\n${SECRET}`, /4 lines instead of 3/],
  ])('parseSwarmKey(%j) says what is wrong, and never the secret', (text, what) => {
    let failure: unknown = null
    try {
      parseSwarmKey(text)
    } catch (err) {
      failure = err
    }
    expect(failure).toBeInstanceOf(InvalidRequestError)
    expect((failure as Error).message).toMatch(what)
    expect((failure as Error).message).not.toContain(SECRET.slice(0, 8))
  })
})

describe('multiaddrs', () => {
  it('parseMultiaddr() splits off the peer', () => {
    expect(parseMultiaddr(`/ip4/10.0.0.1/tcp/9096/p2p/${PEER}`)).toEqual({
      text: `/ip4/10.0.0.1/tcp/9096/p2p/${PEER}`,
      address: '/ip4/10.0.0.1/tcp/9096',
      peerId: PEER,
    })
    expect(parseMultiaddr(`/dns4/peer.example/tcp/9096/ipfs/${PEER}/`).text).toBe(
      `/dns4/peer.example/tcp/9096/p2p/${PEER}`,
    )
    expect(parseMultiaddr(' /ip6/::1/tcp/0 ')).toEqual({
      text: '/ip6/::1/tcp/0',
      address: '/ip6/::1/tcp/0',
      peerId: null,
    })
  })

  it.each([
    ['10.0.0.1:9096', /must begin with "\/"/],
    ['', /must begin with "\/"/],
    ['/ip4/10.0.0.999/tcp/9096', /an example is/],
    ['/ip4/10.0.0.1', /needs \/tcp and a port/],
    ['/ip4/10.0.0.1/udp/9096', /needs \/tcp and a port/],
    ['/ip4/10.0.0.1/tcp/99999', /an example is/],
    ['/unix/tmp/socket', /an example is/],
    ['/ip4/10.0.0.1/tcp/9096/p2p/abc', /not a peer id/],
  ])('parseMultiaddr(%j) says what is wrong', (text, what) => {
    expect(() => parseMultiaddr(text)).toThrow(InvalidRequestError)
    expect(() => parseMultiaddr(text)).toThrow(what)
  })

  it('parseAnyMultiaddr() takes every transport, and wants the peer', () => {
    const quic = `/ip4/10.0.0.1/udp/4001/quic-v1/p2p/${PEER}`
    expect(parseAnyMultiaddr(` ${quic}`)).toBe(quic)
    for (const text of ['', 'abc', '/ip4/10.0.0.1/udp/4001/quic-v1', '/ip4/10.0.0.1/tcp/1/p2p/abc'])
      expect(() => parseAnyMultiaddr(text)).toThrow(InvalidRequestError)
  })

  it('parsePeerMultiaddr() wants the peer', () => {
    expect(() => parsePeerMultiaddr('/ip4/10.0.0.1/tcp/9096')).toThrow(/\/p2p\/<peer id> part is missing/)
  })
})
