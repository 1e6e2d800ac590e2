import { DEFAULT_PIN_OPTIONS, NoLeaderError } from '@pinset/interface'
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CID } from 'multiformats/cid'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import type { ApiFixture } from '../../api/test/api-fixture.ts'
import { startApi } from '../../api/test/api-fixture.ts'
import { cidOf, FakeCluster, PEERS } from '../../api/test/fake-cluster.ts'
import { against, runCommand } from './cli-fixture.ts'
import type { Ran, RunOptions } from './cli-fixture.ts'

let fixture: ApiFixture
let cluster: FakeCluster
let pinset: (argv: readonly string[], options?: RunOptions) => Promise<Ran>
let cid: CID
let text: string
let directory: string

beforeAll(async () => {
  fixture = await startApi()
  cluster = fixture.cluster
  pinset = against(fixture)
  cid = await cidOf('a')
  text = cid.toString()
  directory = await mkdtemp(join(tmpdir(), 'pinset-cli-'))
})
afterAll(async () => {
  await fixture.api.stop()
  await rm(directory, { recursive: true, force: true })
})
beforeEach(() => {
  Object.assign(cluster, new FakeCluster())
})

function jsonLines(ran: Ran): Record<string, unknown>[] {
  return ran.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

describe('commands/pin.ts', () => {
  it('pin add pins with its options and prints the status as ipfs-cluster-ctl does', async () => {
    const ran = await pinset([
      'pin',
      'add',
      text,
      '--name',
      'n',
      '--rmin',
      '1',
      '--replication-max',
      '2',
      '--metadata',
      'k=v=w',
      '--expire-in',
      '1h',
      '--allocations',
      `${PEERS[1]},${PEERS[2]}`,
    ])

    const peers = [...PEERS]
      .sort()
      .map(
        (peer) =>
          `    > ${`p${PEERS.indexOf(peer)}`.padEnd(20)} : PINNED | 2026-01-01T00:00:00.000Z | Attempts: 0 | Priority: false\n`,
      )
    expect(ran).toEqual({ code: 0, stderr: '', stdout: `${text} | n:\n${peers.join('')}` })
    expect(cluster.records.get(text)?.pin).toMatchObject({
      name: 'n',
      replicationFactorMin: 1,
      replicationFactorMax: 2,
      metadata: { k: 'v=w' },
      userAllocations: [PEERS[1], PEERS[2]],
      expireAtMs: expect.any(Number),
    })
  })

  it('pin add --no-status prints the pin; with --json exactly the JSON of the API', async () => {
    const plain = await pinset(['pin', 'add', `/ipfs/${text}`, '--ns', '-r', '2', '--mode', 'direct', '-n', 'n'])
    const json = await pinset(['pin', 'add', text, '--no-status', '--json'])

    expect(plain.stdout).toBe(
      `${text} | n | PIN-DIRECT | Repl. Factor: 2--2 | Allocations: [${[PEERS[0], PEERS[1]].sort().join(' ')}] | Direct | Metadata: no | Exp: ∞ | Added: 2026-01-01 00:00:00\n`,
    )
    const answer = await fetch(`${fixture.url}/allocations/${text}`)
    expect(jsonLines(json)).toEqual([await answer.json()])
  })

  it('pin add --wait says on standard error how far it is and ends when every peer has it', async () => {
    cluster.statuses.set(text, ['pin_queued', 'pinning', 'pinned'])
    const ran = await pinset(['pin', 'add', text, '--wait'])

    expect(ran.code).toBe(0)
    expect(ran.stderr).toBe(
      [
        `${text}: pinned on 0 of 3 peers`,
        `${text}: pinned on 0 of 3 peers, 21 blocks, 12.3 kB`,
        `${text}: pinned on 3 of 3 peers`,
        '',
      ].join('\n'),
    )
    expect(ran.stdout).toMatch(/: PINNED/)
  })

  it('pin add --wait draws a bar on a terminal', async () => {
    cluster.statuses.set(text, ['pinning', 'pinned'])
    const ran = await pinset(['pin', 'add', text, '--wait'], { terminal: true })

    expect(ran.stderr).toMatch(/pinned \[.*\] 0\/3 peers \| 21 blocks \| 12\.3 kB/)
    expect(ran.stdout).toMatch(/: PINNED/)
  })

  it('pin add --wait --wait-timeout ends with 62, says what failed, and the pin stays', async () => {
    cluster.statuses.set(text, ['pin_error'])
    const ran = await pinset(['pin', 'add', text, '--wait', '--wait-timeout', '50ms'])

    expect(ran.code).toBe(62)
    expect(ran.stderr).toMatch(/p0 pin_error: no space left/)
    expect(ran.stderr).toMatch(/waited 0.05 s: .* is pinned on 0 of 3 peers; it stays in the pinset/)
    expect(cluster.records.has(text)).toBe(true)
  })

  it('pin rm --wait ends when no peer has it any more', async () => {
    await pinset(['pin', 'add', text])
    cluster.statuses.set(text, ['unpinning', 'unpinned'])
    const ran = await pinset(['pin', 'rm', '-w', text])

    expect(ran.code).toBe(0)
    expect(ran.stderr).toContain('unpinned on 3 of 3 peers')
    expect(cluster.records.size).toBe(0)
  })

  it('pin rm of what is not pinned ends with 2 and the words of the API', async () => {
    expect(await pinset(['pin', 'rm', text])).toEqual({
      code: 2,
      stdout: '',
      stderr: 'pinset: pin is not part of the pinset\n',
    })
    expect((await pinset(['pin', 'rm', text, '--json'])).stderr).toBe(
      '{"code":404,"message":"pin is not part of the pinset"}\n',
    )
  })

  it('pin ls lists the pinset or one pin of it', async () => {
    expect(await pinset(['pin', 'ls'])).toEqual({ code: 0, stdout: '', stderr: '' })
    await pinset(['pin', 'add', text, '-n', 'one'])
    await pinset(['pin', 'add', (await cidOf('b')).toString()])

    expect((await pinset(['pin', 'ls'])).stdout.trimEnd().split('\n')).toHaveLength(2)
    expect((await pinset(['pin', 'ls', text])).stdout).toBe(
      `${text} | one | PIN | Repl. Factor: -1 | Allocations: [everywhere] | Recursive | Metadata: no | Exp: ∞ | Added: 2026-01-01 00:00:00\n`,
    )
    expect(jsonLines(await pinset(['--json', 'pin', 'ls']))).toHaveLength(2)
    expect((await pinset(['pin', 'ls', (await cidOf('z')).toString()])).code).toBe(2)
  })

  it.each([
    [['pin', 'add'], /missing required argument/],
    [['pin', 'add', 'nonsense'], /not a CID/],
    [['pin', 'add', 'CID', '--mode', 'sideways'], /Allowed choices are recursive, direct/],
    [['pin', 'add', 'CID', '--expire-in', 'bogus'], /not a duration/],
    [['pin', 'add', 'CID', '--expire-in', '500ms'], /at least 1s/],
    [['pin', 'add', 'CID', '-r', 'x'], /whole number/],
    [['start', '--api', '127.0.0.1:0'], /api.listen/],
    [['pin', 'add', 'CID', '--metadata', 'x'], /key=value/],
    [['pin', 'add', 'CID', '--allocations', 'bob'], /not a peer id/],
    [['pin', 'add', 'CID', '--no-such-option'], /unknown option/],
    [['pin', 'frobnicate'], /unknown command/],
    [['stauts'], /Did you mean status/],
    [['status', '--filter', 'nonsense'], /option filter is invalid/],
    [['peers', 'rm', 'bob'], /not a peer id/],
    [['id', '--timeout', '0'], /longer than nothing/],
  ])('%j is a request problem: exit 1, nothing asked of the cluster', async (argv, message) => {
    const ran = await pinset(argv.map((word) => (word === 'CID' ? text : word)))

    expect(ran.code).toBe(1)
    expect(ran.stderr).toMatch(message)
    expect(ran.stderr).not.toContain('    at ')
    expect(ran.stdout).toBe('')
    expect(cluster.calls).toEqual([])
  })
})

describe('commands/content.ts', () => {
  it('add sends files and directories, prints as ipfs-cluster-ctl, and cat brings the bytes back', async () => {
    const tree = join(directory, 'tree')
    const content = randomBytes(700_000)
    await mkdir(join(tree, 'sub'), { recursive: true })
    await writeFile(join(tree, 'sub', 'a b.bin'), content)
    await writeFile(join(tree, '.hidden'), 'h')
    await writeFile(join(tree, 'z.txt'), 'z')
    await symlink('z.txt', join(tree, 'link'))
    const ran = await pinset(['add', '--name', 'n', '--wait', tree])
    const [first = ''] = ran.stdout.split('\n')

    expect(ran.code).toBe(0)
    expect(
      ran.stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.split(' ').slice(2).join(' ')),
    ).toEqual(['tree/sub/a b.bin', 'tree/z.txt', 'tree/sub', 'tree'])
    expect(ran.stderr).toMatch(/left out .*link: it is a symbolic link/)
    expect(ran.stderr).toMatch(/pinned on 3 of 3 peers/)
    expect([...cluster.records.values()].map(({ pin }) => pin.name)).toEqual(['n'])
    const bytes: string[] = []
    const cat = await pinset(['cat', `${first.split(' ')[1]}/x`], { onOutput: (piece) => bytes.push(piece) })
    expect(cat.code).toBe(0)
    expect(cluster.calls.at(-1)).toMatchObject({ method: 'cat', options: { path: 'x' } })
    expect(cat.stdout).toBe(content.toString())
  })

  it('add prints JSON, CIDs only, or only those of the roots', async () => {
    const file = join(directory, 'f.txt')
    await writeFile(file, 'A')
    const cidOfA = (await cidOf('A')).toString()

    expect(jsonLines(await pinset(['add', '--json', file]))).toEqual([
      { name: 'f.txt', cid: cidOfA, bytes: 1, size: 1 },
    ])
    expect((await pinset(['add', '-q', file])).stdout).toBe(`${cidOfA}\n`)
    expect((await pinset(['add', '-Q', '-w', file])).stdout.trimEnd().split('\n')).toHaveLength(1)
    expect(
      (await pinset(['add', '--no-pin', '-H', '-s', 'size-1024', '--cid-version', '1', '--raw-leaves', directory]))
        .code,
    ).toBe(0)
    expect(cluster.calls.at(-1)?.options).toMatchObject({ cidVersion: 1, chunkSize: 1024, rawLeaves: true })
  })

  it('add of what is not there, or twice the same name, sends nothing', async () => {
    const missing = await pinset(['add', join(directory, 'none')])
    await writeFile(join(directory, 'same'), 'A')
    const twice = await pinset(['add', join(directory, 'same'), join(directory, 'same')])

    expect(missing).toMatchObject({ code: 1, stderr: expect.stringMatching(/there is no such file or directory/) })
    expect(twice).toMatchObject({ code: 1, stderr: expect.stringMatching(/two of the paths are named same/) })
    expect(cluster.calls).toEqual([])
  })

  it('add whose pin fails ends with 2 and never says that the root was added', async () => {
    cluster.failures.set('pin', new NoLeaderError('no quorum: 1 of 3 voters reachable'))
    await writeFile(join(directory, 'g.txt'), 'A')

    expect(await pinset(['add', join(directory, 'g.txt')])).toEqual({
      code: 2,
      stdout: '',
      stderr: 'pinset: no quorum: 1 of 3 voters reachable\n',
    })
  })

  it('add shows a bar on a terminal', async () => {
    await writeFile(join(directory, 'h.bin'), randomBytes(1_000_000))
    const ran = await pinset(['add', join(directory, 'h.bin')], { terminal: true })

    expect(ran.stderr).toMatch(/adding \[.*\] 0% \| 0 B/)
  })
})

