/** Owns the picture of some operations in time: one line for each, one column for each moment at which one begins or ends. */
import { describeAnswer, describeCall, type Operation } from './history.ts'

const COLUMNS = 64

/** @param until - later moments are not shown. */
export function drawTimeline(operations: readonly Operation[], until: number): string[] {
  const moments = [
    ...new Set(operations.flatMap((operation) => [operation.invokedAt, endOf(operation, until) ?? until])),
  ]
  moments.sort((one, other) => one - other)
  const width = Math.max(1, Math.min(4, Math.floor(COLUMNS / moments.length)))
  const column = new Map(moments.map((moment, n) => [moment, n * width]))
  const names = operations.map(({ client }) => client.length)
  const nameWidth = Math.max(0, ...names)
  const end = (moments.length - 1) * width
  return [...operations]
    .sort((one, other) => one.invokedAt - other.invokedAt)
    .map((operation) => {
      const from = column.get(operation.invokedAt) ?? 0
      const ended = endOf(operation, until)
      const to = ended === null ? end + 1 : (column.get(ended) ?? from)
      const bar = `${' '.repeat(from)}[${'-'.repeat(Math.max(0, to - from - 1))}${ended === null ? '>' : ']'}`
      return `  ${operation.client.padEnd(nameWidth)} ${bar.padEnd(end + 3)} ${label(operation, ended !== null)}`
    })
}

function endOf({ fate }: Operation, until: number): number | null {
  return fate.kind === 'answered' && fate.returnedAt <= until ? fate.returnedAt : null
}

function label({ call, fate }: Operation, hasEnded: boolean): string {
  return hasEnded && fate.kind === 'answered'
    ? `${describeCall(call)}: ${describeAnswer(fate.answer)}`
    : describeCall(call)
}
