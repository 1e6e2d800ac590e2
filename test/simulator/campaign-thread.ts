/** One thread of a campaign: runs the seeds that it is given, one after the other, and says what came of each. */
import { parentPort } from 'node:worker_threads'

import { Ordinals } from './ordinals.ts'
import type { WorldName } from './run.ts'
import { summaryOf, summaryOfError, type RunSummary } from './tally.ts'
import { loadWorld } from './worlds.ts'

/** As it travels between threads. */
export interface Task {
  readonly world: WorldName
  readonly seed: number
  readonly events: number
  readonly without: readonly string[]
  readonly skip: string
}

export async function carryOut({ world, seed, events, without, skip }: Task): Promise<RunSummary> {
  try {
    const { run } = await loadWorld(world)
    return summaryOf(
      await run(seed, { events, without: new Set(without), skip: Ordinals.tryParse(skip) ?? Ordinals.none }),
    )
  } catch (error) {
    return summaryOfError(world, seed, error)
  }
}

const port = parentPort
if (port !== null) {
  // Tasks are carried out in the order in which they come; one at a time.
  let before = Promise.resolve()
  port.on('message', (task: Task) => {
    before = before.then(async () => port.postMessage(await carryOut(task)))
  })
}
