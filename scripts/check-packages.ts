/** Check every public package as npm would publish it: `node scripts/check-packages.ts`. */
import { globSync } from 'node:fs'
import { dirname } from 'node:path'

import { publint } from 'publint'
import { formatMessage } from 'publint/utils'

let problems = 0
for (const manifest of globSync('packages/*/package.json').toSorted()) {
  const { messages, pkg } = await publint({ pkgDir: dirname(manifest), strict: true })
  for (const message of messages) {
    problems += 1
    process.stderr.write(`${manifest}: ${formatMessage(message, pkg) ?? message.code}\n`)
  }
}
if (problems > 0) process.exit(1)
process.stdout.write('packages: ready to publish\n')
