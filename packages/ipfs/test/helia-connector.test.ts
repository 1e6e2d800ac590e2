import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { IpfsError, StoppedError, silentLogger } from '@pinset/interface'
import type { PinProgress } from '@pinset/interface'
import * as dagCbor from '@ipld/dag-cbor'
import { FsBlockstore } from 'blockstore-fs'
import { CID } from 'multiformats/cid'
import { sha256 } from 'multiformats/hashes/sha2'
import { afterEach, describe, expect, it } from 'vitest'

import { createHeliaConnector } from '../src/index.ts'
import { addAll, addFile, addressesOf, bytesOf, collect, file, must, read, TestNodes, until } from './test-nodes.ts'

const nodes = new TestNodes()
afterEach(() => nodes.close())

const MISSING = CID.parse('bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy')

describe('HeliaConnector between nodes', () => {
  it('pin() fetches a directory of several MB from a sibling, and its bytes are equal', async () => {
    const [a, b] = [await nodes.start(), await nodes.start()]
    b.setSiblings(await addressesOf(a))
    const contents = new Map(
      [...Array(12).keys()].map((i) => [`d/sub${i % 3}/file${i}`, bytesOf(400_000 + i * 1_000, i)]),
    )
    const added = await addAll(
      a,
      [...contents].map(([path, bytes]) => file(path, bytes)),
    )
    const root = must(added.at(-1))
    await a.pin(root.cid, { mode: 'recursive' })
    const progress: PinProgress[] = []

    await b.pin(root.cid, { mode: 'recursive', onProgress: (step) => progress.push(step) })

    expect(await b.status(root.cid)).toEqual({ kind: 'pinned', mode: 'recursive' })
    await a.stop()
    for (const [path, bytes] of contents) {
      expect((await read(b, root.cid, { path: path.slice(2) })).equals(bytes)).toBe(true)
    }
    expect(progress.at(-1)?.bytes).toBe(root.dagBytes)
    for (const [i, step] of progress.entries()) {
      expect(step.blocks).toBeGreaterThan(progress[i - 1]?.blocks ?? 0)
      expect(step.bytes).toBeGreaterThanOrEqual(progress[i - 1]?.bytes ?? 0)
    }
  })

  it('pin() dials the origins that it is given', async () => {
    const [a, b] = [await nodes.start(), await nodes.start()]
    const { cid } = await addFile(a, bytesOf(1_000_000, 1))

    await b.pin(cid, { mode: 'recursive', origins: await addressesOf(a) })

    expect((await read(b, cid)).equals(bytesOf(1_000_000, 1))).toBe(true)
  })

  it('pin() on three siblings at once leaves the content on each, and it comes back from the last one standing', async () => {
    const [a, b, c] = [await nodes.start(), await nodes.start(), await nodes.start()]
    const all = await addressesOf(a, b, c)
    for (const node of [a, b, c]) node.setSiblings(all)
    const bytes = bytesOf(3_000_000, 2)
    const { cid } = await addFile(a, bytes)

    await Promise.all([a, b, c].map((node) => node.pin(cid, { mode: 'recursive' })))

    await Promise.all([a.stop(), b.stop()])
    expect((await read(c, cid)).equals(bytes)).toBe(true)
  })

  it('pin() gets the block from a node that received it only after it was asked', async () => {
    const [a, b] = [await nodes.start(), await nodes.start()]
    b.setSiblings(await addressesOf(a))
    const bytes = bytesOf(1_000, 3)
    const { cid } = await addFile(await nodes.start(), bytes)

    const pinning = b.pin(cid, { mode: 'recursive' })
    await until(async () => (await b.status(cid)).kind === 'partial')
    await addFile(a, bytes)

    await expect(pinning).resolves.toBeUndefined()
  })

  it('pin() aborted and repeated completes (a repeated want is not taken for one that was answered)', async () => {
    const [a, b] = [await nodes.start(), await nodes.start()]
    b.setSiblings(await addressesOf(a))
    const { cid } = await addFile(a, bytesOf(12_000_000, 4))
    const controller = new AbortController()

    const first = b.pin(cid, {
      mode: 'recursive',
      signal: controller.signal,
      onProgress: ({ blocks }) => blocks === 5 && controller.abort(new Error('enough')),
    })

    await expect(first).rejects.toThrow('enough')
    expect(await b.status(cid)).toEqual({ kind: 'partial', mode: 'recursive' })
    await b.pin(cid, { mode: 'recursive' })
    expect(await b.status(cid)).toEqual({ kind: 'pinned', mode: 'recursive' })
    await b.unpin(cid)
    expect((await b.collectGarbage()).deleted).toBeGreaterThan(40)
    await b.pin(cid, { mode: 'recursive' })
    expect((await read(b, cid)).equals(bytesOf(12_000_000, 4))).toBe(true)
  })

  it('pin() resumes a partial pin after a restart, and finished pins are kept', async () => {
    const [a, directory] = [await nodes.start(), await nodes.directory()]
    const siblings = await addressesOf(a)
    const small = (await addFile(a, bytesOf(1_000, 5))).cid
    const large = (await addFile(a, bytesOf(10_000_000, 6))).cid
    const before = await nodes.start({ directory, blocksPerPin: 2 })
    before.setSiblings(siblings)
    await before.pin(small, { mode: 'recursive', name: 'small' })
    const halfway = Promise.withResolvers<void>()
    const pinning = before.pin(large, {
      mode: 'recursive',
      onProgress: ({ blocks }) => blocks === 10 && halfway.resolve(),
    })
    pinning.catch(() => {})
    await halfway.promise
    await before.stop()
    await expect(pinning).rejects.toThrow(StoppedError)

    const after = await nodes.start({ directory })

    expect(await after.status(small)).toEqual({ kind: 'pinned', mode: 'recursive' })
    expect(await after.status(large)).toEqual({ kind: 'partial', mode: 'recursive' })
    const blocksBefore = await countBlocks(directory)
    expect(blocksBefore).toBeGreaterThanOrEqual(10)
    after.setSiblings(siblings)
    await after.pin(large, { mode: 'recursive' })
    expect((await read(after, large)).equals(bytesOf(10_000_000, 6))).toBe(true)
    expect((await collect(after.pins())).map(({ cid, state }) => [cid.toString(), state.kind])).toEqual(
      [small, large].map((cid) => [cid.toString(), 'pinned']).toSorted(([x], [y]) => (String(x) < String(y) ? -1 : 1)),
    )
  })

  it('pin() fetches a damaged block again', async () => {
    const [a, directory] = [await nodes.start(), await nodes.directory()]
    const b = await nodes.start({ directory })
    b.setSiblings(await addressesOf(a))
    const bytes = bytesOf(700_000, 7)
    const { cid } = await addFile(a, bytes)
    await b.pin(cid, { mode: 'recursive' })
    await b.unpin(cid)
    await writeFile(await someBlock(directory), 'damaged')

    await b.pin(cid, { mode: 'recursive' })

    expect((await read(b, cid)).equals(bytes)).toBe(true)
  })

  it('pin() without a provider fails after the stall time and names block and nodes', async () => {
    const [a, b] = [await nodes.start(), await nodes.start({ stallMs: 300 })]
    b.setSiblings(await addressesOf(a))
    const { id } = await a.id()

    const error = await b.pin(MISSING, { mode: 'recursive' }).catch((err: unknown) => err)

    expect(error).toBeInstanceOf(IpfsError)
    expect((error as Error).message).toContain(MISSING.toString())
    expect((error as Error).message).toContain(id)
    expect(await b.status(MISSING)).toEqual({ kind: 'partial', mode: 'recursive' })
  })

  it('pin() without any connection says so', async () => {
    const node = await nodes.start({ stallMs: 100 })

    await expect(node.pin(MISSING, { mode: 'recursive' })).rejects.toThrow(/no IPFS node is connected/)
  })

  it('cat() fetches from a sibling, and fails after the stall time when nobody has it', async () => {
    const [a, patient, impatient] = [await nodes.start(), await nodes.start(), await nodes.start({ stallMs: 300 })]
    patient.setSiblings(await addressesOf(a))
    impatient.setSiblings(await addressesOf(a))
    const { cid } = await addFile(a, bytesOf(2_000_000, 8))

    expect((await read(patient, cid)).equals(bytesOf(2_000_000, 8))).toBe(true)
    await expect(read(impatient, MISSING)).rejects.toThrow(IpfsError)
    await expect(read(patient, MISSING, { signal: AbortSignal.timeout(20) })).rejects.toThrow(/timeout/)
  })

  it('setSiblings() connects again after a sibling was away', async () => {
    const directory = await nodes.directory()
    const first = await nodes.start({ directory })
    const [address] = await addressesOf(first)
    const b = await nodes.start()
    b.setSiblings([must(address)])
    const early = await addFile(first, bytesOf(100, 9))
    await b.pin(early.cid, { mode: 'recursive' })
    await first.stop()

    const again = await nodes.start({ directory, listen: [must(address).replace(/\/p2p\/.*$/, '')] })
    const late = await addFile(again, bytesOf(100, 10))

    await expect(b.pin(late.cid, { mode: 'recursive' })).resolves.toBeUndefined()
  })

  it('pin() dials nothing but siblings and origins (an origin of another form is not dialled)', async () => {
    const [a, b, impatient] = [await nodes.start(), await nodes.start(), await nodes.start({ stallMs: 100 })]
    b.setSiblings(await addressesOf(a))
    const { cid } = await addFile(b, bytesOf(100, 11))
    const [address] = await addressesOf(b)
    const relayed = `${(await addressesOf(a))[0]}/p2p-circuit/p2p/${(await b.id()).id}`

    await expect(
      impatient.pin(cid, { mode: 'recursive', origins: [relayed, '/ip4/127.0.0.1/tcp/1', 'nonsense'] }),
    ).rejects.toThrow(/no IPFS node is connected/)
    const patient = await nodes.start()
    await patient.pin(cid, { mode: 'recursive', origins: [relayed, must(address)] })
  })
})

