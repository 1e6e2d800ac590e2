/** Bring `npm start` up and down twice, as a user would with ctrl-C, in a directory of its own. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const TIMEOUT_MS = 120_000

const data = mkdtempSync(join(tmpdir(), 'pinset-start-'))
try {
  for (const round of ['first', 'second']) {
    await upAndDown(round)
  }
} finally {
  rmSync(data, { recursive: true, force: true })
}

/** @param {string} round */
function upAndDown(round) {
  return new Promise((resolve, reject) => {
    // A process group of its own, so that ctrl-C can be sent to all of it, as a terminal does.
    const child = spawn('npm', ['start', '--', '--data', data, '--ports', 'any'], {
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    })
    let seen = ''
    let interrupted = false
    const signal = (/** @type {NodeJS.Signals} */ name) => {
      if (child.pid !== undefined) process.kill(-child.pid, name)
    }
    const timer = setTimeout(() => {
      signal('SIGKILL')
      reject(new Error(`npm start (${round}) was not done after ${TIMEOUT_MS / 1000} s`))
    }, TIMEOUT_MS)
    child.stdout.setEncoding('utf8').on('data', (text) => {
      process.stdout.write(text)
      seen += text
      if (!interrupted && seen.includes('ctrl-C stops all peers')) {
        interrupted = true
        signal('SIGINT')
      }
    })
    child.on('exit', (code) => {
      clearTimeout(timer)
      if (interrupted) resolve(undefined)
      else reject(new Error(`npm start (${round}) ended with ${code} before it was ready`))
    })
  })
}
