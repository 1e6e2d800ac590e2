/**
 * Run the deterministic simulator: one seed, many, or for some minutes; a failure prints how to see it again.
 *
 * Start with `node -C pinset-source scripts/simulate.ts`, so that the packages' sources run without a build.
 */
import { parseCommandLine, usage, UsageError } from '../test/simulator/command-line.ts'
import { carryOutRequest } from '../test/simulator/command.ts'
import { Interruption } from '../test/simulator/interruption.ts'

const interruption = new Interruption({ now: () => performance.now(), endAtOnce: () => process.exit(130) })
// Who has read enough, such as `head`, ends it.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

const { isTTY } = process.stderr
const clearLine = isTTY ? '\r\x1b[K' : ''

try {
  const request = parseCommandLine(process.argv.slice(2))
  if (request === null) {
    process.stdout.write(usage)
  } else {
    if (!request.single || request.shrink) {
      // One run by itself has nothing to tell before it is over, and leaves no time to hear of a signal.
      for (const signal of ['SIGINT', 'SIGTERM'] as const) {
        process.on(signal, () => interruption.heard())
      }
    }
    const passed = await carryOutRequest(request, {
      out: (text) => process.stdout.write(`${text}\n`),
      err: (text) => process.stderr.write(`${clearLine}${text}\n`),
      progress: isTTY ? (text) => process.stderr.write(`${clearLine}${text}`) : null,
      signal: interruption.signal,
    })
    process.exitCode = passed ? (interruption.signal.aborted ? 130 : 0) : 1
  }
} catch (error) {
  if (!(error instanceof UsageError)) {
    throw error
  }
  process.stderr.write(`simulate: ${error.message}\n`)
  process.exitCode = 2
}
