/**
 * Owns the words for a history that is not linearizable: for people who look for the fault.
 *
 * - EX1 What is shown is the shortest part that fails: everything up to the first return after which no order exists. A part of a
 *   linearizable history is linearizable, so that return can be found by halving.
 * - EX2 In a part, what has not returned yet is open, as an unknown outcome is.
 * - EX3 Everything before that return has an order. One is shown, with the places where the last answer would have to fit.
 */
import { checkKey, type SearchLimits } from './checker.ts'
import { describeAnswer, describeCall, isAnswered, type Answered, type Operation } from './history.ts'
import { describeState, expectedAnswer, NOTHING_PINNED, placeOf, step, type PinState } from './model.ts'
import { drawTimeline } from './timeline.ts'

/** Operations shown of the order, counted from its end. */
const SHOWN = 12

/** @param operations - of one CID, which `checkKey` found not linearizable with the same limits. */
export function explain(operations: readonly Operation[], limits: SearchLimits = {}): string {
  const returns = operations.filter(isAnswered).sort((one, other) => one.fate.returnedAt - other.fate.returnedAt)
  const { failing, order } = shortestFailure(operations, returns, limits)
  const misfit = returns[failing - 1]
  if (misfit === undefined) {
    return 'an order exists\n'
  }
  const shown = order.slice(-SHOWN)
  const from = order.length - shown.length
  const lines = [
    `${misfit.key}: not linearizable. The first ${failing} of its ${operations.length} operations to return have no possible order, and would have without`,
    `  ${describe(misfit)}`,
    '',
    `An order of what returned before${from > 0 ? `, from place ${from + 1}` : ''}:`,
    ...describePlaces(order, misfit),
    '',
    'In time ("[" call, "]" return, ">" still open):',
    ...drawTimeline([...shown, misfit], misfit.fate.returnedAt),
  ]
  return `${lines.join('\n')}\n`
}

/** EX1: how many returns fail, and an order of one less. */
function shortestFailure(
  operations: readonly Operation[],
  returns: readonly Answered[],
  limits: SearchLimits,
): { readonly failing: number; readonly order: readonly Operation[] } {
  let order: readonly Operation[] = []
  let passing = 0
  let failing = returns.length + 1
  while (failing - passing > 1) {
    // The whole first: it says whether anything fails at all.
    const middle = failing > returns.length ? returns.length : (passing + failing) >> 1
    const part = partOf(operations, returns.slice(0, middle))
    const verdict = checkKey(part, { ...limits, maxUnknown: 30 })
    if (verdict.kind === 'not-linearizable') {
      failing = middle
    } else {
      passing = middle
      order = verdict.kind === 'linearizable' ? verdict.order : order
    }
  }
  return { failing, order }
}

/** EX2 @param returned - in the order of their returns. */
function partOf(operations: readonly Operation[], returned: readonly Answered[]): Operation[] {
  const isReturned = new Set<Operation>(returned)
  const moment = returned.at(-1)?.fate.returnedAt ?? 0
  return operations
    .filter(({ invokedAt }) => invokedAt <= moment)
    .map((operation): Operation =>
      isReturned.has(operation) ? operation : { ...operation, fate: { kind: 'unknown' } },
    )
    .filter(({ fate, call }) => fate.kind !== 'unknown' || call.kind !== 'read')
}

/** EX3. When others have seen its effect it has its place already, and only that one. */
function describePlaces(order: readonly Operation[], misfit: Answered): string[] {
  const own = order.findIndex(({ call, client, invokedAt }) => {
    return call === misfit.call && client === misfit.client && invokedAt === misfit.invokedAt
  })
  const firstPlace = order.findLastIndex(({ fate }) => isBefore(fate, misfit)) + 1
  const firstShown = Math.max(0, order.length - SHOWN)
  let state = NOTHING_PINNED
  const lines: string[] = []
  for (let place = 0; ; place++) {
    const isPossible = own === -1 ? place >= firstPlace : place === own
    if (isPossible && place >= firstShown) {
      lines.push(`      here: ${describeState(state)}; ${describeMisfit(state, misfit, order.slice(place))}`)
    }
    const next = order[place]
    if (next === undefined) {
      return lines
    }
    state = after(state, next) ?? state
    if (place >= firstShown) {
      lines.push(`  ${describe(next)}`)
    }
  }
}

function describeMisfit(state: PinState, misfit: Answered, rest: readonly Operation[]): string {
  let later = after(state, misfit)
  if (later === null) {
    const { answer } = misfit.fate
    const isPast = (placeOf(answer) ?? state.position) < state.position
    const revision = isPast ? `; the log is beyond revision ${answer.revision} already` : ''
    return `expected ${expectedAnswer(state, misfit.call)}, seen ${describeAnswer(answer)}${revision}`
  }
  for (const next of rest) {
    later = after(later, next)
    if (later === null) {
      return `it fits, but then this does not: ${describe(next)}`
    }
  }
  return 'it fits'
}

function after(state: PinState, { call, fate }: Operation): PinState | null {
  return step(state, call, fate.kind === 'answered' ? fate.answer : null)
}

function isBefore(fate: Operation['fate'], { invokedAt }: Operation): boolean {
  return fate.kind === 'answered' && fate.returnedAt < invokedAt
}

function describe({ client, call, fate, note }: Operation): string {
  const outcome = fate.kind === 'answered' ? describeAnswer(fate.answer) : 'open then, taken to have happened'
  return `${client} ${describeCall(call)} -> ${outcome}${note === '' ? '' : `  (${note})`}`
}