describe('commands/status.ts', () => {
  it('status lists every pin, some, or those with a status; recover tries again', async () => {
    const other = (await cidOf('b')).toString()
    await pinset(['pin', 'add', text])
    await pinset(['pin', 'add', other])
    cluster.statuses.set(text, ['pin_error'])

    expect((await pinset(['status'])).stdout.match(/^baf/gm)).toHaveLength(2)
    expect((await pinset(['status', other, text])).stdout).toMatch(
      new RegExp(`^${other}:[^]*\n${text}:\n.*PIN_ERROR: no space left \\|`),
    )
    expect((await pinset(['status', '--filter', 'error', '--local', '--json'])).stdout).toContain(text)
    expect((await pinset(['status', '--filter', 'queued'])).stdout).toBe('')
    expect(jsonLines(await pinset(['recover', '--json'])).map((info) => info['cid'])).toEqual([text])
    expect((await pinset(['recover', text, '--local'])).stdout).toMatch(/PINNED/)
  })
})

describe('commands/peers.ts', () => {
  it('id and peers ls print as ipfs-cluster-ctl', async () => {
    const block = (index: number): string =>
      [
        `${PEERS[index]} | p${index} | Sees 2 other peers`,
        '  > Addresses:',
        `    - /ip4/10.0.0.${index + 1}/tcp/9096/p2p/${PEERS[index]}`,
        `  > IPFS: ${PEERS[index]}`,
        `    - /ip4/10.0.0.${index + 1}/tcp/4001/p2p/${PEERS[index]}`,
        '',
      ].join('\n')

    expect((await pinset(['id'])).stdout).toBe(block(0))
    expect((await pinset(['peers', 'ls'])).stdout).toBe([0, 1, 2].map(block).join(''))
    expect(jsonLines(await pinset(['peers', 'ls', '--json'])).map((peer) => peer['id'])).toEqual([...PEERS])
  })

  it('peers add and peers rm change the peers; an unknown peer is refused', async () => {
    expect((await pinset(['peers', 'rm', PEERS[2]])).stdout).toBe(`removed ${PEERS[2]}\n`)
    expect((await pinset(['peers', 'rm', PEERS[2]])).code).toBe(2)
    expect((await pinset(['peers', 'add', `/ip4/1.2.3.4/tcp/9096/p2p/${PEERS[2]}`])).stdout).toContain(PEERS[2])
    const members = cluster
      .clusterStatus()
      .members.map((member) => Object.assign({ ...member }, { suffrage: 'learner' }))
    cluster.clusterStatusChanges = { members }
    const added = await pinset(['peers', 'add', `/ip4/1.2.3.4/tcp/9096/p2p/${PEERS[2]}`])
    expect(added.stdout).toMatch(/\nadded as a learner; it becomes a voter once it has caught up/)
    const refused = await pinset(['peers', 'add', PEERS[2]])
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/^pinset: a multiaddr is needed/) })
  })

  it('invite prints the token and nothing else', async () => {
    expect(await pinset(['invite'])).toEqual({ code: 0, stdout: 'pinset1-token-of-the-fake\n', stderr: '' })
  })
})

