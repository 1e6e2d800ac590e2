import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { CorruptError } from '@pinset/interface'

import { FrameStream } from '../src/frame-stream.ts'
import type { FrameStreamInit } from '../src/frame-stream.ts'
import type { ByteStream, ByteStreamHandler } from '../src/network/network.ts'

/** A stream whose other end is the test. */
class FakeStream implements ByteStream {
  readonly sent: Uint8Array[] = []
  writable = true
  paused = false
  finished = false
  aborted: Error | null = null
  #handler: ByteStreamHandler | null = null

  attach(handler: ByteStreamHandler): void {
    this.#handler = handler
  }
  get handler(): ByteStreamHandler {
    if (this.#handler === null) throw new Error('nobody is attached')
    return this.#handler
  }
  send(bytes: Uint8Array): boolean {
    this.sent.push(bytes)
    return this.writable
  }
  pause(): void {
    this.paused = true
  }
  resume(): void {
    this.paused = false
  }
  finish(): void {
    this.finished = true
  }
  abort(reason: Error): void {
    this.aborted = reason
  }
}

function create(init: Partial<FrameStreamInit> = {}): {
  stream: FakeStream
  frames: FrameStream
  closed: (Error | null)[]
} {
  const stream = new FakeStream()
  const closed: (Error | null)[] = []
  const limits = { maxFrameBytes: 1_000_000, maxSendBytes: 65_536, maxQueuedBytes: 10_000_000, maxQueuedFrames: 10_000 }
  const frames = new FrameStream(stream, { ...limits, onClose: (reason) => closed.push(reason), ...init })
  return { stream, frames, closed }
}

async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}

async function encoded(...contents: readonly Uint8Array[]): Promise<Uint8Array> {
  const { stream, frames } = create()
  for (const content of contents) frames.send(content)
  await turn()
  return Buffer.concat(stream.sent)
}

