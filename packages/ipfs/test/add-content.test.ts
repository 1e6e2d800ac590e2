import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

import { NotFoundError } from '@pinset/interface'
import type { AddEntry } from '@pinset/interface'
import { CID } from 'multiformats/cid'
import { create as createDigest } from 'multiformats/hashes/digest'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { HeliaConnector } from '../src/index.ts'
import { addAll, addFile, bytesOf, collect, file, must, read, streamOf, TestNodes } from './test-nodes.ts'

const nodes = new TestNodes()
let node: HeliaConnector

beforeAll(async () => {
  node = await nodes.start()
})
afterAll(() => nodes.close())

describe('HeliaConnector.add', () => {
  it('add() gives an empty file the CIDs of `ipfs add`', async () => {
    const v1 = await addFile(node, new Uint8Array(0))
    const v0 = await addFile(node, new Uint8Array(0), { cidVersion: 0 })

    expect(v1.cid.toString()).toBe('bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku')
    expect(v1).toMatchObject({ path: 'file', contentBytes: 0, dagBytes: 0 })
    expect(v0.cid.toString()).toBe('QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH')
  })

  it('add() gives a small file the CIDs of `ipfs add`', async () => {
    const bytes = Buffer.from('hello world\n')

    const v1 = await addFile(node, bytes)
    const v0 = await addFile(node, bytes, { cidVersion: 0 })

    expect(v1.cid.toString()).toBe('bafkreifjjcie6lypi6ny7amxnfftagclbuxndqonfipmb64f2km2devei4')
    expect(v1).toMatchObject({ contentBytes: 12, dagBytes: 12 })
    expect(v0.cid.toString()).toBe('QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o')
    expect(v0).toMatchObject({ contentBytes: 12, dagBytes: 20 })
  })

  it('add() cuts files into leaves of 262144 bytes under nodes of 174 links', async () => {
    const chunk = 1024
    const bytes = bytesOf(chunk * 175 + 7, 1)

    const small = await addFile(node, bytesOf(262_144 + 1, 2))
    const deep = await addFile(node, bytes, { chunkSize: chunk })

    expect(small.cid.toString()).toBe(fileCid(bytesOf(262_144 + 1, 2), 262_144))
    expect(deep.cid.toString()).toBe(fileCid(bytes, chunk))
    expect(deep.contentBytes).toBe(bytes.length)
    expect(deep.dagBytes).toBeGreaterThan(bytes.length)
  })

  it('add() does not depend on how the content is cut into parts', async () => {
    const bytes = bytesOf(600_000, 3)
    const parts: Uint8Array[] = []
    for (let at = 0; at < bytes.length; at += 7_777) parts.push(bytes.subarray(at, at + 7_777))

    const [entry] = await addAll(node, [file('file', ...parts)])

    expect(entry?.cid.toString()).toBe(fileCid(bytes, 262_144))
  })

  it('add() yields each file, then each directory, children first and the root last', async () => {
    const added = await addAll(node, [
      { path: 'd' },
      file('d/a.txt', 'a'),
      { path: 'd/empty' },
      { path: 'd/e' },
      file('d/e/ü ☃.txt', 'snow'),
      file('d/implied/b.txt', 'b'),
    ])

    expect(added.map((entry) => entry.path)).toEqual([
      'd/a.txt',
      'd/e/ü ☃.txt',
      'd/implied/b.txt',
      'd/e',
      'd/implied',
      'd/empty',
      'd',
    ])
    expect((await read(node, must(added.at(-1)).cid, { path: 'e/ü ☃.txt' })).toString()).toBe('snow')
  })

  it('add() gives an empty directory the CIDs of `ipfs add`', async () => {
    const [v1] = await addAll(node, [{ path: 'd' }])
    const [v0] = await addAll(node, [{ path: 'd' }], { cidVersion: 0 })

    expect(v1?.cid.toString()).toBe('bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354')
    expect(v1).toMatchObject({ path: 'd', contentBytes: 0, dagBytes: 4 })
    expect(v0?.cid.toString()).toBe('QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn')
  })

  it('add() wraps in one more directory', async () => {
    const added = await addAll(node, [file('a', 'a'), file('b', 'b')], { wrapWithDirectory: true })

    expect(added.map((entry) => entry.path)).toEqual(['a', 'b', ''])
    expect((await read(node, must(added.at(-1)).cid, { path: 'b' })).toString()).toBe('b')
  })

  it('add() shards a directory of many names, and each can be read', async () => {
    const entries = Array.from({ length: 4_000 }, (_, i) => file(`d/${'name '.repeat(12)}${i}`, 'x'))

    const added = await addAll(node, entries)

    const root = must(added.at(-1))
    expect(added).toHaveLength(4_001)
    expect((await read(node, root.cid, { path: `${'name '.repeat(12)}2345` })).toString()).toBe('x')
    await expect(read(node, root.cid, { path: 'no such name' })).rejects.toThrow(NotFoundError)
    await expect(read(node, root.cid)).rejects.toThrow(/is a directory/)
  }, 20_000)

  it('add() reads one entry to its end before it asks for the next', async () => {
    let open = 0
    async function* content(): AsyncGenerator<Uint8Array> {
      open += 1
      expect(open).toBe(1)
      yield bytesOf(300_000, 4)
      yield bytesOf(300_000, 5)
      open -= 1
    }
    async function* entries(): AsyncGenerator<AddEntry> {
      for (let i = 0; i < 5; i += 1) {
        expect(open).toBe(0)
        yield { path: `d/${i}`, content: content() }
      }
    }

    await expect(collect(node.add(entries()))).resolves.toHaveLength(6)
  })

  it('add() does not read far ahead of what is stored', async () => {
    const directory = await nodes.directory()
    const own = await nodes.start({ directory })
    const ahead: number[] = []
    async function* content(): AsyncGenerator<Uint8Array> {
      for (let given = 0; given < 400; given += 1) {
        if (given % 50 === 49)
          ahead.push(
            given -
              (await readdir(join(directory, 'blocks'), { recursive: true })).filter((name) => name.endsWith('.data'))
                .length,
          )
        yield bytesOf(10_000, 1_000 + given)
      }
    }

    const [entry] = await collect(own.add(streamOf([{ path: 'big', content: content() }]), { chunkSize: 10_000 }))

    expect(entry?.contentBytes).toBe(4_000_000)
    expect(Math.max(...ahead)).toBeLessThanOrEqual(60)
  })

  it.each([
    ['../a', 'a'],
    ['/a', 'a'],
    ['a//b', 'a'],
    ['a/.', 'a'],
    ['a\\/b', 'a'],
  ])('add() refuses the path %s', async (path) => {
    await expect(addAll(node, [file(path, 'x')])).rejects.toThrow(/a path is relative/)
  })

  it('add() refuses a second entry with the same path, and a file below a file', async () => {
    await expect(addAll(node, [file('a', '1'), file('a', '2')])).rejects.toThrow(/another entry with this path/)
    await expect(addAll(node, [file('a', '1'), file('a/b', '2')])).rejects.toThrow(/was added as a file/)
    await expect(addAll(node, [])).rejects.toThrow(/Nothing was given/)
  })

  it('add() ends with the reason of its signal while it waits for content', async () => {
    const controller = new AbortController()
    async function* content(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('a')
      controller.abort(new Error('enough'))
      await new Promise(() => {})
    }

    const adding = collect(node.add(streamOf([{ path: 'a', content: content() }]), { signal: controller.signal }))

    await expect(adding).rejects.toThrow('enough')
  })
})

