/**
 * Proves before any mutant is judged that a verdict means something.
 *
 * SC1 What a catcher runs is the copy: with a package of the copy that throws when it is loaded, it fails.
 * SC2 Without a mutant every catcher is green: suites in whole, simulators over the first seeds, and later over each seed that has caught one.
 */
import type { Catcher, CatcherOptions, Verdict } from './catchers.ts'
import type { WorkingCopy } from './working-copy.ts'

const POISON = 'this source runs'
/** Seeds that are run before any mutant. */
const FIRST_SEEDS = 10

/** @throws {Error} saying what is wrong. */
export async function selfCheck(
  copies: readonly WorkingCopy[],
  catchers: readonly Catcher[],
  options: CatcherOptions,
  say: (line: string) => void,
): Promise<void> {
  for (const copy of copies) {
    for (const catcher of catchers) {
      for (const name of catcher.packages) await mustNotice(copy, catcher, name, options)
    }
  }
  const queue = catchers.toReversed()
  const work = async (copy: WorkingCopy): Promise<void> => {
    for (let catcher = queue.shift(); catcher !== undefined; catcher = queue.shift()) {
      const began = performance.now()
      const verdict = await catcher.run(copy.directory, { ...options, seeds: { first: 1, last: FIRST_SEEDS } })
      const seconds = ((performance.now() - began) / 1000).toFixed(1)
      if (verdict.kind !== 'missed') {
        throw new Error(`SC2 ${catcher.name} is not green without a mutant: ${JSON.stringify(verdict)}`)
      }
      say(`${catcher.name}: green without a mutant, ${seconds} s`)
    }
  }
  await Promise.all(copies.map(work))
}

/** Seeds of simulators that are green without a mutant; SC2. */
export class GreenSeeds {
  readonly #known = new Map<string, Promise<Verdict>>()

  /** @param copy - without a mutant. */
  async check(copy: WorkingCopy, catcher: Catcher, seed: number, options: CatcherOptions): Promise<Verdict> {
    const key = `${catcher.name} ${seed}`
    const verdict =
      this.#known.get(key) ?? catcher.run(copy.directory, { ...options, seeds: { first: seed, last: seed } })
    this.#known.set(key, verdict)
    return await verdict
  }
}

async function mustNotice(copy: WorkingCopy, catcher: Catcher, name: string, options: CatcherOptions): Promise<void> {
  try {
    await copy.edit(`packages/${name}/src/index.ts`, (text) => `${text}\nthrow new Error('${POISON}')\n`)
    const verdict = await catcher.run(copy.directory, options)
    if (verdict.kind === 'missed' || !('what' in verdict) || !verdict.what.includes(POISON)) {
      throw new Error(
        `SC1 ${catcher.name} does not run the sources of ${name} in ${copy.directory}: ${JSON.stringify(verdict)}`,
      )
    }
  } finally {
    await copy.restore()
  }
}
