/**
 * What a run is asked for and what comes of it, the same for both worlds: `raft` is the Raft core alone, `peers` the full stack.
 *
 * The raft world's door is `raft/simulate.ts`, the other's `peers/simulate.ts`.
 */
import type { CheckCost } from './check-costs.ts'
import type { Coverage } from './coverage.ts'
import type { Violation } from './invariants/violation.ts'
import type { Ordinals } from './ordinals.ts'
import type { Occurrence } from './rhythm.ts'

export type WorldName = 'raft' | 'peers'

export interface RunOptions {
  /** Under faults, before the cluster is healed. */
  readonly events?: number
  /** Takes every line of the trace. */
  readonly print?: (line: string) => void
  /** Occurrences that are left out: the rhythms go on as if they had happened. */
  readonly skip?: Ordinals
  /** Whole kinds of occurrence that are left out, and kinds of noise that the seed is not to have. */
  readonly without?: ReadonlySet<string>
}

export interface Run {
  readonly world: WorldName
  readonly seed: number
  /** Counted events under faults. */
  readonly events: number
  readonly ticks: number
  /** All inputs and faults, healing included. */
  readonly happenings: number
  readonly virtualSeconds: number
  /** Equal for equal runs. */
  readonly traceHash: string
  readonly coverage: Coverage
  /** Faults and operations that have struck, in order. */
  readonly occurrences: readonly Occurrence[]
  /** Kinds of noise (message loss, slow links, …) that the seed has, and that `without` can take from it. */
  readonly noise: readonly string[]
  /** All kinds of occurrence and of noise of this world: what `without` can name. */
  readonly kinds: readonly string[]
  readonly checkCosts: readonly CheckCost[]
  readonly violation: Violation | null
}

/** The command that shows this run again. */
export function replayCommand(world: WorldName, seed: number, options: RunOptions): string {
  const { events, skip, without } = options
  return [
    `npm run simulate -- --world ${world} --seed ${seed}`,
    ...(events === undefined ? [] : [`--events ${events}`]),
    ...(without === undefined || without.size === 0 ? [] : [`--without ${[...without].join(',')}`]),
    ...(skip === undefined || skip.isEmpty ? [] : [`--skip ${skip.toString()}`]),
  ].join(' ')
}

/** What to print about a failed run: what is broken, and how to see it again. */
export function failureText(run: Run, options: RunOptions): string {
  const { world, seed, happenings, violation } = run
  return [
    `${world}, seed ${seed}, after ${happenings} inputs and faults: ${violation?.message}`,
    `replay: ${replayCommand(world, seed, options)} --trace`,
  ].join('\n')
}