describe('commands/cluster.ts', () => {
  it('cluster status prints leader, quorum and members; --json the JSON of the API', async () => {
    const members = cluster
      .clusterStatus()
      .members.map((member, index) => Object.assign({ ...member }, { reachable: index < 2 }))
    cluster.clusterStatusChanges = { members, quorum: { size: 2, reachable: 2, tolerates: 0 } }
    const ran = await pinset(['cluster', 'status'])

    expect(ran.stdout).toMatch(
      /^cluster (?:ab){32} \| epoch 1\npeer {4}12D3\S+ \| member \| leader\nleader {2}12D3\S+ \| p0 \| term 3\n/,
    )
    expect(ran.stdout).toMatch(/quorum {2}2 of 3 voters reachable, 2 needed, 0 failures tolerated/)
    expect(ran.stdout).toMatch(/> p2 {19}: voter \| UNREACHABLE \| match 0 \| \/ip4\/10.0.0.3/)
    const answer = await fetch(`${fixture.url}/cluster`)
    expect(jsonLines(await pinset(['cluster', 'status', '--json']))).toEqual([await answer.json()])
  })

  it('version prints the version of the peer, --version its own', async () => {
    expect((await pinset(['version'])).stdout).toBe('0.1.0-fake\n')
    expect(await pinset(['--version'])).toMatchObject({ code: 0, stdout: '0.1.0\n' })
  })
})

