import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'

import { CID } from 'multiformats/cid'
import { create as createDigest } from 'multiformats/hashes/digest'
import { describe, expect, it } from 'vitest'

import { encodeWantFrames, MAX_FRAME_ENTRIES } from '../src/bitswap-message.ts'
import { walkDag } from '../src/dag-walk.ts'
import { fixedSizeChunker } from '../src/fixed-size-chunker.ts'
import { GarbageBarrier } from '../src/garbage-barrier.ts'
import { multihashKey } from '../src/multihash-key.ts'
import { decodePinRow } from '../src/pin-table.ts'
import { iterateUntil, raceSignals } from '../src/race-signals.ts'
import { parseTargets } from '../src/target-address.ts'
import { decodeUnixfsData } from '../src/unixfs-data.ts'
import { WriteBehind } from '../src/write-behind.ts'
import { bytesOf, collect, streamOf } from './test-nodes.ts'

const RAW = 0x55
const DAG_PB = 0x70
const PEER = '12D3KooWJ7wKmeMJ9gzRS1aD2ToPMbJQ9U9Zkwo7XUgq19SAvJeU'

function cidOf(label: string, code: number): CID {
  return CID.createV1(code, createDigest(0x12, createHash('sha256').update(label).digest()))
}

describe('walkDag', () => {
  it('walkDag() visits a block after its parent, each once, and no more at a time than allowed', async () => {
    // A lattice: every block of a row links to every block of the next, 2^10 paths to the end.
    const rows = [...Array(10).keys()].map((row) => ['a', 'b'].map((column) => cidOf(`${column}${row}`, DAG_PB)))
    const root = cidOf('root', DAG_PB)
    const visited: string[] = []
    let running = 0
    let most = 0
    const links = new Map([[root.toString(), rows[0] ?? []]])
    for (const [i, row] of rows.entries()) for (const cid of row) links.set(cid.toString(), rows[i + 1] ?? [])
    const visit = async (cid: CID): Promise<readonly CID[]> => {
      running += 1
      most = Math.max(most, running)
      await new Promise(setImmediate)
      running -= 1
      visited.push(cid.toString())
      return links.get(cid.toString()) ?? []
    }

    await walkDag({ root, concurrency: 3, visit }).done

    expect(visited).toHaveLength(21)
    expect(new Set(visited).size).toBe(21)
    expect(visited[0]).toBe(root.toString())
    expect(most).toBeLessThanOrEqual(3)
  })

  it('walkDag() walks below a dag-pb block whose bytes were visited as a raw leaf', async () => {
    const root = cidOf('root', DAG_PB)
    const [asRaw, asDagPb, below] = [cidOf('x', RAW), cidOf('x', DAG_PB), cidOf('below', RAW)]
    const visited: CID[] = []
    const visit = async (cid: CID): Promise<readonly CID[]> => {
      visited.push(cid)
      if (cid.equals(root)) return [asRaw, asDagPb]
      return cid.equals(asDagPb) ? [below] : []
    }

    await walkDag({ root, concurrency: 1, visit }).done

    expect(multihashKey(asRaw)).toBe(multihashKey(asDagPb))
    expect(visited.some((cid) => cid.equals(below))).toBe(true)
  })

  it('walkDag() visits nothing more after an error, and drops what running visits come to', async () => {
    const gates = [Promise.withResolvers<readonly CID[]>(), Promise.withResolvers<readonly CID[]>()]
    const root = cidOf('root', DAG_PB)
    const children = ['a', 'b', 'c'].map((label) => cidOf(label, RAW))
    let visits = 0
    const walk = walkDag({
      root,
      concurrency: 2,
      visit: async (cid) => (cid.equals(root) ? children : await (gates[visits++]?.promise ?? [])),
    })
    await new Promise(setImmediate)

    gates[0]?.reject(new Error('no such block'))
    await expect(walk.done).rejects.toThrow('no such block')
    gates[1]?.reject(new Error('later'))
    await new Promise(setImmediate)

    expect(visits).toBe(2)
  })
})

describe('encodeWantFrames', () => {
  it('encodeWantFrames() puts a cancel and a want of one CID into two messages, in order', () => {
    const cidBytes = cidOf('a', RAW).bytes

    const frames = encodeWantFrames([
      { kind: 'cancel', cidBytes },
      { kind: 'want', cidBytes },
    ])

    const cid = Buffer.from(cidBytes).toString('hex')
    const entry = (tail: string): string => `0a2a0a24${cid}${tail}`
    expect(frames.map((frame) => Buffer.from(frame).toString('hex'))).toEqual([
      `2e0a2c${entry('10011801')}`,
      `2e0a2c${entry('10012801')}`,
    ])
  })

  it('encodeWantFrames() cuts many wants into messages of limited size', () => {
    const ops = [...Array(MAX_FRAME_ENTRIES * 2 + 1).keys()].map((i) => ({
      kind: 'want' as const,
      cidBytes: cidOf(`${i}`, RAW).bytes,
    }))

    const frames = encodeWantFrames(ops)

    expect(frames).toHaveLength(3)
    expect(Math.max(...frames.map((frame) => frame.length))).toBeLessThan(64 * 1024)
    expect(encodeWantFrames([])).toEqual([])
  })
})

