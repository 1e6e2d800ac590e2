/**
 * Which peer a command talks to: `--api`, then `--data`, then `PINSET_API`, then the data directory of the environment.
 *
 * Who names nothing and has no peer in the default directory talks to the usual port of this machine, as with `ipfs-cluster-ctl`.
 */
import { readFile, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'

import { CommandError } from './command-error.ts'

const USUAL_API = 'http://127.0.0.1:9094'

type Env = Readonly<Record<string, string | undefined>>

interface TargetOptions {
  readonly data?: string
  readonly api?: string
}

export function dataDirectoryOf(options: TargetOptions, env: Env): string {
  return resolve(options.data ?? (env['PINSET_PATH'] || join(env['HOME'] || homedir(), '.pinset')))
}

export async function targetUrl(options: TargetOptions, env: Env): Promise<string> {
  const api = options.api ?? (options.data === undefined ? env['PINSET_API'] : undefined)
  if (api) return apiUrl(api)
  const directory = dataDirectoryOf(options, env)
  const isNamed = options.data !== undefined || Boolean(env['PINSET_PATH'])
  if (!isNamed && !(await exists(join(directory, 'config.json')))) return USUAL_API
  return await runningApi(directory)
}

/** A URL from a URL, `HOST:PORT`, or a multiaddr as `ipfs-cluster-ctl --host` takes it. */
function apiUrl(text: string): string {
  const multiaddr = /^\/(?:ip4|ip6|dns|dns4|dns6)\/([^/]+)\/tcp\/(\d+)(?:\/(https?))?\/?$/u.exec(text)
  const host = multiaddr?.[1] ?? ''
  const url =
    multiaddr !== null
      ? `${multiaddr[3] ?? 'http'}://${host.includes(':') ? `[${host}]` : host}:${multiaddr[2]}`
      : /^https?:\/\//u.test(text)
        ? text
        : `http://${text}`
  if (!URL.canParse(url))
    throw new CommandError(`not the address of an API: ${text}; write it like http://127.0.0.1:9094`)
  return url
}

/** The API that the peer in this directory has written into `run.json`. */
async function runningApi(directory: string): Promise<string> {
  const run = await tryReadRunFile(join(directory, 'run.json'))
  if (run !== null && isAlive(run.pid)) return run.api
  const there = await exists(join(directory, 'config.json'))
  throw new CommandError(
    there
      ? `no peer is running in ${directory}; start it with \`pinset start --data ${directory}\``
      : `there is no peer in ${directory}; make one with \`pinset init --data ${directory}\`, or name a running one with --data DIR or --api URL`,
  )
}

async function tryReadRunFile(path: string): Promise<{ pid: number; api: string } | null> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || (error as NodeJS.ErrnoException).code === 'ENOTDIR')
      return null
    throw new CommandError(`cannot read ${path}: ${(error as Error).message}`, { cause: error })
  }
  try {
    const { pid, api } = JSON.parse(text) as { readonly pid?: unknown; readonly api?: unknown }
    if (typeof pid === 'number' && Number.isSafeInteger(pid) && pid > 0 && typeof api === 'string') return { pid, api }
  } catch {
    // Told below.
  }
  throw new CommandError(`${path} is not what a running peer writes; delete it when no peer runs there`)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  )
}
