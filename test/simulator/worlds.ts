/** The two worlds behind one face; each is loaded when it is wanted. */
import { allowGeneratedCode } from './generated-code.ts'
import type { Run, RunOptions, WorldName } from './run.ts'

export const worldNames: readonly WorldName[] = ['raft', 'peers']

export interface LoadedWorld {
  readonly defaultEvents: number
  /** What must happen in one seed of a hundred at least, or its runs prove less than they seem to. */
  readonly required: readonly string[]
  /** A violation is part of the run; anything else that is thrown is a failure of the world itself, or of what it runs. */
  readonly run: (seed: number, options: RunOptions) => Promise<Run>
}

export async function loadWorld(name: WorldName): Promise<LoadedWorld> {
  if (name === 'raft') {
    const { defaultEvents, simulate } = await import('./raft/simulate.ts')
    const { required } = await import('./raft/required.ts')
    return { defaultEvents, required, run: async (seed, options) => simulate(seed, options) }
  }
  allowGeneratedCode()
  const { defaultEvents, simulatePeers } = await import('./peers/simulate.ts')
  const { required } = await import('./peers/required.ts')
  return { defaultEvents, required, run: simulatePeers }
}
