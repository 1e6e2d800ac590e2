import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, describe, expect, it } from 'vitest'

import { cidOf, pinset, until } from './harness.ts'

const SCRIPT = join(import.meta.dirname, '..', '..', 'scripts', 'local-cluster.ts')

describe('local-cluster', () => {
  const data = mkdtempSync(join(tmpdir(), 'pinset-local-'))
  afterAll(() => rmSync(data, { recursive: true, force: true }))

  let stderr = ''

  async function start(): Promise<ChildProcess> {
    const child = spawn(process.execPath, [SCRIPT, '--data', data, '--ports', 'any'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    await new Promise<void>((resolve, reject) => {
      let stdout = ''
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        stdout += text
        if (stdout.includes('ctrl-C stops all peers')) resolve()
      })
      child.once('close', (code) => reject(new Error(`ended with ${code}: ${stderr}`)))
    })
    return child
  }

  async function stop(child: ChildProcess): Promise<number | null> {
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
    child.kill('SIGINT')
    return ended
  }

  function pidOf(n: number): number {
    return (JSON.parse(readFileSync(join(data, `peer-${n}`, 'run.json'), 'utf8')) as { pid: number }).pid
  }

  it('brings up three peers, ctrl-C stops all of them, and the second start keeps everything, also when one is killed', async () => {
    const cid = cidOf('local cluster')
    const child = await start()
    const pids = [1, 2, 3].map(pidOf)
    expect(await pinset(['pin', 'add', cid, '--data', join(data, 'peer-3')])).toMatchObject({ code: 0 })
    expect(await stop(child)).toBe(0)
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow(/ESRCH/)

    const again = await start()
    for (const n of [1, 2, 3]) {
      const { stdout } = await pinset(['pin', 'ls', cid, '--data', join(data, `peer-${n}`)])
      expect(stdout).toContain(cid)
    }
    // A second one, of the same directory, says why it cannot start, and leaves the first one in order.
    await expect(start()).rejects.toThrow(/ended with 1: .*is in use by process \d+/su)
    expect(pids).not.toContain(pidOf(1))

    stderr = ''
    process.kill(pidOf(2), 'SIGKILL')
    const command = `npx pinset start --data ${join(data, 'peer-2')}`
    await until('it says how to start the killed peer again', () => Promise.resolve(stderr.includes(command)))
    expect(await pinset(['pin', 'rm', cid, '--data', join(data, 'peer-3')])).toMatchObject({ code: 0 })
    expect(await stop(again)).toBe(0)
  })
})
