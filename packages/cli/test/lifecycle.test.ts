import { LockedError } from '@pinset/interface'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { FakeCluster, PEERS } from '../../api/test/fake-cluster.ts'
import { startApi } from '../../api/test/api-fixture.ts'
import type { PeerDoor } from '../src/index.ts'
import { targetUrl } from '../src/target.ts'
import { runCommand } from './cli-fixture.ts'

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'pinset-cli-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

type InitOptions = Parameters<PeerDoor['initPeer']>[0]

function recordingInit(): { readonly seen: InitOptions[]; readonly peer: Partial<PeerDoor> } {
  const seen: InitOptions[] = []
  return {
    seen,
    peer: {
      initPeer: async (options) => {
        seen.push(options)
        return { peerId: PEERS[0], directory: options.directory, movedAside: null, replacedPeerId: null }
      },
    },
  }
}

describe('commands/lifecycle.ts', () => {
  it('init makes a cluster of one and says what to do next', async () => {
    const { seen, peer } = recordingInit()
    const ran = await runCommand(['init', '--data', directory, '--name', 'alice'], { peer })

    expect(seen).toEqual([{ directory, name: 'alice', mode: { kind: 'found' } }])
    expect(ran).toMatchObject({ code: 0, stderr: '' })
    expect(ran.stdout).toBe(
      `initialized peer ${PEERS[0]} in ${directory}\nIt is a new cluster of one. Start it with \`pinset start --data ${directory}\`, then invite others with \`pinset invite\`.\n`,
    )
  })

  it('init says how to take out the peer that it has replaced', async () => {
    const initPeer = async (): Promise<Awaited<ReturnType<PeerDoor['initPeer']>>> => ({
      peerId: PEERS[0],
      directory,
      movedAside: join(directory, 'replaced-1'),
      replacedPeerId: PEERS[1],
    })
    const ran = await runCommand(['init', '--data', directory, '--force'], { peer: { initPeer } })

    expect(ran.stdout).toContain(`\`pinset peers rm ${PEERS[1]}\``)
  })

  it('init that hangs ends with the first signal', async () => {
    const interrupt = new AbortController()
    const initPeer = (): Promise<never> => {
      interrupt.abort('SIGTERM')
      return new Promise(() => {})
    }
    const ran = await runCommand(['init', '--data', directory], { peer: { initPeer }, interrupt: interrupt.signal })

    expect(ran.code).toBe(143)
  })

  it('init takes addresses, token and force, and prints JSON', async () => {
    const { seen, peer } = recordingInit()
    const flags = [
      '--listen',
      '/ip4/127.0.0.1/tcp/0',
      '--listen',
      '/ip6/::1/tcp/0',
      '--api',
      '127.0.0.1:0',
      '--force',
      '--json',
    ]
    const ran = await runCommand(['init', '--join', 'token\n', ...flags], { peer, env: { PINSET_PATH: directory } })

    expect(seen).toEqual([
      {
        directory,
        mode: { kind: 'join', token: 'token' },
        listen: ['/ip4/127.0.0.1/tcp/0', '/ip6/::1/tcp/0'],
        api: '127.0.0.1:0',
        force: true,
      },
    ])
    expect(JSON.parse(ran.stdout)).toEqual({ peerId: PEERS[0], directory, movedAside: null, replacedPeerId: null })
  })

  it('init --wait reads the secret from a file or from standard input', async () => {
    const { seen, peer } = recordingInit()
    await writeFile(join(directory, 'cluster.key'), 'the secret\n')
    await runCommand(['init', '--wait', '--secret', join(directory, 'cluster.key')], { peer })
    await runCommand(['init', '--wait', '--secret', '-'], { peer, stdin: 'from stdin\n' })

    expect(seen.map((options) => options.mode)).toEqual([
      { kind: 'wait', secret: 'the secret' },
      { kind: 'wait', secret: 'from stdin' },
    ])
  })

  it.each([
    [['--wait'], /needs --secret/],
    [['--secret', 'x'], /goes with --wait/],
    [['--join', 't', '--wait', '--secret', 'x'], /exclude each other/],
    [['--wait', '--secret', '/nonexistent/file'], /cannot read the secret from \/nonexistent\/file/],
  ])('init %j is refused before anything is made', async (flags, message) => {
    const { seen, peer } = recordingInit()
    const ran = await runCommand(['init', ...flags], { peer })

    expect(ran.code).toBe(1)
    expect(ran.stderr).toMatch(message)
    expect(seen).toEqual([])
  })

  it('start says in one line that it is ready, and stops cleanly with 0 when interrupted', async () => {
    const interrupt = new AbortController()
    let stops = 0
    const peer: Partial<PeerDoor> = {
      startPeer: async ({ logger, directory: started }) => {
        logger.info('Starting', { directory: started })
        return {
          peerId: PEERS[0],
          cluster: new FakeCluster(),
          api: 'http://127.0.0.1:9094',
          addresses: [`/ip4/127.0.0.1/tcp/9096/p2p/${PEERS[0]}`],
          closed: new Promise(() => {}),
          stop: async () => {
            stops += 1
          },
        }
      },
    }
    const ran = await runCommand(['start', '--data', directory], {
      peer,
      interrupt: interrupt.signal,
      onOutput: () => interrupt.abort('SIGTERM'),
    })

    expect(ran.code).toBe(0)
    expect(ran.stdout).toBe(
      `pinset ready: api http://127.0.0.1:9094, peer ${PEERS[0]}, cluster /ip4/127.0.0.1/tcp/9096/p2p/${PEERS[0]}\n`,
    )
    const journal = ran.stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(journal).toMatchObject([
      { msg: 'Starting', directory },
      { msg: 'Stopping', signal: 'SIGTERM' },
    ])
    expect(stops).toBe(1)
  })

  it('start that fails says why and ends with 1', async () => {
    const peer: Partial<PeerDoor> = {
      startPeer: async () => {
        throw new LockedError(`${directory} is in use by process 1; stop it first`)
      },
    }

    expect(await runCommand(['start', '--data', directory], { peer })).toEqual({
      code: 1,
      stdout: '',
      stderr: `pinset: ${directory} is in use by process 1; stop it first\n`,
    })
    expect(await runCommand(['start'], { peer, env: { PINSET_LOG: 'loud' } })).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/PINSET_LOG=loud is no level/),
    })
  })

  it('start of a peer that stops by itself ends with 1', async () => {
    const peer: Partial<PeerDoor> = {
      startPeer: async () => ({
        peerId: PEERS[0],
        cluster: new FakeCluster(),
        api: 'http://127.0.0.1:1',
        addresses: [],
        closed: Promise.resolve(),
        stop: async () => {},
      }),
    }

    expect((await runCommand(['start'], { peer, env: { PINSET_LOG: 'silent' } })).code).toBe(1)
  })
})

