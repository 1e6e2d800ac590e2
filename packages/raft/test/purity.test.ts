import { readdirSync, readFileSync } from 'node:fs'

import { describe, expect, it } from 'vitest'

const SOURCES = new URL('../src/', import.meta.url)
/** Where the driver's ports are declared; nothing runs there. */
const DECLARATIONS = new Set(['ports.ts', 'types.ts'])

const FORBIDDEN = [
  /\bDate\b/,
  /\bMath\.random\b/,
  /\bPromise\b/,
  /\bawait\b/,
  /\basync\b/,
  /\bset(Timeout|Interval|Immediate)\b/,
  /\bqueueMicrotask\b/,
]
const FOREIGN_IMPORT = /from '(?!\.\/)/

describe('sources', () => {
  it.each(readdirSync(SOURCES).filter((name) => !DECLARATIONS.has(name)))(
    '%s knows no clock, chance, promise or other package (P48)',
    (name) => {
      const code = readFileSync(new URL(name, SOURCES), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
      for (const pattern of [...FORBIDDEN, FOREIGN_IMPORT]) expect(code).not.toMatch(pattern)
    },
  )
})
