import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

import { LockedError } from '@pinset/interface'
import { describe, expect, it, onTestFinished } from 'vitest'

import { lockDirectory } from '../src/lock.ts'
import { temporaryDirectory } from './support/storages.ts'

const LOCK_FILE = fileURLToPath(new URL('../src/lock.ts', import.meta.url))

/** Another process that takes the lock, says so, and holds it until it is killed. */
async function holder(directory: string) {
  const script = `
    const { lockDirectory } = await import(${JSON.stringify(LOCK_FILE)})
    await lockDirectory(${JSON.stringify(directory)}).then(() => console.log('held'), (err) => console.log(err.name))
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['-C', 'pinset-source', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  return { child, said: line.toString().trim() }
}

describe('lockDirectory', () => {
  it('lockDirectory() refuses while another process holds the lock, and names directory and process', async () => {
    const directory = await temporaryDirectory()
    const { child, said } = await holder(directory)
    expect(said).toBe('held')

    const error: unknown = await lockDirectory(directory).catch((err: unknown) => err)
    expect(error).toBeInstanceOf(LockedError)
    expect((error as Error).message).toContain(directory)
    expect((error as Error).message).toContain(`process ${child.pid}`)

    child.kill('SIGKILL')
    await once(child, 'exit')
    const lock = await lockDirectory(directory)
    expect(await readFile(lock.path, 'utf8')).toBe(`${process.pid}\n`)
    await lock.release()
  })

  it('lockDirectory() keeps other processes out, and itself, until it is released', async () => {
    const directory = await temporaryDirectory()
    const lock = await lockDirectory(`${directory}/made/here`)
    expect((await holder(`${directory}/made/here`)).said).toBe('LockedError')
    await expect(lockDirectory(`${directory}/made/here`)).rejects.toBeInstanceOf(LockedError)
    await lock.release()
    await lock.release()
    expect((await holder(`${directory}/made/here`)).said).toBe('held')
  })
})
