/** What waits for a paused process, and the order in which it comes when the process goes on. */
import type { Random } from './random.ts'

export interface Waiting {
  readonly source: string
  readonly run: () => void
  /** The process has died before it could. */
  readonly gone: () => void
}

/** Each source keeps its order; between sources any order is possible. */
export function interleaved(backlog: readonly Waiting[], random: Random): Waiting[] {
  const bySource = Map.groupBy(backlog, ({ source }) => source)
  const turns = random.shuffle(backlog.map(({ source }) => source))
  return turns.map((source) => bySource.get(source)?.shift() as Waiting)
}
