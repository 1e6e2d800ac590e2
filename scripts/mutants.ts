/**
 * Turn one guard of the production code after the other into the mistake that it keeps out, and see who notices.
 *
 * Start with `node -C pinset-source scripts/mutants.ts`. Nothing in the repository is changed: it happens in copies.
 */
import { appendFile, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'

import { catchers, unitTests, type Catcher, type CatcherOptions, type Verdict } from '../test/mutants/catchers.ts'
import { mutants } from '../test/mutants/list.ts'
import { packageOf, type Mutant } from '../test/mutants/mutant.ts'
import { GreenSeeds, selfCheck } from '../test/mutants/self-check.ts'
import { markdownTable, rowText, type Row } from '../test/mutants/table.ts'
import { WorkingCopy } from '../test/mutants/working-copy.ts'

const usage = `mutants [--only ID,…] [--catcher NAME] [--every] [--out FILE] …

  --list            print the mutants, what each breaks and what harm it does, and end
  --only ID,…       these only; the beginning of an id selects all that begin so
  --catcher NAME    this catcher only: ${catchers.map(({ name }) => name).join(', ')}
  --every           ask the other catchers too when one has caught it
  --also-unit       run the unit tests of the package too; they do not count
  --seeds N         seeds of a simulator (default 200)
  --events N        events under faults of a seed (default 20000)
  --workers N       working copies, one process each (default 2)
  --skip-check      do not prove first that the copy runs and is green
  --out FILE        write the table: as JSON when the name ends so, else as Markdown
  --help            print this

Exit code: 0 when all are caught, 1 when one is not, 2 when the arguments make no sense, 130 when ctrl-C ended it.
`

const values = parse()

function parse() {
  try {
    return parseArgs({
      options: {
        list: { type: 'boolean', default: false },
        only: { type: 'string' },
        catcher: { type: 'string' },
        every: { type: 'boolean', default: false },
        'also-unit': { type: 'boolean', default: false },
        seeds: { type: 'string', default: '200' },
        events: { type: 'string', default: '20000' },
        workers: { type: 'string', default: '2' },
        'skip-check': { type: 'boolean', default: false },
        out: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
    return fail(`${reason.replace(/\.$/, '')}; --help lists what there is`)
  }
}

function fail(message: string): never {
  console.error(`mutants: ${message}`)
  process.exit(2)
}

function count(name: string, text: string): number {
  const value = Number(text)
  return Number.isSafeInteger(value) && value > 0 ? value : fail(`--${name} is a whole number above 0, not "${text}"`)
}

function chosenMutants(): readonly Mutant[] {
  if (values.only === undefined) return mutants
  const prefixes = values.only.split(',')
  if (prefixes.includes('')) fail(`--only is a list of ids such as p05,p07, not "${values.only}"`)
  const unknown = prefixes.find((prefix) => !mutants.some(({ id }) => id.startsWith(prefix)))
  if (unknown !== undefined) fail(`no mutant begins with "${unknown}"; --list prints them all`)
  return mutants.filter(({ id }) => prefixes.some((prefix) => id.startsWith(prefix)))
}

function chosenCatchers(): readonly Catcher[] {
  if (values.catcher === undefined) return catchers
  const found = catchers.filter(({ name }) => name === values.catcher)
  return found.length > 0
    ? found
    : fail(`no catcher is called "${values.catcher}"; there are ${catchers.map(({ name }) => name).join(', ')}`)
}

if (values.help) {
  process.stdout.write(usage)
  process.exit(0)
}

const chosen = chosenMutants()
if (values.list) {
  for (const { id, breaks, file, harm } of chosen) console.log(`${id}  [${breaks}]  ${file}\n    ${harm}`)
  console.log(`\n${chosen.length} ${chosen.length === 1 ? 'mutant' : 'mutants'}`)
  process.exit(0)
}

const stop = new AbortController()
const options: CatcherOptions = {
  seeds: { first: 1, last: count('seeds', values.seeds) },
  events: count('events', values.events),
  signal: stop.signal,
}
const asked = chosenCatchers()
const workers = Math.min(count('workers', values.workers), chosen.length)
if (values.out !== undefined) {
  // Better known now than after an hour.
  await appendFile(values.out, '').catch((error: unknown) => fail(`--out cannot be written: ${String(error)}`))
}
const green = new GreenSeeds()
const copies: WorkingCopy[] = []
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort())
// Who has read enough, such as `head`, ends it; the copies are removed all the same.
process.stdout.on('error', () => stop.abort())

try {
  process.exitCode = await main()
} catch (error) {
  if (!stop.signal.aborted) throw error
  console.error('interrupted')
  process.exitCode = 130
} finally {
  await Promise.all(copies.map((copy) => copy.remove()))
}

async function main(): Promise<number> {
  const began = performance.now()
  const root = new URL('..', import.meta.url).pathname
  for (let worker = 0; worker < workers; worker++) copies.push(await WorkingCopy.make(root))
  if (!values['skip-check']) {
    console.log(
      'first: do the copies run what is in them, and are they green? (about two minutes; --skip-check leaves this out)',
    )
    await selfCheck(copies, asked, options, (line) => console.log(line))
    console.log(`the copies run what is in them, and are green: ${seconds(began)} s\n`)
  }
  const rows: Row[] = []
  const queue = [...chosen]
  const work = async (copy: WorkingCopy): Promise<void> => {
    for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
      const row = await judge(copy, mutant)
      rows.push(row)
      console.log(`${String(rows.length).padStart(3)}/${chosen.length}  ${rowText(row)}`)
    }
  }
  const stopAll = (reason: unknown): never => {
    queue.length = 0
    throw reason
  }
  const ends = await Promise.allSettled(copies.map((copy) => work(copy).catch(stopAll)))
  rows.sort((a, b) => chosen.indexOf(a.mutant) - chosen.indexOf(b.mutant))
  const exitCode = await conclude(rows, began) // What is known is told, whatever ended it.
  const failed = ends.find((end) => end.status === 'rejected')
  if (failed !== undefined) throw failed.reason
  return exitCode
}

async function judge(copy: WorkingCopy, mutant: Mutant): Promise<Row> {
  const began = performance.now()
  const found: { readonly catcher: Catcher; readonly verdict: Verdict; readonly counts: boolean }[] = []
  const run = async (catcher: Catcher, counts: boolean): Promise<Verdict> => {
    const verdict = await catcher.run(copy.directory, options)
    found.push({ catcher, verdict, counts })
    return verdict
  }
  try {
    await copy.apply(mutant)
    for (const catcher of asked) {
      if (!catcher.packages.includes(packageOf(mutant))) continue
      const { kind } = await run(catcher, true)
      if (kind === 'broken' || (kind === 'caught' && !values.every)) break
    }
    if (values['also-unit']) await run(unitTests(packageOf(mutant)), false)
  } finally {
    await copy.restore()
  }
  const verdicts: Row['verdicts'][number][] = []
  for (const { catcher, verdict, counts } of found) {
    verdicts.push({ catcher: catcher.name, verdict: await confirmed(copy, catcher, verdict), counts })
  }
  return { mutant, verdicts, seconds: (performance.now() - began) / 1000 }
}

/** A seed that fails without the mutant has caught nothing. */
async function confirmed(copy: WorkingCopy, catcher: Catcher, verdict: Verdict): Promise<Verdict> {
  if (verdict.kind !== 'caught' || verdict.seed === null) return verdict
  const without = await green.check(copy, catcher, verdict.seed, options)
  return without.kind === 'missed'
    ? verdict
    : { kind: 'broken', what: `seed ${verdict.seed} fails without the mutant too: ${JSON.stringify(without)}` }
}

async function conclude(rows: readonly Row[], began: number): Promise<number> {
  const { text, bad } = markdownTable(rows)
  if (values.out !== undefined) {
    const json = rows.map(({ mutant, ...row }) => ({ ...row, id: mutant.id, breaks: mutant.breaks, harm: mutant.harm }))
    await writeFile(values.out, values.out.endsWith('.json') ? `${JSON.stringify(json, null, 2)}\n` : `${text}\n`)
  }
  console.log(
    `\n${text}\n\n${rows.length} ${rows.length === 1 ? 'mutant' : 'mutants'} in ${seconds(began)} s, ${bad} not caught`,
  )
  return bad === 0 ? 0 : 1
}

function seconds(began: number): string {
  return ((performance.now() - began) / 1000).toFixed(0)
}
