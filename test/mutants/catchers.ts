/**
 * What can catch a mutant, from the cheapest to the dearest: each runs in a working copy as a process of its own.
 *
 * CT1 Caught is only what a catcher reports as wrong: a mutant that cannot be run is broken, one that runs for ever hangs.
 */
import { spawn } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'

export type Verdict =
  | { readonly kind: 'caught'; readonly what: string; readonly seed: number | null }
  | { readonly kind: 'missed' }
  /** No answer in time, and no violation either. */
  | { readonly kind: 'hang'; readonly what: string }
  /** The mutant is no program. */
  | { readonly kind: 'broken'; readonly what: string }

export interface CatcherOptions {
  /** Of a simulator, both included. */
  readonly seeds: { readonly first: number; readonly last: number }
  readonly events: number
  readonly signal: AbortSignal
}

export interface Catcher {
  readonly name: string
  /** Packages whose sources it runs. */
  readonly packages: readonly string[]
  run(directory: string, options: CatcherOptions): Promise<Verdict>
}

/** How long a test run, or one seed of a simulator, may take before it counts as hanging. */
const SUITE_MS = 300_000
const SEED_MS = 120_000

const NODE_OPTIONS = ['-C', 'pinset-source', '--disable-warning=ExperimentalWarning']

/** A mutant that throws these was not written right. */
const TYPING_ERRORS = ['SyntaxError', 'ReferenceError', ' is not defined']

function suite(name: string, packages: readonly string[], project: string, paths: readonly string[]): Catcher {
  return { name, packages, run: (directory, options) => runSuite(directory, project, paths, options.signal) }
}

function simulator(name: string, packages: readonly string[]): Catcher {
  return { name, packages, run: (directory, options) => runSimulator(directory, name, options) }
}

/** In the order of what they cost. */
export const catchers: readonly Catcher[] = [
  suite('scenarios', ['raft', 'storage', 'consensus'], 'scenarios', ['/scenarios/raft/', '/scenarios/peer/']),
  suite('storage', ['storage'], 'storage', ['/log/', '/state/', '/create-open', '/level/full-disk']),
  suite('damaged-files', ['storage'], 'storage', ['/level/level-damage']),
  simulator('raft', ['raft']),
  simulator('peers', ['raft', 'storage', 'consensus']),
]

/** For information: unit tests of the package itself. */
export function unitTests(name: string): Catcher {
  return suite(`${name} unit tests`, [name], name, [])
}

interface Ended {
  readonly code: number | null
  readonly stderr: string
  readonly timedOut: boolean
}

/** Run a process until it ends, or is silent for too long; it and all that it has started are gone then. */
async function run(
  directory: string,
  args: readonly string[],
  options: { readonly silenceMs: number; readonly signal: AbortSignal; readonly onLine?: (line: string) => void },
): Promise<Ended> {
  options.signal.throwIfAborted()
  const child = spawn(process.execPath, args, {
    cwd: directory,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, CI: 'true', NO_COLOR: '1' },
  })
  const kill = (): void => {
    try {
      process.kill(-(child.pid as number), 'SIGKILL')
    } catch {
      // It has ended.
    }
  }
  let timedOut = false
  const give = (): NodeJS.Timeout =>
    setTimeout(() => {
      timedOut = true
      kill()
    }, options.silenceMs)
  let timer = give()
  let rest = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() as string
    for (const line of lines) options.onLine?.(line)
    if (options.onLine !== undefined) {
      clearTimeout(timer)
      timer = give()
    }
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-20_000)
  })
  options.signal.addEventListener('abort', kill)
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject)
      child.on('close', resolve)
    })
    options.signal.throwIfAborted()
    return { code, stderr, timedOut }
  } finally {
    clearTimeout(timer)
    options.signal.removeEventListener('abort', kill)
    kill()
  }
}

interface SuiteReport {
  readonly numTotalTests: number
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly message: string
    readonly assertionResults: readonly {
      readonly fullName: string
      readonly status: string
      readonly failureMessages: readonly string[] | null
    }[]
  }[]
}

