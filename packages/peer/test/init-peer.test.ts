import { copyFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { silentLogger } from '@pinset/interface'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { initPeer } from '../src/init-peer.ts'
import { startPeer } from '../src/start-peer.ts'

let root: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'pinset-init-'))
})
afterEach(() => rm(root, { recursive: true }))

const found = (directory: string, more: { readonly force?: boolean; readonly api?: string } = {}) =>
  initPeer({ directory, mode: { kind: 'found' }, listen: ['/ip4/127.0.0.1/tcp/0'], api: '127.0.0.1:0', ...more })

describe('init-peer.ts', () => {
  it('initPeer() makes missing parents, for their owner only', async () => {
    await found(join(root, 'a', 'b'))
    expect((await stat(join(root, 'a'))).mode & 0o777).toBe(0o700)
  })

  it('initPeer() names the path below which no directory can be made, and ends', async () => {
    await writeFile(join(root, 'file'), '')
    await expect(found(join(root, 'file', 'x', 'y'))).rejects.toThrow(join(root, 'file'))
  })

  it.runIf(process.platform === 'linux')(
    'initPeer() ends where directories are refused as if they were missing',
    async () => {
      await expect(found('/proc/pinset/x')).rejects.toThrow(/cannot write to \/proc\/pinset: /)
    },
  )

  it('initPeer() with force says which peer it has replaced', async () => {
    const first = await found(join(root, 'a'))
    const second = await found(join(root, 'a'), { force: true })
    expect(first.replacedPeerId).toBeNull()
    expect(second.replacedPeerId).toBe(first.peerId)
  })

  it('initPeer() refuses a wrong address for the API in words', async () => {
    await expect(found(join(root, 'a'), { api: 'foo' })).rejects.toThrow(
      /"foo" is not an address for the API: give HOST:PORT/,
    )
  })

  it('startPeer() refuses the identity of another peer and names both; older configs do not say whose they are', async () => {
    const [a, b] = [await found(join(root, 'a')), await found(join(root, 'b'))]
    await copyFile(join(root, 'b', 'identity.json'), join(root, 'a', 'identity.json'))
    const starting = startPeer({ directory: join(root, 'a'), logger: silentLogger })

    await expect(starting).rejects.toThrow(a.peerId)
    await expect(starting).rejects.toThrow(b.peerId)
    const { peerId, ...older } = JSON.parse(await readFile(join(root, 'b', 'config.json'), 'utf8')) as {
      peerId: string
    }
    expect(peerId).toBe(b.peerId)
    await writeFile(join(root, 'b', 'config.json'), JSON.stringify(older))
    const running = await startPeer({ directory: join(root, 'b'), logger: silentLogger })
    await running.stop()
  })
})
