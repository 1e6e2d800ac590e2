import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import {
  CommitOutcomeUnknownError,
  InvalidRequestError,
  NoLeaderError,
  NotAdmittedError,
  OverloadedError,
  PeerUnreachableError,
  RefusedError,
  RevisionTimeoutError,
} from '@pinset/interface'
import type { PeerId } from '@pinset/interface'
import { InvariantViolation } from '@pinset/raft'

import { RemoteError } from '../../src/index.ts'
import { bytesCodec, FakeAdmission, failureOf, heartbeat, method, until } from '../fakes.ts'
import { addressOf, introduce, Lab } from './lab.ts'
import type { TransportAdapter } from './lab.ts'

const echo = method<{ text: string }, { text: string; from: string }>('test.echo')
const openEcho = method<{ text: string }, { text: string; from: string }>('test.openEcho', { policy: 'open' })
const bytes = method<Uint8Array, Uint8Array>('test.bytes', {
  request: bytesCodec,
  response: bytesCodec,
  policy: 'open',
})
const fail = method<number, null>('test.fail', { policy: 'open' })
const hang = method<null, null>('test.hang', { policy: 'open' })

export function rpcSuite(createAdapter: () => TransportAdapter): void {
  describe('RPC', () => {
    let lab: Lab
    beforeEach(() => {
      lab = new Lab(createAdapter())
    })
    afterEach(async () => {
      await lab.close()
    })

    it('call() gives the answer, and the handler knows who asks', async () => {
      const [a, b] = await lab.pair()
      b.transport.handle(echo, async ({ text }, { from }) => ({ text, from }))
      expect(await a.transport.call(b.id, echo, { text: 'hello' })).toEqual({ text: 'hello', from: a.id })
    })

    it('call() keeps a thousand calls apart that are answered in any order', async () => {
      const [a, b] = await lab.pair({ limits: { rpcInboundCalls: 1024 } })
      b.transport.handle(echo, async ({ text }, { from }) => {
        for (let turn = 0; turn < Number(text) % 7; turn++) await new Promise((resolve) => setImmediate(resolve))
        return { text, from }
      })
      const answers = await Promise.all(
        Array.from({ length: 1000 }, (_, position) => a.transport.call(b.id, echo, { text: String(position) })),
      )
      expect(answers.map(({ text }) => Number(text))).toEqual(Array.from({ length: 1000 }, (_, position) => position))
    })

    it('call() carries bodies of up to 1 MiB, and refuses larger ones', async () => {
      const [a, b] = await lab.pair()
      b.transport.handle(bytes, async (request) => request)
      const largest = new Uint8Array(1024 * 1024).fill(7)
      const answer = await a.transport.call(b.id, bytes, largest)
      expect(Buffer.compare(answer, largest)).toBe(0)
      expect(await failureOf(a.transport.call(b.id, bytes, new Uint8Array(1024 * 1024 + 1)))).toBeInstanceOf(
        InvalidRequestError,
      )
    })

    it('call() rejects with RemoteError when the response is over the limit', async () => {
      const [a, b] = await lab.pair()
      b.transport.handle(bytes, async () => new Uint8Array(1024 * 1024 + 1))
      expect(await failureOf(a.transport.call(b.id, bytes, new Uint8Array(1)))).toMatchObject({
        name: 'RemoteError',
        code: 'ERR_RESPONSE_TOO_LARGE',
      })
    })

    it('call() throws the class that the handler threw, with its fields', async () => {
      const [a, b] = await lab.pair()
      const errors = [
        new NoLeaderError('no leader'),
        new RefusedError('not now'),
        new CommitOutcomeUnknownError('who knows'),
        new RevisionTimeoutError('too slow', 42),
        new PeerUnreachableError('gone', 'x' as PeerId),
        new InvalidRequestError('bad'),
      ]
      const serve = async (position: number): Promise<null> => {
        throw errors[position] as Error
      }
      a.transport.handle(fail, serve)
      b.transport.handle(fail, serve)
      for (const [position, error] of errors.entries()) {
        for (const target of [a, b]) {
          const failure = await failureOf(a.transport.call(target.id, fail, position))
          expect(failure).toBeInstanceOf(error.constructor)
          expect(JSON.parse(JSON.stringify({ error: failure, message: failure.message }))).toEqual(
            JSON.parse(JSON.stringify({ error, message: error.message })),
          )
        }
      }
    })

    it('call() throws RemoteError for any other error, and for a method that nobody serves', async () => {
      const [a, b] = await lab.pair()
      const serve = async (): Promise<null> => {
        throw new TypeError('x is not a function')
      }
      a.transport.handle(fail, serve)
      b.transport.handle(fail, serve)
      for (const target of [a, b]) {
        const failure = await failureOf(a.transport.call(target.id, fail, 0))
        expect(failure).toBeInstanceOf(RemoteError)
        expect(failure).toMatchObject({ message: 'x is not a function', code: 'ERR_HANDLER_FAILED' })
        expect(await failureOf(a.transport.call(target.id, hang, null))).toMatchObject({
          name: 'RemoteError',
          code: 'ERR_UNKNOWN_METHOD',
        })
      }
    })

    it('call() refuses what cannot be decoded: the request there, the response here', async () => {
      const [a, b] = await lab.pair()
      b.transport.handle(echo, async ({ text }, { from }) => ({ text, from }))
      const bad = {
        ...echo,
        request: { encode: () => Uint8Array.of(123), decode: (given: Uint8Array) => echo.request.decode(given) },
      }
      expect(await failureOf(a.transport.call(b.id, bad, { text: '' }))).toBeInstanceOf(InvalidRequestError)
      const badAnswer = {
        ...echo,
        response: {
          encode: (value: { text: string; from: string }) => echo.response.encode(value),
          decode: () => JSON.parse('{') as never,
        },
      }
      expect(await failureOf(a.transport.call(b.id, badAnswer, { text: '' }))).toMatchObject({
        name: 'RemoteError',
        code: 'ERR_CORRUPT',
      })
    })

    it('call() ended by its signal throws the reason, and the handler learns of it', async () => {
      const [a, b] = await lab.pair()
      let ended = false
      const begun = Promise.withResolvers<void>()
      b.transport.handle(hang, async (_, { signal }) => {
        begun.resolve()
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
        ended = true
        return null
      })
      const stop = new AbortController()
      const failure = failureOf(a.transport.call(b.id, hang, null, { signal: stop.signal }))
      await begun.promise
      const reason = new DOMException('enough', 'AbortError')
      stop.abort(reason)
      expect(await failure).toBe(reason)
      await until('the handler has ended', () => ended)
      expect(await failureOf(a.transport.call(b.id, hang, null, { signal: stop.signal }))).toBe(reason)
    })

    it('call() throws TimeoutError after the time of the method, and the handler learns of it', async () => {
      const [a, b] = await lab.pair()
      let ended = false
      b.transport.handle(hang, async (_, { signal }) => {
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
        ended = true
        return null
      })
      b.transport.handle(echo, async ({ text }, { from }) => ({ text, from }))
      // The time of the method is for the method, not for the connection that it needs.
      await a.transport.call(b.id, echo, { text: 'connect' })
      const failure = await failureOf(a.transport.call(b.id, { ...hang, timeoutMs: 500 }, null))
      expect(failure.name).toBe('TimeoutError')
      expect(failure.message).toMatch(/test\.hang within 500 ms/)
      await until('the handler has ended', () => ended)
    })

    it('call() throws PeerUnreachableError when the other side stops, and the handler learns that the caller has gone', async () => {
      const [a, b] = await lab.pair()
      const begun = Promise.withResolvers<void>()
      let reason: unknown = null
      b.transport.handle(hang, async (_, { signal }) => {
        begun.resolve()
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
        reason = signal.reason
        return null
      })
      const failure = failureOf(a.transport.call(b.id, hang, null))
      await begun.promise
      await b.transport.stop()
      expect(await failure).toBeInstanceOf(PeerUnreachableError)
      await until('the handler has ended', () => reason !== null)
      expect(await failureOf(a.transport.call(b.id, hang, null))).toBeInstanceOf(PeerUnreachableError)
    })

    it('call() reaches a peer that was restarted', async () => {
      const [a, b] = await lab.pair()
      b.transport.handle(echo, async ({ text }, { from }) => ({ text, from }))
      await a.transport.call(b.id, echo, { text: 'one' })
      await b.transport.stop()
      const again = await lab.peer('b')
      again.transport.handle(echo, async ({ text }, { from }) => ({ text, from }))
      let answer: string | null = null
      await until('it answers', () => {
        a.transport
          .call(b.id, echo, { text: 'two' })
          .then(({ text }) => (answer = text))
          .catch(() => undefined)
        return answer !== null
      })
      expect(answer).toBe('two')
    })

    it('call() is refused beyond the limits in flight, on either side', async () => {
      const gate = Promise.withResolvers<void>()
      const [a, b] = await lab.pair({ limits: { rpcOutboundCalls: 10 } }, { limits: { rpcInboundCalls: 5 } })
      b.transport.handle(hang, async () => {
        await gate.promise
        return null
      })
      await failureOf(a.transport.call(b.id, fail, 0))
      const calls = Array.from({ length: 12 }, () =>
        a.transport.call(b.id, hang, null).then(
          () => 'done',
          (err: Error) => err,
        ),
      )
      await new Promise((resolve) => setTimeout(resolve, 100))
      gate.resolve()
      const results = await Promise.all(calls)
      expect(results.filter((result) => result === 'done')).toHaveLength(5)
      expect(results.filter((result) => result instanceof OverloadedError)).toHaveLength(7)
    })

    it('call() to oneself needs no stream, and may use every policy', async () => {
      const a = await lab.peer('a')
      const own = method<{ text: string }, string>('test.own', { policy: 'self' })
      a.admission.current = { clusterId: null, epoch: 0, storageId: 'storage' }
      a.transport.handle(own, async ({ text }, { from }) => `${text} ${from}`)
      a.transport.handle(echo, async ({ text }, { from }) => ({ text, from }))
      expect(await a.transport.call(a.id, own, { text: 'me' })).toBe(`me ${a.id}`)
      expect(await a.transport.call(a.id, echo, { text: 'me' })).toEqual({ text: 'me', from: a.id })
    })

    it('call() to oneself ends with its time-out, even if the handler does not', async () => {
      const a = await lab.peer('a')
      a.transport.handle(hang, async () => await new Promise(() => undefined))
      expect((await failureOf(a.transport.call(a.id, { ...hang, timeoutMs: 50 }, null))).name).toBe('TimeoutError')
    })

    it('a method with the policy self is refused to others', async () => {
      const [a, b] = await lab.pair()
      const own = method<null, null>('test.own', { policy: 'self' })
      b.transport.handle(own, async () => null)
      expect(await failureOf(a.transport.call(b.id, own, null))).toBeInstanceOf(NotAdmittedError)
    })

    it('a method with the policy member is refused to a peer that is none, an open one is not', async () => {
      const strict = new FakeAdmission()
      strict.members = new Set()
      const [a, b] = await lab.pair({}, { admission: strict })
      b.transport.handle(echo, async ({ text }, { from }) => ({ text, from }))
      b.transport.handle(openEcho, async ({ text }, { from }) => ({ text, from }))
      const failure = await failureOf(a.transport.call(b.id, echo, { text: 'hello' }))
      expect(failure).toBeInstanceOf(NotAdmittedError)
      expect(failure.message).toMatch(/is not a member/)
      expect(await a.transport.call(b.id, openEcho, { text: 'hello' })).toEqual({ text: 'hello', from: a.id })
    })

    it('between two clusters open methods work, others name both clusters', async () => {
      const other = new FakeAdmission()
      other.current = { clusterId: 'cluster-2', epoch: 1, storageId: 'storage' }
      const [a, b] = await lab.pair({}, { admission: other })
      let ran = false
      b.transport.handle(echo, async ({ text }, { from }) => {
        ran = true
        return { text, from }
      })
      b.transport.handle(openEcho, async ({ text }, { from }) => ({ text, from }))
      const failure = await failureOf(a.transport.call(b.id, echo, { text: 'hello' }))
      expect(failure).toBeInstanceOf(NotAdmittedError)
      expect(failure.message).toMatch(/cluster-1.*cluster-2|cluster-2.*cluster-1/)
      expect(ran).toBe(false)
      expect(await a.transport.call(b.id, openEcho, { text: 'hello' })).toMatchObject({ text: 'hello' })
    })

    it('a peer that joins while connected may call at once, and be called', async () => {
      const joining = new FakeAdmission()
      joining.current = { clusterId: null, epoch: 0, storageId: 'storage' }
      const [a, b] = await lab.pair({}, { admission: joining })
      for (const peer of [a, b]) {
        peer.transport.handle(echo, async ({ text }, { from }) => ({ text, from }))
        peer.transport.handle(openEcho, async ({ text }, { from }) => ({ text, from }))
      }
      expect(await b.transport.call(a.id, openEcho, { text: 'let me in' })).toMatchObject({ text: 'let me in' })
      expect(await a.transport.call(b.id, openEcho, { text: 'who' })).toMatchObject({ text: 'who' })
      expect(await failureOf(a.transport.call(b.id, echo, { text: 'no' }))).toBeInstanceOf(NotAdmittedError)
      joining.current = { clusterId: 'cluster-1', epoch: 1, storageId: 'storage' }
      expect(await b.transport.call(a.id, echo, { text: 'in' })).toMatchObject({ text: 'in' })
      expect(await a.transport.call(b.id, echo, { text: 'in' })).toMatchObject({ text: 'in' })
    })

    it('callAddress() calls a peer that is not known, which can be called again without the address', async () => {
      const a = await lab.peer('a')
      const b = await lab.peer('b')
      b.transport.handle(openEcho, async ({ text }, { from }) => ({ text, from }))
      const address = addressOf(b)
      expect(await failureOf(a.transport.call(b.id, openEcho, { text: 'x' }))).toBeInstanceOf(PeerUnreachableError)
      expect(await a.transport.callAddress(address, openEcho, { text: 'hello' })).toEqual({ text: 'hello', from: a.id })
      expect(await a.transport.call(b.id, openEcho, { text: 'again' })).toMatchObject({ text: 'again' })
    })

    it('callAddress() refuses an address without a peer id, and reports one where nobody is', async () => {
      const [a, b] = await lab.pair()
      const address = addressOf(b)
      expect(
        await failureOf(a.transport.callAddress(address.replace(/\/p2p\/.*/, ''), openEcho, { text: '' })),
      ).toBeInstanceOf(InvalidRequestError)
      await until('they are connected', () => a.transport.sinceHeardMs(b.id) !== null)
      await b.transport.stop()
      await until('the connection is gone', () => a.handler.unreachable.includes(b.id))
      expect(await failureOf(a.transport.callAddress(address, openEcho, { text: '' }))).toBeInstanceOf(
        PeerUnreachableError,
      )
    })

    it('handle() of the same method twice is a programmer error; what was taken away is not served', async () => {
      const [a, b] = await lab.pair()
      const remove = b.transport.handle(openEcho, async ({ text }, { from }) => ({ text, from }))
      expect(() => b.transport.handle(openEcho, async () => ({ text: '', from: '' }))).toThrow(InvariantViolation)
      remove()
      expect(await failureOf(a.transport.call(b.id, openEcho, { text: '' }))).toMatchObject({
        code: 'ERR_UNKNOWN_METHOD',
      })
      b.transport.handle(openEcho, async () => ({ text: 'new', from: '' }))
      expect(await a.transport.call(b.id, openEcho, { text: '' })).toMatchObject({ text: 'new' })
    })

    it('calls that run while both sides dial each other are all answered', async () => {
      const peers = [await lab.peer('a'), await lab.peer('b')]
      const [a, b] = peers as [(typeof peers)[0], (typeof peers)[0]]
      for (const peer of peers) peer.transport.handle(openEcho, async ({ text }, { from }) => ({ text, from }))
      introduce(a, b)
      const [toA, toB] = [addressOf(a), addressOf(b)]
      const calls = [
        a.transport.callAddress(toB, openEcho, { text: '1' }),
        b.transport.callAddress(toA, openEcho, { text: '2' }),
      ]
      for (let position = 0; position < 300; position++) {
        calls.push(
          a.transport.call(b.id, openEcho, { text: String(position) }),
          b.transport.call(a.id, openEcho, { text: String(position) }),
        )
        a.transport.send(heartbeat(a.id, b.id, position))
        if (position % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 5))
      }
      expect(await Promise.all(calls)).toHaveLength(602)
    })
  })
}