describe('FrameStream', () => {
  it('receive() gives the frames that were sent, however the bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }),
        fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1 }),
        async (contents, cuts) => {
          const all = await encoded(...contents)
          const { stream, frames } = create()
          const received: Uint8Array[] = []
          frames.receive(
            (frame) => received.push(frame),
            () => undefined,
          )
          for (let offset = 0, turns = 0; offset < all.byteLength; turns++) {
            const end = offset + (cuts.at(turns % cuts.length) ?? 1)
            stream.handler.onData(all.subarray(offset, end))
            offset = end
          }
          expect(received).toEqual(contents)
        },
      ),
      { numRuns: 200 },
    )
  })

  it('F1 send() joins the frames of one turn, in sends of at most the limit', async () => {
    const { stream, frames } = create({ maxSendBytes: 1000 })
    for (let position = 0; position < 30; position++) frames.send(new Uint8Array(99))
    expect(stream.sent).toEqual([])
    await turn()
    expect(stream.sent.map((bytes) => bytes.byteLength)).toEqual([1000, 1000, 1000])
    frames.send(new Uint8Array(2500))
    await turn()
    expect(stream.sent.slice(3).map((bytes) => bytes.byteLength)).toEqual([1000, 1000, 502])
  })

  it('F2 send() gives nothing to a full stream until it drains', async () => {
    const { stream, frames } = create({ maxSendBytes: 1000 })
    stream.writable = false
    for (let position = 0; position < 30; position++) frames.send(new Uint8Array(99))
    await turn()
    expect(stream.sent).toHaveLength(1)
    expect(frames.queuedBytes).toBe(2000)
    stream.handler.onDrain()
    expect(stream.sent).toHaveLength(2)
    stream.writable = true
    stream.handler.onDrain()
    expect(frames.queuedBytes).toBe(0)
  })

  it('send() refuses what is over the limits of its queue, and takes it again once there is room', async () => {
    const { stream, frames } = create({ maxQueuedBytes: 1000, maxQueuedFrames: 5, maxSendBytes: 100 })
    stream.writable = false
    for (let position = 0; position < 5; position++) expect(frames.send(new Uint8Array(10))).toBe(true)
    expect(frames.send(new Uint8Array(10))).toBe(false)
    await turn()
    expect(frames.send(new Uint8Array(990))).toBe(true)
    expect(frames.send(new Uint8Array(990))).toBe(false)
  })

  it('dropQueue() forgets waiting frames, and finishes the one that is partly out', async () => {
    const { stream, frames } = create({ maxSendBytes: 1000 })
    stream.writable = false
    const large = new Uint8Array(1500).fill(1)
    frames.send(large)
    frames.send(new Uint8Array(500).fill(2))
    await turn()
    expect(frames.dropQueue()).toBe(1)
    stream.writable = true
    stream.handler.onDrain()
    frames.send(Uint8Array.of(3))
    await turn()
    expect(Buffer.concat(stream.sent)).toEqual(Buffer.from(await encoded(large, Uint8Array.of(3))))
  })

  it('F3 a received frame does not share memory with what was received', async () => {
    const { stream, frames } = create()
    const all = await encoded(Uint8Array.of(1, 2, 3))
    let received: Uint8Array | null = null
    frames.receive(
      (frame) => {
        received = frame
      },
      () => undefined,
    )
    stream.handler.onData(all)
    all.fill(9)
    expect(received).toEqual(Uint8Array.of(1, 2, 3))
  })

  it('F4 next() takes one frame and stops reading; the rest comes later, and the end last', async () => {
    const { stream, frames } = create()
    const bytes = await encoded(Uint8Array.of(1), Uint8Array.of(2), Uint8Array.of(3))
    const first = frames.next(new AbortController().signal)
    expect(stream.paused).toBe(false)
    stream.handler.onData(bytes)
    expect(await first).toEqual(Uint8Array.of(1))
    expect(stream.paused).toBe(true)
    stream.handler.onEnd()
    const seen: (number | undefined)[] = []
    frames.receive(
      (frame) => seen.push(frame[0]),
      () => seen.push(99),
    )
    expect(seen).toEqual([2, 3, 99])
  })

  it('next() rejects when its signal ends, and when the stream does', async () => {
    const one = create()
    const stop = new AbortController()
    const waiting = one.frames.next(stop.signal)
    stop.abort(new Error('too late'))
    await expect(waiting).rejects.toThrow('too late')
    const two = create()
    const reading = two.frames.next(new AbortController().signal)
    two.stream.handler.onClose(new Error('reset'))
    await expect(reading).rejects.toThrow('reset')
    await expect(two.frames.next(new AbortController().signal)).rejects.toThrow('reset')
  })

  it.each([
    ['longer than the limit', Uint8Array.of(0xff, 0xff, 0x7f)],
    ['with a length that never ends', Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0x01)],
  ])('a frame %s ends the stream with a CorruptError', (_, bytes) => {
    const { stream, frames, closed } = create()
    frames.receive(
      () => undefined,
      () => undefined,
    )
    stream.handler.onData(bytes)
    expect(stream.aborted).toBeInstanceOf(CorruptError)
    expect(closed).toEqual([stream.aborted])
  })

  it('an end inside a frame ends the stream with a CorruptError', () => {
    const { stream, frames } = create()
    frames.receive(
      () => undefined,
      () => undefined,
    )
    stream.handler.onData(Uint8Array.of(5, 1, 2))
    stream.handler.onEnd()
    expect(stream.aborted).toBeInstanceOf(CorruptError)
  })

  it('what the listener throws ends the stream, and is thrown nowhere else', async () => {
    const { stream, frames } = create()
    const bytes = await encoded(Uint8Array.of(1), Uint8Array.of(2))
    let calls = 0
    frames.receive(
      () => {
        calls++
        throw new Error('no')
      },
      () => undefined,
    )
    stream.handler.onData(bytes)
    expect(stream.aborted?.message).toBe('no')
    expect(calls).toBe(1)
  })

  it('finish() ends writing after what waits, and takes no more', async () => {
    const { stream, frames } = create()
    stream.writable = false
    frames.send(Uint8Array.of(1))
    frames.send(new Uint8Array(70_000))
    frames.finish()
    expect(frames.send(Uint8Array.of(2))).toBe(false)
    expect(stream.finished).toBe(false)
    stream.writable = true
    stream.handler.onDrain()
    expect(stream.finished).toBe(true)
  })
})