async function runSuite(
  directory: string,
  project: string,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<Verdict> {
  const output = join(directory, 'mutant-report.json')
  await rm(output, { force: true })
  const args = ['run', '--project', project, ...paths, '--bail', '1', '--maxWorkers', '1', '--reporter', 'json']
  const ended = await run(directory, [vitestOf(directory), ...args, '--outputFile', output], {
    silenceMs: SUITE_MS,
    signal,
  })
  if (ended.timedOut) return { kind: 'hang', what: `no end within ${SUITE_MS / 1000} s` }
  const text = await readFile(output, 'utf8').catch(() => null)
  if (text === null) return { kind: 'broken', what: lastLines(ended.stderr) }
  return verdictOf(JSON.parse(text) as SuiteReport, ended)
}

function vitestOf(directory: string): string {
  return join(directory, 'node_modules', 'vitest', 'vitest.mjs')
}

function verdictOf(report: SuiteReport, ended: Ended): Verdict {
  for (const { name, assertionResults, message, status } of report.testResults) {
    const file = name.split('/').at(-1) as string
    for (const { fullName, failureMessages, status: outcome } of assertionResults) {
      if (outcome !== 'failed') continue
      const why = failureMessages?.join('\n') ?? ''
      const what = `${file}: ${fullName.trim()}`
      if (TYPING_ERRORS.some((error) => why.includes(error)))
        return { kind: 'broken', what: `${what}: ${firstLine(why)}` }
      return /timed out in \d+ms/.test(why) ? { kind: 'hang', what } : { kind: 'caught', what, seed: null }
    }
    if (status === 'failed' && assertionResults.length === 0) {
      // Nothing in this file could be run: by the mutant's mistake in writing, or because it throws when it is loaded.
      const isBroken = TYPING_ERRORS.some((error) => message.includes(error)) || /Transform|Parse|PARSE/.test(message)
      return isBroken
        ? { kind: 'broken', what: `${file}: ${firstLine(message)}` }
        : { kind: 'caught', what: `${file}: ${firstLine(message)}`, seed: null }
    }
  }
  if (ended.code === 0 && report.numTotalTests > 0) return { kind: 'missed' }
  return { kind: 'broken', what: `${report.numTotalTests} tests, exit ${ended.code}: ${lastLines(ended.stderr)}` }
}

interface SeekLine {
  readonly seed?: number
  readonly end?: 'nothing' | 'violation' | 'threw'
  readonly rule?: string
  readonly what?: string
  readonly names?: readonly string[]
}

async function runSimulator(
  directory: string,
  name: string,
  { seeds, events, signal }: CatcherOptions,
): Promise<Verdict> {
  let seed = 0
  let last: SeekLine = {}
  const args = [...NODE_OPTIONS, 'test/mutants/seek.ts', name, String(seeds.first), String(seeds.last), String(events)]
  const ended = await run(directory, args, {
    silenceMs: SEED_MS,
    signal,
    onLine: (line) => {
      last = line.startsWith('{') ? (JSON.parse(line) as SeekLine) : last
      seed = last.seed ?? seed
    },
  })
  if (ended.timedOut) return { kind: 'hang', what: `seed ${seed} does not end` }
  const what = `${last.rule ?? 'threw'}: ${firstLine(last.what ?? lastLines(ended.stderr))}`
  if (TYPING_ERRORS.some((error) => last.names?.includes(error) ?? ended.stderr.includes(error))) {
    return { kind: 'broken', what }
  }
  switch (last.end) {
    case 'nothing':
      return { kind: 'missed' }
    case 'violation':
      return { kind: 'caught', what: last.rule as string, seed }
    case 'threw':
    case undefined:
  }
  return { kind: 'broken', what: `seed ${seed}: ${what}` }
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').slice(0, 200)
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-3).join(' / ').slice(0, 400)
}