describe('GarbageBarrier', () => {
  it('tryDelete() spares what was touched since the collection began', async () => {
    const barrier = new GarbageBarrier()
    const key = multihashKey(cidOf('a', RAW))
    let deletions = 0
    const deleteBlock = async (): Promise<void> => void (deletions += 1)

    await barrier.touch(key)
    expect(barrier.tryBegin()).toBe(true)
    expect(barrier.tryBegin()).toBe(false)
    await barrier.touch(key)
    expect(await barrier.tryDelete(key, deleteBlock)).toBe(false)
    barrier.end()
    barrier.tryBegin()

    expect(await barrier.tryDelete(key, deleteBlock)).toBe(true)
    expect(deletions).toBe(1)
  })

  it('touch() waits for a deletion that has begun', async () => {
    const barrier = new GarbageBarrier()
    const key = multihashKey(cidOf('a', RAW))
    const gate = Promise.withResolvers<void>()
    const order: string[] = []
    barrier.tryBegin()

    const deleting = barrier.tryDelete(key, () => gate.promise.then(() => void order.push('deleted')))
    const touching = barrier.touch(key).then(() => void order.push('touched'))
    gate.resolve()
    await Promise.all([deleting, touching])

    expect(order).toEqual(['deleted', 'touched'])
  })
})

describe('decodePinRow', () => {
  const row = { version: 1, mode: 'recursive', state: 'pinned', name: 'n', blocks: 3, bytes: 4 }

  it('decodePinRow() reads a row', () => {
    expect(decodePinRow(Buffer.from(JSON.stringify(row)))).toEqual({
      mode: 'recursive',
      state: 'pinned',
      name: 'n',
      blocks: 3,
      bytes: 4,
    })
  })

  it.each([
    ['not JSON', 'x'],
    ['null', 'null'],
    ['another version', JSON.stringify({ ...row, version: 2 })],
    ['an unknown mode', JSON.stringify({ ...row, mode: 'deep' })],
    ['an unknown state', JSON.stringify({ ...row, state: 'lost' })],
    ['a negative count', JSON.stringify({ ...row, blocks: -1 })],
    ['a fraction', JSON.stringify({ ...row, bytes: 0.5 })],
    ['no name', JSON.stringify({ ...row, name: undefined })],
  ])('decodePinRow() refuses %s', (_what, text) => {
    expect(decodePinRow(Buffer.from(text))).toBeUndefined()
  })
})

describe('decodeUnixfsData', () => {
  it('decodeUnixfsData() reads type and data, and skips what it does not know', () => {
    expect(decodeUnixfsData(Buffer.from('080212026869180220ff01', 'hex'))).toEqual({
      kind: 'file',
      data: Buffer.from('hi'),
    })
    expect(decodeUnixfsData(Buffer.from('0801', 'hex'))?.kind).toBe('directory')
  })

  it('decodeUnixfsData() ends on any bytes and never reads past them', () => {
    for (let seed = 0; seed < 5_000; seed += 1) {
      const bytes = bytesOf(4 * (1 + (seed % 12)), seed)
      const decoded = decodeUnixfsData(bytes)
      expect(decoded === undefined || decoded.data.length <= bytes.length).toBe(true)
    }
    expect(decodeUnixfsData(Buffer.from('0802120568', 'hex'))).toBeUndefined()
    expect(decodeUnixfsData(Buffer.alloc(0))).toBeUndefined()
    expect(decodeUnixfsData(Buffer.alloc(20, 0xff))).toBeUndefined()
  })
})

describe('parseTargets', () => {
  it.each(['/ip4/1.2.3.4/tcp/1', '/ip6/::1/tcp/1', '/dns4/example.org/tcp/1', '/dns/localhost/tcp/1'])(
    'parseTargets() takes %s with a peer id',
    (address) => {
      const { targets, refused } = parseTargets([`${address}/p2p/${PEER}`], false)

      expect(refused).toEqual([])
      expect([...targets.keys()]).toEqual([PEER])
    },
  )

  it.each([
    '/ip4/1.2.3.4/tcp/1',
    `/ip4/1.2.3.4/udp/1/quic-v1/p2p/${PEER}`,
    `/ip4/1.2.3.4/tcp/1/ws/p2p/${PEER}`,
    `/dnsaddr/example.org/p2p/${PEER}`,
    `/ip4/1.2.3.4/tcp/1/p2p/${PEER}/p2p-circuit/p2p/${PEER}`,
    `/p2p/${PEER}`,
    '',
    'nonsense',
  ])('parseTargets() refuses %s', (address) => {
    expect(parseTargets([address], false)).toEqual({ targets: new Map(), refused: [address] })
  })
})