describe('run.ts', () => {
  it('every command has help with an example', async () => {
    const commands =
      'init,start,id,invite,pin add,pin rm,pin ls,add,cat,status,recover,peers ls,peers add,peers rm,cluster status,version'
    for (const command of commands.split(',')) {
      const ran = await runCommand([...command.split(' '), '--help'])

      expect(ran.code).toBe(0)
      expect(ran.stdout).toMatch(new RegExp(`Example:\n  \\$ .*pinset ${command}`))
      expect(ran.stdout).toContain('--data <dir>')
    }
  })

  it('--timeout ends a command that gets no answer with 62', async () => {
    cluster.hang = true

    expect(await pinset(['pin', 'add', text, '--timeout', '50ms'])).toEqual({
      code: 62,
      stdout: '',
      stderr: 'pinset: timed out after 0.05 s; see --timeout\n',
    })
  })

  it('an interrupt ends a command with 130, also while it waits', async () => {
    cluster.statuses.set(text, ['pinning'])
    const interrupt = new AbortController()
    const running = pinset(['pin', 'add', text, '--wait'], { interrupt: interrupt.signal })
    while (!cluster.calls.some((call) => call.method === 'status'))
      await new Promise((resolve) => setImmediate(resolve))
    interrupt.abort('SIGINT')

    expect(await running).toMatchObject({ code: 130, stderr: expect.stringContaining('it stays in the pinset') })
  })
})

