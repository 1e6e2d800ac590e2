#!/usr/bin/env node
// Plain JavaScript that also an old Node can read: finds a Node that is new enough, then runs the program.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const NEEDED = [22, 19]
const here = dirname(fileURLToPath(import.meta.url))
// In a clone the repository brings its own Node as a development dependency.
const ownNode = join(here, '..', '..', '..', 'node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node')

function isNewEnough(version) {
  const [major, minor] = version.split('.').map(Number)
  return major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1])
}

function fail(message) {
  process.stderr.write(`pinset: ${message}\n`)
  process.exitCode = 1
}

function runUnderOwnNode() {
  const child = spawn(ownNode, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, PINSET_NODE: process.versions.node },
  })
  const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of forwarded) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => fail(`cannot run ${ownNode}: ${error.message}`))
  child.on('exit', (code, signal) => {
    if (signal === null) {
      process.exitCode = code ?? 1
      return
    }
    for (const name of forwarded) process.removeAllListeners(name)
    process.kill(process.pid, signal)
  })
}

async function run() {
  let program
  try {
    program = await import('pinset')
  } catch (error) {
    if (error && error.code === 'ERR_MODULE_NOT_FOUND' && !existsSync(join(here, '..', 'dist', 'index.js'))) {
      fail('it is not built yet; run `npm ci && npm run build` in the repository')
      return
    }
    throw error
  }
  await program.main()
}

if (isNewEnough(process.versions.node)) {
  await run()
} else if (process.env.PINSET_NODE === undefined && existsSync(ownNode)) {
  runUnderOwnNode()
} else {
  fail(`Node ${process.versions.node} is too old; Pinset needs ${NEEDED.join('.')} or newer (https://nodejs.org)`)
}