describe('raceSignals', () => {
  it('raceSignals() leaves no listener behind', async () => {
    const controller = new AbortController()
    let listeners = 0
    const add = controller.signal.addEventListener.bind(controller.signal)
    const remove = controller.signal.removeEventListener.bind(controller.signal)
    controller.signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners += 1
      add(...args)
    }
    controller.signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners -= 1
      remove(...args)
    }

    await raceSignals(Promise.resolve(1), controller.signal)
    await raceSignals(Promise.reject(new Error('x')), controller.signal, undefined).catch(() => {})

    expect(listeners).toBe(0)
    controller.abort(new Error('enough'))
    await expect(raceSignals(new Promise(() => {}), controller.signal)).rejects.toThrow('enough')
  })

  it('iterateUntil() ends its source when the consumer stops', async () => {
    let isEnded = false
    async function* source(): AsyncGenerator<number> {
      try {
        yield 1
        yield 2
      } finally {
        isEnded = true
      }
    }

    for await (const item of iterateUntil(source(), undefined)) {
      expect(item).toBe(1)
      break
    }

    expect(isEnded).toBe(true)
  })
})

describe('fixedSizeChunker', () => {
  it.each([
    [[], [0]],
    [[0, 0], [0]],
    [[3], [3]],
    [
      [4, 4],
      [4, 4],
    ],
    [
      [1, 1, 1, 1, 1],
      [4, 1],
    ],
    [[9], [4, 4, 1]],
  ])('fixedSizeChunker() cuts parts of %j bytes into %j', async (parts, expected) => {
    const chunks = await collect(fixedSizeChunker(4)(streamOf(parts.map((length) => new Uint8Array(length)))))

    expect(chunks.map((chunk) => chunk.length)).toEqual(expected)
  })
})

describe('WriteBehind', () => {
  it('onceStored() hands an entry out once the blocks given before it are stored, and no later than with the next entry', async () => {
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    let puts = 0
    const writes = new WriteBehind({ put: async () => await gates[puts++]?.promise })
    async function* entries(): AsyncGenerator<string> {
      await writes.add(cidOf('a', RAW), new Uint8Array(1))
      yield 'a'
      await writes.add(cidOf('b', RAW), new Uint8Array(1))
      gates[0]?.resolve()
      await new Promise(setImmediate)
      yield 'b'
      throw new Error('the source goes on')
    }

    const handedOut = writes.onceStored(entries())

    expect(await handedOut.next()).toEqual({ done: false, value: 'a' })
    await expect(handedOut.next()).rejects.toThrow('the source goes on')
    gates[1]?.resolve()
  })

  it('onceStored() hands nothing out after a failed write', async () => {
    const writes = new WriteBehind({ put: async () => await Promise.reject(new Error('the disk is full')) })
    async function* entries(): AsyncGenerator<string> {
      await writes.add(cidOf('a', RAW), new Uint8Array(1))
      yield 'a'
    }

    await expect(collect(writes.onceStored(entries()))).rejects.toThrow('the disk is full')
    await expect(writes.add(cidOf('b', RAW), new Uint8Array(1))).rejects.toThrow('the disk is full')
  })

  it('add() lets a limited number of blocks be written at a time', async () => {
    let running = 0
    let most = 0
    const put = async (): Promise<void> => {
      running += 1
      most = Math.max(most, running)
      await new Promise(setImmediate)
      running -= 1
    }
    const writes = new WriteBehind({ put })

    await Promise.all([...Array(200).keys()].map((i) => writes.add(cidOf(`${i}`, RAW), new Uint8Array(1))))
    await writes.settle()

    expect(running).toBe(0)
    expect(most).toBe(32)
  })
})

describe('index', () => {
  it('importing @pinset/ipfs loads neither Helia nor libp2p', async () => {
    const script = `
      import { registerHooks } from 'node:module'
      const seen = []
      registerHooks({ resolve(specifier, context, next) { seen.push(specifier); return next(specifier, context) } })
      await import(${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)})
      process.stdout.write(JSON.stringify(seen))`

    const { stdout } = await promisify(execFile)(process.execPath, [
      '--conditions=pinset-source',
      '--input-type=module',
      '-e',
      script,
    ])

    const seen = JSON.parse(stdout) as string[]
    expect(seen).toContain('@pinset/interface')
    expect(seen.filter((specifier) => /^[^.].*(helia|libp2p|multiaddr|level|blockstore)/.test(specifier))).toEqual([])
  })
})