describe('usage errors', () => {
  it.each([
    [['cat', 'xx'], 'not a CID: "xx"; a CID looks like bafy… or Qm…'],
    [['peers', 'rm', 'nope'], 'not a peer id: "nope"; a peer id looks like 12D3KooW…'],
    [
      ['peers', 'add', 'foo'],
      'a multiaddr is needed to reach the new peer, not "foo": it looks like /ip4/…/tcp/9096/p2p/12D3KooW…; `pinset id` prints it there',
    ],
    [
      ['pin', 'ls', '--filter', 'foo'],
      `option '--filter <types>' argument 'foo' is invalid. "foo" is no type of pin; there are all, pin, meta-pin, clusterdag-pin, shard-pin`,
    ],
    [['peers', 'rm'], "missing required argument 'peer'"],
  ])('%j says what is wrong, as JSON with --json', async (argv, message) => {
    expect(await pinset(argv)).toEqual({ code: 1, stdout: '', stderr: `pinset: ${message}\n` })
    const ran = await pinset([...argv, '--json'])
    expect(ran).toMatchObject({ code: 1, stdout: '' })
    expect(JSON.parse(ran.stderr)).toEqual({ code: 0, message })
  })

  it('a group of commands without a command shows its help', async () => {
    const ran = await pinset(['peers'])
    expect(ran.code).toBe(1)
    expect(ran.stderr).toMatch(/^Usage: pinset peers/)
  })
})

describe('format.ts', () => {
  it('names from elsewhere reach a terminal only as something to see', async () => {
    const name = '\u001b]0;x\u0007\n\u009b2J\u007f\u2028\u202e é 👩‍🚀'
    await cluster.pin({ ...DEFAULT_PIN_OPTIONS, cid, name })
    const shown = String.raw`\x1b]0;x\x07\x0a\x9b2J\x7f\u2028\u202e é 👩‍🚀`

    expect((await pinset(['pin', 'ls'])).stdout).toContain(`${text} | ${shown} | PIN`)
    expect((await pinset(['status'])).stdout).toContain(`${text} | ${shown}:\n`)
    const json = await pinset(['pin', 'ls', '--json'])
    expect(json.stdout.trimEnd()).not.toMatch(/[\p{Cc}\u2028\u202e]/u)
    expect(jsonLines(json)[0]?.['name']).toBe(name)
  })
})
