import { spawn } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

import { startApi } from '../../api/test/api-fixture.ts'
import { cidOf } from '../../api/test/fake-cluster.ts'

const BIN = fileURLToPath(new URL('../bin/pinset.js', import.meta.url))
// Runs the sources of this repository in place of what was built from them.
const FROM_SOURCES = { NODE_OPTIONS: '--conditions=pinset-source' }
const SYSTEM_NODE = '/usr/bin/node'

interface Spawned {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

function pinset(argv: readonly string[], env: Record<string, string>, node = process.execPath): Promise<Spawned> {
  return new Promise((resolve, reject) => {
    const child = spawn(node, [BIN, ...argv], {
      env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', ...env },
    })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
}

describe('bin/pinset.js', () => {
  it('is executable', () => {
    expect(() => accessSync(BIN, constants.X_OK)).not.toThrow()
  })

  it('runs a command against a running API, with its exit code', async () => {
    await using fixture = await startApi()
    const env = { ...FROM_SOURCES, PINSET_API: fixture.url }
    const cid = (await cidOf('a')).toString()

    expect(await pinset(['pin', 'add', '--ns', cid], env)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(cid),
    })
    expect(await pinset(['pin', 'rm', (await cidOf('b')).toString()], env)).toEqual({
      code: 2,
      stdout: '',
      stderr: 'pinset: pin is not part of the pinset\n',
    })
  })

  it('ends quietly when nobody reads its output any more', async () => {
    await using fixture = await startApi()
    for (let index = 0; index < 2000; index += 1) {
      const cid = await cidOf(`many ${index}`)
      await fetch(`${fixture.url}/pins/${cid.toString()}`, { method: 'POST' })
    }
    const child = spawn('/bin/sh', ['-c', `"${process.execPath}" "${BIN}" pin ls | head -n 1`], {
      env: { PATH: process.env['PATH'] ?? '', ...FROM_SOURCES, PINSET_API: fixture.url },
    })
    let stderr = ''
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    child.stdout.resume()
    await new Promise((resolve) => child.on('close', resolve))

    expect(stderr).toBe('')
  })

  it.runIf(existsSync(SYSTEM_NODE))('under any other Node finds one that is new enough', async () => {
    const ran = await pinset(['--version'], FROM_SOURCES, SYSTEM_NODE)

    expect(ran).toEqual({ code: 0, stdout: '0.1.0\n', stderr: '' })
  })
})
