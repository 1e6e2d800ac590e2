/**
 * Owns what revisions promise across all CIDs, for a whole history at once: they follow real time.
 *
 * - RO1 A read that begins after a write has returned shows at least the write's revision, and at least that of any read before it.
 * - RO2 A write that begins after an answer is decided at a later revision than that answer's.
 */
import { describeAnswer, describeCall, isAnswered, type Answered, type Operation } from './history.ts'

/** What is wrong with the first operation that breaks a rule; null when none does. Cost: sorting the history. */
export function findRevisionOutOfOrder(operations: readonly Operation[]): string | null {
  const answered = operations.filter(isAnswered).filter(({ fate }) => fate.answer.revision !== null)
  const byCall = answered.toSorted((one, other) => one.invokedAt - other.invokedAt)
  const byReturn = answered.toSorted((one, other) => one.fate.returnedAt - other.fate.returnedAt)
  let returned = 0
  let newest: Answered | null = null
  for (const operation of byCall) {
    for (;;) {
      const next = byReturn[returned]
      if (next === undefined || next.fate.returnedAt >= operation.invokedAt) {
        break
      }
      newest = newest === null || revisionOf(next) > revisionOf(newest) ? next : newest
      returned += 1
    }
    if (newest === null) {
      continue
    }
    const least = operation.call.kind === 'read' ? revisionOf(newest) : revisionOf(newest) + 1
    if (revisionOf(operation) < least) {
      return `${describe(operation)} is before revision ${least}, although it was invoked after the return of ${describe(newest)}`
    }
  }
  return null
}

function revisionOf({ fate }: Answered): number {
  return fate.answer.revision ?? 0
}

function describe({ client, key, call, fate, note }: Answered): string {
  return `${client} ${describeCall(call)} of ${key} -> ${describeAnswer(fate.answer)}${note === '' ? '' : ` (${note})`}`
}
