/** Every mistake has a scenario that is named after it, and README.md names every scenario. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

const here = import.meta.dirname
const readme = readFileSync(join(here, 'README.md'), 'utf8')

const scenarios = readdirSync(here, { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => path.endsWith('.txt'))
  .map((path) => path.slice(0, -'.txt'.length))
  .sort()

/** The number in `raft/p07-…`; null when it is not named after a mistake. */
function mistakeOf(path: string): number | null {
  const digits = /(?:^|\/)p(\d\d)-[^/]*$/.exec(path)?.[1]
  return digits === undefined ? null : Number(digits)
}

const mistakes = readFileSync(join(here, '..', '..', 'docs', 'RAFT-MISTAKES.md'), 'utf8')
  .split('\n')
  .flatMap((line) => /^\| P(\d+) \|/.exec(line)?.[1] ?? [])
  .map(Number)
  .sort((one, other) => one - other)

/** What the row of a mistake in README.md names. */
function rowOf(mistake: number): readonly string[] {
  const row = readme.split('\n').find((line) => line.startsWith(`| P${mistake} |`)) ?? ''
  return [...row.matchAll(/`([^`]+)`/g)].map(([, path]) => path as string)
}

describe('coverage of the mistakes', () => {
  it('there are 49 of them', () => {
    expect(mistakes).toEqual(Array.from({ length: 49 }, (_, at) => at + 1))
  })

  it.for(mistakes)('P%i has a scenario, and its row in README.md names all of them', (mistake) => {
    const named = scenarios.filter((path) => mistakeOf(path) === mistake)
    expect(named.length, `no scenario is named p${String(mistake).padStart(2, '0')}-…`).toBeGreaterThan(0)
    expect(rowOf(mistake), `the row of P${mistake} in test/scenarios/README.md`).toEqual(named)
  })

  it('no scenario is named after a mistake that does not exist', () => {
    const numbers = scenarios.flatMap((path) => mistakeOf(path) ?? [])
    expect(numbers.filter((number) => !mistakes.includes(number))).toEqual([])
  })

  it('what the table of behaviours names exists', () => {
    const behaviours = readme.slice(readme.indexOf('## Behaviours'), readme.indexOf('## Left out'))
    const named = [...behaviours.matchAll(/`((?:raft|peer)\/[^`]+)`/g)].map(([, path]) => path as string)
    expect(named.length).toBeGreaterThan(20)
    expect(named.filter((path) => !scenarios.includes(path))).toEqual([])
  })

  it('README.md names every scenario', () => {
    expect(scenarios.filter((path) => !readme.includes(`\`${path}\``))).toEqual([])
  })

  it.for(scenarios)('%s says first what it shows', (path) => {
    expect(readFileSync(join(here, `${path}.txt`), 'utf8')).toMatch(/^# \S/)
  })
})