describe('HeliaConnector on its own', () => {
  it('pin() with mode direct keeps the root block only', async () => {
    const [a, directory] = [await nodes.start(), await nodes.directory()]
    const b = await nodes.start({ directory })
    const { cid } = await addFile(a, bytesOf(1_000_000, 12))

    await b.pin(cid, { mode: 'direct', origins: await addressesOf(a) })

    expect(await b.status(cid)).toEqual({ kind: 'pinned', mode: 'direct' })
    expect(await countBlocks(directory)).toBe(1)
    await b.pin(cid, { mode: 'recursive', origins: await addressesOf(a) })
    expect(await b.status(cid)).toEqual({ kind: 'pinned', mode: 'recursive' })
    expect(await countBlocks(directory)).toBe(5)
  })

  it('pin() of one CID by several callers shares one walk, and one that leaves does not stop it', async () => {
    const [a, b] = [await nodes.start(), await nodes.start({ blocksPerPin: 2 })]
    const { cid } = await addFile(a, bytesOf(5_000_000, 13))
    const controller = new AbortController()
    const steps: PinProgress[] = []

    const leaving = b.pin(cid, {
      mode: 'recursive',
      signal: controller.signal,
      onProgress: ({ blocks }) => blocks === 3 && controller.abort(new Error('enough')),
    })
    const staying = b.pin(cid, {
      mode: 'recursive',
      origins: await addressesOf(a),
      onProgress: (step) => steps.push(step),
    })

    await expect(leaving).rejects.toThrow('enough')
    await staying
    expect(steps).toHaveLength(21)
  })

  it('collectGarbage() keeps blocks that another pin shares (add A, add B, unpin A, pin A, unpin B)', async () => {
    const directory = await nodes.directory()
    const node = await nodes.start({ directory })
    const shared = bytesOf(262_144, 14)
    const a = (await addFile(node, Buffer.concat([shared, bytesOf(1_000, 15)]))).cid
    const b = (await addFile(node, Buffer.concat([shared, bytesOf(1_000, 16)]))).cid
    await node.stop()
    const again = await nodes.start({ directory })
    await again.pin(a, { mode: 'recursive' })
    await again.pin(b, { mode: 'recursive' })
    await again.unpin(a)
    await again.pin(a, { mode: 'recursive' })
    await again.unpin(b)

    expect(await again.collectGarbage()).toEqual({ kept: 3, deleted: 2 })

    expect((await read(again, a)).length).toBe(263_144)
    await again.unpin(a)
    expect(await again.collectGarbage()).toEqual({ kept: 0, deleted: 3 })
  })

  it('collectGarbage() deletes nothing while a complete pin lacks an inner block', async () => {
    const directory = await nodes.directory()
    const first = await nodes.start({ directory })
    const { cid } = await addFile(first, bytesOf(600_000, 25))
    await first.pin(cid, { mode: 'recursive' })
    await first.stop()
    const store = new FsBlockstore(join(directory, 'blocks'))
    await store.put(cid, Buffer.from('damaged'))
    const node = await nodes.start({ directory })

    await expect(node.collectGarbage()).rejects.toThrow(`pin ${cid.toString()} lacks block ${cid.toString()}`)

    expect(await countBlocks(directory)).toBe(3)
    const { cid: again } = await addFile(node, bytesOf(600_000, 25))
    expect(again.equals(cid)).toBe(true)
    expect(await node.collectGarbage()).toEqual({ kept: 4, deleted: 0 })
  })

  it('collectGarbage() beside a running pin and a running add takes nothing of theirs', async () => {
    const [a, directory] = [await nodes.start(), await nodes.directory()]
    const b = await nodes.start({ directory, blocksPerPin: 4 })
    const bytes = bytesOf(8_000_000, 17)
    const { cid } = await addFile(a, bytes)
    let collections = 0
    const state = { isDone: false }

    const pinning = b.pin(cid, { mode: 'recursive', origins: await addressesOf(a) })
    const adding = addAll(
      b,
      [...Array(40).keys()].map((i) => file(`d/${i}`, bytesOf(50_000, 100 + i))),
    )
    const done = Promise.all([pinning, adding]).finally(() => (state.isDone = true))
    const collecting = (async () => {
      for (; !state.isDone; collections += 1) await b.collectGarbage()
    })()
    const [, added] = await done
    await collecting

    expect(collections).toBeGreaterThan(0)
    await a.stop()
    expect((await read(b, cid)).equals(bytes)).toBe(true)
    for (let i = 0; i < 40; i += 1) {
      expect((await read(b, must(added.at(-1)).cid, { path: `${i}` })).equals(bytesOf(50_000, 100 + i))).toBe(true)
    }
  })

  it('pin() repeated at once after an abort, or after an unpin, begins anew and completes', async () => {
    const [a, b] = [await nodes.start(), await nodes.start({ blocksPerPin: 2 })]
    const origins = await addressesOf(a)
    const { cid } = await addFile(a, bytesOf(4_000_000, 20))
    const controller = new AbortController()
    const halfway = Promise.withResolvers<void>()

    const first = b.pin(cid, {
      mode: 'recursive',
      origins,
      signal: controller.signal,
      onProgress: () => halfway.resolve(),
    })
    await halfway.promise
    controller.abort(new Error('enough'))
    const second = b.pin(cid, { mode: 'recursive', origins })
    await expect(first).rejects.toThrow('enough')
    await expect(second).resolves.toBeUndefined()
    await b.unpin(cid)
    const third = b.pin(cid, { mode: 'recursive', origins })
    const unpinning = b.unpin(cid)
    const fourth = b.pin(cid, { mode: 'recursive', origins })

    const outcomes = await Promise.allSettled([third, unpinning, fourth])
    expect(outcomes.map(({ status }) => status).slice(1)).toEqual(['fulfilled', 'fulfilled'])
    expect(await b.status(cid)).toEqual({ kind: 'pinned', mode: 'recursive' })
  })

  it('pin() with a signal that is aborted changes nothing', async () => {
    const node = await nodes.start()

    await expect(
      node.pin(MISSING, { mode: 'recursive', signal: AbortSignal.abort(new Error('enough')) }),
    ).rejects.toThrow('enough')

    expect(await node.status(MISSING)).toEqual({ kind: 'unpinned' })
  })

  it('pin() refuses more pins at a time than allowed', async () => {
    const node = await nodes.start({ pinsFetched: 1 })
    const other = (await addFile(node, bytesOf(10, 21))).cid
    const pinning = node.pin(MISSING, { mode: 'recursive' })
    pinning.catch(() => {})
    await until(async () => (await node.status(MISSING)).kind === 'partial')

    await expect(node.pin(other, { mode: 'recursive' })).rejects.toThrow(/fetches 1 pins already/)
    expect(await node.status(other)).toEqual({ kind: 'unpinned' })
  })

  it('pin() walks dag-cbor, and says so when a block cannot be walked', async () => {
    const directory = await nodes.directory()
    const blocks = new FsBlockstore(join(directory, 'blocks'))
    const put = async (code: number, bytes: Uint8Array): Promise<CID> => {
      const cid = CID.createV1(code, await sha256.digest(bytes))
      await blocks.put(cid, bytes)
      return cid
    }
    await blocks.open()
    const leaf = await put(0x55, bytesOf(100, 22))
    const root = await put(dagCbor.code, dagCbor.encode({ leaf, again: leaf, missing: [1, 'two'] }))
    const broken = await put(0x70, bytesOf(100, 23))
    const foreign = await put(0x300539, bytesOf(100, 24))
    const node = await nodes.start({ directory })
    const steps: PinProgress[] = []

    await node.pin(root, { mode: 'recursive', onProgress: (step) => steps.push(step) })

    expect(steps.map(({ blocks }) => blocks)).toEqual([1, 2])
    await expect(node.pin(broken, { mode: 'recursive' })).rejects.toThrow(/is not valid dag-pb/)
    await expect(node.pin(foreign, { mode: 'recursive' })).rejects.toThrow(/has the codec 0x300539/)
    await expect(node.pin(foreign, { mode: 'direct' })).resolves.toBeUndefined()
  })

  it('unpin() during a pin stops it and is not undone by it', async () => {
    const [a, b] = [await nodes.start(), await nodes.start({ blocksPerPin: 1 })]
    const { cid } = await addFile(a, bytesOf(3_000_000, 18))
    const begun = Promise.withResolvers<void>()

    const pinning = b.pin(cid, { mode: 'recursive', origins: await addressesOf(a), onProgress: () => begun.resolve() })
    pinning.catch(() => {})
    await begun.promise
    await b.unpin(cid)

    await expect(pinning).rejects.toThrow(/was removed while it was being fetched/)
    expect(await b.status(cid)).toEqual({ kind: 'unpinned' })
    await b.unpin(cid)
  })

  it('cat() reads no further ahead than a few blocks', async () => {
    const [a, directory] = [await nodes.start(), await nodes.directory()]
    const b = await nodes.start({ directory })
    b.setSiblings(await addressesOf(a))
    const { cid } = await addFile(a, bytesOf(400_000, 19), { chunkSize: 4_000 })

    const reading = b.cat(cid)[Symbol.asyncIterator]()
    const first = await reading.next()
    await reading.next()
    await until(async () => (await countBlocks(directory)) >= 10)

    expect((first.value as Uint8Array).length).toBe(4_000)
    expect(await countBlocks(directory)).toBeLessThanOrEqual(11)
    await reading.return?.(undefined)
  })

  it('cat() says what is wrong with a path', async () => {
    const node = await nodes.start()
    const root = must((await addAll(node, [file('d/e/f.txt', 'text')])).at(-1))

    await expect(read(node, root.cid, { path: 'e/g.txt' })).rejects.toThrow(
      `there is no e/g.txt in ${root.cid.toString()}`,
    )
    await expect(read(node, root.cid, { path: 'e/f.txt/deeper' })).rejects.toThrow(/there is no e\/f.txt\/deeper/)
    await expect(read(node, root.cid, { path: 'e' })).rejects.toThrow(
      `${root.cid.toString()}/e is a directory; give the path of a file in it`,
    )
    expect((await read(node, root.cid, { path: '/e/f.txt' })).toString()).toBe('text')
  })

  it('id() keeps the peer id over a restart and gives addresses that end in it', async () => {
    const directory = await nodes.directory()
    const first = await nodes.start({ directory })
    const { id, addresses } = await first.id()
    await first.stop()

    const again = await (await nodes.start({ directory })).id()

    expect(again.id).toBe(id)
    expect(addresses[0]).toMatch(new RegExp(`^/ip4/127\\.0\\.0\\.1/tcp/\\d+/p2p/${id}$`))
  })

  it('start() of a second node in one directory, or on a taken port, is refused with a reason', async () => {
    const directory = await nodes.directory()
    const [address] = await addressesOf(await nodes.start({ directory }))
    const listen = [must(address).replace(/\/p2p\/.*$/, '')]

    await expect(nodes.start({ directory })).rejects.toThrow(/Cannot open the IPFS node's stores/)
    await expect(nodes.start({ listen })).rejects.toThrow(/cannot listen on/)
  })

  it('stop() during start() waits for it and closes everything', async () => {
    const directory = await nodes.directory()
    const node = nodes.make({ directory })

    const starting = node.start()
    starting.catch(() => {})
    await node.stop()

    await expect(node.id()).rejects.toThrow(StoppedError)
    await expect(nodes.start({ directory })).resolves.toBeDefined()
  })

  it('stop() can be repeated, ends what is pending, and needs no start', async () => {
    const node = await nodes.start()
    const pinning = node.pin(MISSING, { mode: 'recursive' })
    const reading = read(node, MISSING)
    pinning.catch(() => {})
    reading.catch(() => {})
    await until(async () => (await node.status(MISSING)).kind === 'partial')

    await Promise.all([node.stop(), node.stop()])

    await expect(pinning).rejects.toThrow(StoppedError)
    await expect(reading).rejects.toThrow(StoppedError)
    await expect(node.id()).rejects.toThrow(StoppedError)
    await createHeliaConnector({ directory: '/nowhere', listen: [], logger: silentLogger }).stop()
  })
})

async function blockFiles(directory: string): Promise<string[]> {
  const entries = await readdir(join(directory, 'blocks'), { recursive: true })
  return entries.filter((name) => name.endsWith('.data')).toSorted()
}

async function countBlocks(directory: string): Promise<number> {
  return (await blockFiles(directory)).length
}

async function someBlock(directory: string): Promise<string> {
  return join(directory, 'blocks', must((await blockFiles(directory))[0]))
}
