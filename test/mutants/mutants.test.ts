/** The list of mutants keeps up with the sources; that each is caught is for `npm run mutants` to show. */
import { globSync, readFileSync } from 'node:fs'

import { describe, expect, it } from 'vitest'

import { mutants } from './list.ts'
import { applyEdit, editsOf, type Mutant } from './mutant.ts'

const root = new URL('../../', import.meta.url)

/** The files that a mutant changes, before and after. */
function changed(mutant: Mutant): ReadonlyMap<string, readonly [before: string, after: string]> {
  const files = new Map<string, readonly [string, string]>()
  for (const edit of editsOf(mutant)) {
    const before = files.get(edit.file)?.[0] ?? readFileSync(new URL(edit.file, root), 'utf8')
    files.set(edit.file, [before, applyEdit(files.get(edit.file)?.[1] ?? before, edit)])
  }
  return files
}

/** `<package> <number>` of each rule in the heads of files. */
const rules = globSync('packages/{raft,consensus,storage}/src/**/*.ts', { cwd: root }).flatMap((file) => {
  const text = readFileSync(new URL(file, root), 'utf8')
  const head = text.startsWith('/**') ? text.slice(0, text.indexOf('*/')) : ''
  return [...head.matchAll(/^ \* (?:- )?([A-Z]{1,2}\d+) /gm)].map(([, number]) => `${file.split('/')[1]} ${number}`)
})

/** Numbers of rules and of mistakes. */
function known(): ReadonlySet<string> {
  const mistakes = readFileSync(new URL('docs/RAFT-MISTAKES.md', root), 'utf8').matchAll(/^\| (P\d+) \|/gm)
  return new Set([
    ...rules.map((rule) => rule.split(' ')[1] as string),
    ...[...mistakes].map(([, number]) => number as string),
  ])
}

describe('applyEdit', () => {
  it('replaces the text that is there once, and refuses one that is not, or more than once', () => {
    const edit = { file: 'a.ts', find: 'b', replace: 'x' }
    expect(applyEdit('abc', edit)).toBe('axc')
    expect(() => applyEdit('ac', edit)).toThrow('does not hold')
    expect(() => applyEdit('abb', edit)).toThrow('more than once')
  })
})

describe('mutants', () => {
  it('there are at least 60, each with an id of its own', () => {
    expect(mutants.length).toBeGreaterThanOrEqual(60)
    expect(new Set(mutants.map(({ id }) => id)).size).toBe(mutants.length)
  })

  it.each(mutants.map((mutant) => [mutant.id, mutant] as const))('%s changes what it means to', (_id, mutant) => {
    expect(mutant.file).toMatch(/^packages\/(raft|consensus|storage)\/src\//)
    for (const [before, after] of changed(mutant).values()) {
      expect(after).not.toBe(before)
    }
  })

  it('each breaks a mistake, a rule of some file, or a section of the paper', () => {
    const numbers = known()
    const named = mutants.flatMap(({ id, breaks }) => breaks.split(', ').map((number) => ({ id, number })))
    expect(named.filter(({ number }) => !numbers.has(number) && !number.startsWith('paper §'))).toEqual([])
  })

  it('no rule shares its number with another one of its package', () => {
    expect(rules.length).toBeGreaterThan(150)
    expect(rules.filter((rule, at) => rules.indexOf(rule) !== at)).toEqual([])
  })

  it('no two do the same', () => {
    const seen = mutants.map((mutant) => JSON.stringify([...changed(mutant)].map(([file, [, after]]) => [file, after])))
    expect(new Set(seen).size).toBe(seen.length)
  })
})
