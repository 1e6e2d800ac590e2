/**
 * Proves before any mutant is judged that a verdict means something.
 *
 * SC1 What a catcher runs is the copy: with a package of the copy that throws when it is loaded, it fails.
 * SC2 Without a mutant every catcher is green, over the same seeds.
 */
import type { Catcher, CatcherOptions } from './catchers.ts'
import type { WorkingCopy } from './working-copy.ts'

const POISON = 'this source runs'

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
      const verdict = await catcher.run(copy.directory, options)
      const seconds = ((performance.now() - began) / 1000).toFixed(1)
      if (verdict.kind !== 'missed') {
        throw new Error(`SC2 ${catcher.name} is not green without a mutant: ${JSON.stringify(verdict)}`)
      }
      say(`${catcher.name}: green without a mutant, ${seconds} s`)
    }
  }
  await Promise.all(copies.map(work))
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
