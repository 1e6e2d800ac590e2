/** What became of the mutants, for people: one line each while it runs, a table at the end. */
import type { Verdict } from './catchers.ts'
import type { Mutant } from './mutant.ts'

export interface Row {
  readonly mutant: Mutant
  /** In the order in which they were asked. */
  readonly verdicts: readonly {
    readonly catcher: string
    readonly verdict: Verdict
    /** False: for information only. */
    readonly counts: boolean
  }[]
  readonly seconds: number
}

type Outcome = 'caught' | 'hang' | 'broken' | 'SURVIVED'

function outcomeOf({ verdicts }: Row): Outcome {
  const kinds = new Set(verdicts.filter(({ counts }) => counts).map(({ verdict }) => verdict.kind))
  if (kinds.has('broken')) return 'broken'
  if (kinds.has('caught')) return 'caught'
  return kinds.has('hang') ? 'hang' : 'SURVIVED'
}

export function rowText(row: Row): string {
  return `${row.mutant.id.padEnd(48)} ${outcomeOf(row).padEnd(8)} ${row.seconds.toFixed(1).padStart(6)} s  ${verdictsText(row)}`
}

/** @returns the table with what was not caught below it, and how many those are. */
export function markdownTable(rows: readonly Row[]): { readonly text: string; readonly bad: number } {
  const lines = ['| mutant | breaks | outcome | caught by | seeds | seconds |', '|---|---|---|---|---|---|']
  for (const row of rows) {
    const seeds = row.verdicts.map(({ verdict }) => (verdict.kind === 'caught' ? verdict.seed : null))
    const needed = seeds.find((seed) => seed !== null) ?? ''
    const cells = [row.mutant.id, row.mutant.breaks, outcomeOf(row), verdictsText(row), needed, row.seconds.toFixed(1)]
    lines.push(`| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`)
  }
  const bad = rows.filter((row) => outcomeOf(row) !== 'caught')
  if (bad.length > 0) {
    lines.push('', 'Not caught:', '')
    for (const row of bad) lines.push(`- ${row.mutant.id} (${outcomeOf(row)}): ${row.mutant.harm} ${verdictsText(row)}`)
  }
  return { text: lines.join('\n'), bad: bad.length }
}

function verdictsText({ verdicts }: Row): string {
  return verdicts
    .filter(({ verdict, counts }) => !counts || verdict.kind !== 'missed')
    .map(({ catcher, verdict }) => {
      switch (verdict.kind) {
        case 'caught':
          return `${catcher}: ${verdict.what}${verdict.seed === null ? '' : ` (seed ${verdict.seed})`}`
        case 'missed':
          return `${catcher}: nothing`
        case 'hang':
        case 'broken':
          return `${catcher}: ${verdict.kind}, ${verdict.what}`
      }
    })
    .join('; ')
}
