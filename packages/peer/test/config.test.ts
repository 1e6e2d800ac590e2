import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { InvalidRequestError } from '@pinset/interface'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { apiAddress, newConfig, readConfig, writeConfig } from '../src/config.ts'
import { dataDirectory, type DataDirectory, writeFileWhole } from '../src/data-directory.ts'
import {
  createIdentity,
  readClusterKey,
  readIdentity,
  secretToSwarmKey,
  swarmKeyToHex,
  writeClusterKey,
} from '../src/keys.ts'
import { recallPorts, rememberPorts } from '../src/ports-file.ts'

describe('the files of a data directory', () => {
  let directory: DataDirectory

  beforeEach(async () => {
    directory = dataDirectory(await mkdtemp(join(tmpdir(), 'pinset-config-')))
  })

  afterEach(async () => {
    await rm(directory.path, { recursive: true })
  })

  it('readConfig() gives back what writeConfig() wrote', async () => {
    const config = newConfig({ name: 'a', listen: ['/ip4/127.0.0.1/tcp/0'], api: '127.0.0.1:0' })
    await writeConfig(directory, config)
    expect(await readConfig(directory)).toEqual(config)
  })

  it('newConfig() puts the IPFS node beside the cluster: on 4001 with the default port, on a free port otherwise', () => {
    expect(newConfig({ name: 'a' }).ipfs.listen).toEqual(['/ip4/0.0.0.0/tcp/4001'])
    expect(newConfig({ name: 'a', listen: ['/ip4/127.0.0.1/tcp/7000', '/ip6/::1/tcp/0'] }).ipfs.listen).toEqual([
      '/ip4/127.0.0.1/tcp/0',
      '/ip6/::1/tcp/0',
    ])
  })

  it('readConfig() names the file and the field that is wrong', async () => {
    await expect(readConfig(directory)).rejects.toThrow(/pinset init/)
    await writeFile(directory.config, '{')
    await expect(readConfig(directory)).rejects.toThrow(/config\.json is not JSON/)
    const config = newConfig({ name: 'a' })
    await writeFile(directory.config, JSON.stringify({ ...config, tracker: { concurrency: 0 } }))
    await expect(readConfig(directory)).rejects.toThrow(/config\.json: \/tracker\/concurrency/)
    await writeFile(directory.config, JSON.stringify({ ...config, surprise: 1 }))
    await expect(readConfig(directory)).rejects.toThrow(InvalidRequestError)
    await writeFile(directory.config, JSON.stringify({ ...config, cluster: { ...config.cluster, heartbeatMs: 900 } }))
    await expect(readConfig(directory)).rejects.toThrow(/heartbeatMs/)
  })

  it('apiAddress() splits names, IPv4 and IPv6, and refuses the rest', () => {
    expect(apiAddress('127.0.0.1:9094')).toEqual({ host: '127.0.0.1', port: 9094 })
    expect(apiAddress('[::1]:0')).toEqual({ host: '::1', port: 0 })
    expect(apiAddress('localhost:1')).toEqual({ host: 'localhost', port: 1 })
    for (const text of ['9094', '127.0.0.1', '127.0.0.1:', ':9094', '127.0.0.1:70000', 'http://a:1', '::1:1']) {
      expect(() => apiAddress(text), text).toThrow(/HOST:PORT/)
    }
  })

  it('identity and secret are readable by their owner only, and come back', async () => {
    const { peerId } = await createIdentity(directory)
    expect((await readIdentity(directory)).peerId).toBe(peerId)
    const swarmKey = secretToSwarmKey('0A'.repeat(32))
    await writeClusterKey(directory, swarmKey)
    expect(swarmKeyToHex(await readClusterKey(directory))).toBe('0a'.repeat(32))
    for (const path of [directory.identity, directory.clusterKey]) expect((await stat(path)).mode & 0o077).toBe(0)
  })

  it('a damaged identity or secret is refused by name', async () => {
    await expect(readIdentity(directory)).rejects.toThrow(/identity\.json is missing/)
    await writeFile(directory.identity, '{"id":"x","private_key":"AAAA"}')
    await expect(readIdentity(directory)).rejects.toThrow(/identity\.json/)
    await writeFile(directory.clusterKey, 'nonsense')
    await expect(readClusterKey(directory)).rejects.toThrow(/cluster\.key/)
    expect(() => secretToSwarmKey('abc')).toThrow(/64 hex digits/)
  })

  it('D1 writeFileWhole() leaves nothing beside the file', async () => {
    await writeFileWhole(directory.run, 'one')
    await writeFileWhole(directory.run, 'two')
    expect(await readdir(directory.path)).toEqual(['run.json'])
  })

  it('recallPorts() gives a remembered port to an address with port 0, and to no other', async () => {
    const listen = ['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/7000']
    expect(await recallPorts(directory, listen)).toEqual(listen)
    await rememberPorts(directory, listen, ['/ip4/127.0.0.1/tcp/1/p2p/x', '/ip4/127.0.0.1/tcp/7000/p2p/x'])
    expect(await recallPorts(directory, listen)).toEqual(['/ip4/127.0.0.1/tcp/1', '/ip4/127.0.0.1/tcp/7000'])
    await writeFile(directory.ports, 'nonsense')
    expect(await recallPorts(directory, listen)).toEqual(listen)
  })
})