/** The CID of a file as Kubo makes it, by hand: raw leaves, 174 links a node, protobuf as the specification has it. */
function fileCid(bytes: Uint8Array, chunkSize: number): string {
  interface Node {
    readonly cid: CID
    readonly content: number
    readonly dag: number
  }
  let level: Node[] = []
  for (let at = 0; at < bytes.length; at += chunkSize) {
    const chunk = bytes.subarray(at, at + chunkSize)
    level.push({ cid: cidOf(0x55, chunk), content: chunk.length, dag: chunk.length })
  }
  while (level.length > 1) {
    const above: Node[] = []
    for (let at = 0; at < level.length; at += 174) {
      const children = level.slice(at, at + 174)
      const content = children.reduce((sum, child) => sum + child.content, 0)
      const links = children.map((child) => {
        const link = [field(1, child.cid.bytes), Buffer.from([0x12, 0]), Buffer.from([0x18]), varint(child.dag)]
        return field(2, Buffer.concat(link))
      })
      const sizes = children.flatMap((child) => [Buffer.from([0x20]), varint(child.content)])
      const unixfs = Buffer.concat([Buffer.from([0x08, 0x02, 0x18]), varint(content), ...sizes])
      const block = Buffer.concat([...links, field(1, unixfs)])
      above.push({
        cid: cidOf(0x70, block),
        content,
        dag: block.length + children.reduce((sum, child) => sum + child.dag, 0),
      })
    }
    level = above
  }
  return must(level[0]).cid.toString()
}

function cidOf(code: number, bytes: Uint8Array): CID {
  return CID.createV1(code, createDigest(0x12, createHash('sha256').update(bytes).digest()))
}

function field(number: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | 2]), varint(bytes.length), bytes])
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  for (; value >= 0x80; value = Math.floor(value / 128)) bytes.push((value % 128) | 0x80)
  return Buffer.from([...bytes, value])
}
