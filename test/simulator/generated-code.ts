/** Lets Node run the packages' generated code from its sources: it has namespaces, which need more than the stripping of types. */
import { readFileSync } from 'node:fs'
import { registerHooks, stripTypeScriptTypes } from 'node:module'
import { fileURLToPath } from 'node:url'

const generated = /^file:.*\/packages\/[^/]+\/src\/proto\/[^/]+\.ts$/
let isAllowed = false

/** To be called before anything that loads the full stack. */
export function allowGeneratedCode(): void {
  if (isAllowed) {
    return
  }
  isAllowed = true
  registerHooks({
    load: (url, context, nextLoad) =>
      generated.test(url)
        ? {
            format: 'module',
            shortCircuit: true,
            source: stripTypeScriptTypes(readFileSync(fileURLToPath(url), 'utf8'), { mode: 'transform' }),
          }
        : nextLoad(url, context),
  })
}