describe('target.ts', () => {
  const runFile = (api: string, pid = process.pid): string =>
    JSON.stringify({ pid, peerId: PEERS[0], api, addresses: [] })

  it('a command finds the peer through run.json of its data directory', async () => {
    await using fixture = await startApi()
    await writeFile(join(directory, 'run.json'), runFile(fixture.url))

    expect((await runCommand(['version', '--data', directory])).stdout).toBe('0.1.0-fake\n')
    expect((await runCommand(['version'], { env: { PINSET_PATH: directory } })).stdout).toBe('0.1.0-fake\n')
  })

  it('targetUrl() is the usual port of this machine when nothing is named and no peer was made', async () => {
    await writeFile(join(directory, 'run.json'), runFile('http://127.0.0.1:1'))

    expect(await targetUrl({}, { HOME: directory })).toBe('http://127.0.0.1:9094')
  })

  it('--api goes before --data, --data before PINSET_API, PINSET_API before PINSET_PATH', async () => {
    await using fixture = await startApi()
    await writeFile(join(directory, 'run.json'), runFile('http://127.0.0.1:1'))
    const env = { PINSET_API: fixture.url, PINSET_PATH: directory }
    const port = new URL(fixture.url).port

    expect((await runCommand(['version'], { env })).code).toBe(0)
    expect((await runCommand(['version', '--data', directory], { env })).stderr).toMatch(
      /http:\/\/127.0.0.1:1 did not answer/,
    )
    for (const api of [fixture.url, `127.0.0.1:${port}`, `/ip4/127.0.0.1/tcp/${port}`]) {
      expect((await runCommand(['version', '--data', directory, '--api', api])).code).toBe(0)
    }
  })

  it('a directory without a peer, without a running one, or with a dead one says what to do', async () => {
    const none = await runCommand(['id', '--data', directory])
    await writeFile(join(directory, 'config.json'), '{}')
    const stopped = await runCommand(['id', '--data', directory])
    await writeFile(join(directory, 'run.json'), runFile('http://127.0.0.1:1', 2 ** 22 + 1))
    const dead = await runCommand(['id', '--data', directory])
    await writeFile(join(directory, 'run.json'), '{')
    const broken = await runCommand(['id', '--data', directory])

    expect(none).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`make one with \`pinset init --data ${directory}\``),
    })
    for (const ran of [stopped, dead]) {
      expect(ran).toEqual({
        code: 1,
        stdout: '',
        stderr: `pinset: no peer is running in ${directory}; start it with \`pinset start --data ${directory}\`\n`,
      })
    }
    expect(broken).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('run.json is not what a running peer writes'),
    })
  })
})
