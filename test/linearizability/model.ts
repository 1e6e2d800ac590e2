/**
 * Owns what one CID of the pinset does, one operation at a time: which answers are possible, and what is true afterwards.
 *
 * - MO1 An equal pin changes nothing and keeps its index; a condition is looked at before everything else.
 * - MO2 The pin's `modifiedIndex` is a range: a write whose index nobody was told leaves it open, what is seen later narrows it.
 * - MO3 The order is that of the log: a write stands at its revision, alone, so that an index names one state of the pin; a read at a
 *   revision comes after the write of it and before that of the next.
 * - MO4 An unknown write is applied only if it changes something: without effect it is the same as one that never happened.
 */
import type { Answer, Call, Mode } from './history.ts'

export interface PinState {
  /** Null when there is no pin. */
  readonly content: string | null
  readonly mode: Mode
  /** MO2: `modifiedIndex` is at least this; 0 to 0 when there is no pin. */
  readonly low: number
  readonly high: number
  /** MO3: 2 × revision after a write, 2 × revision + 1 after a read; no later operation stands before it. */
  readonly position: number
  /** How far beyond the write at `modifiedIndex` that is at least, for as long as the index is open. */
  readonly beyond: number
}

export const NOTHING_PINNED: PinState = { content: null, mode: 'recursive', low: 0, high: 0, position: 1, beyond: 0 }

/** The state after the operation; null when this answer cannot be given here. @param answer - null when it is unknown. */
export function step(state: PinState, call: Call, answer: Answer | null): PinState | null {
  if (call.kind === 'read') {
    return answer === null ? null : stepRead(state, answer)
  }
  const here = place(state, answer === null ? null : placeOf(answer), nextWrite)
  if (here === null) {
    return null
  }
  if (answer?.kind === 'conflict') {
    return stepConflict(here, call, answer.modifiedIndex)
  }
  const current = call.ifModifiedIndex === null ? here : narrow(here, call.ifModifiedIndex) // MO1
  if (current === null) {
    return null
  }
  return call.kind === 'pin' ? stepPin(current, call, answer) : stepUnpin(current, answer)
}

function stepRead(state: PinState, answer: Answer): PinState | null {
  const here = place(state, placeOf(answer), afterRead)
  if (here === null) {
    return null
  }
  if (answer.kind === 'absent') {
    return here.content === null ? here : null
  }
  if (answer.kind !== 'present' || here.content !== answer.content) {
    return null
  }
  return answer.modifiedIndex === null ? here : narrow(here, answer.modifiedIndex)
}

function stepConflict(here: PinState, call: Exclude<Call, { kind: 'read' }>, found: number): PinState | null {
  const { ifModifiedIndex } = call
  return ifModifiedIndex === null || ifModifiedIndex === found ? null : narrow(here, found)
}

function stepPin(current: PinState, call: Call & { kind: 'pin' }, answer: Answer | null): PinState | null {
  const changes = current.content !== call.content
  const isRefused = changes && current.content !== null && current.mode === 'recursive' && call.mode === 'direct'
  if (answer?.kind === 'refused') {
    return isRefused ? current : null
  }
  if (isRefused || (answer !== null && answer.kind !== 'pinned')) {
    return null
  }
  if (!changes) {
    if (answer === null || answer.changed === true) {
      return null // MO4
    }
    return answer.modifiedIndex === null ? current : narrow(current, answer.modifiedIndex)
  }
  if (answer?.changed === false) {
    return null
  }
  const written = {
    content: call.content,
    mode: call.mode,
    low: current.position / 2,
    high: answer?.revision ?? Number.POSITIVE_INFINITY,
    position: current.position,
    beyond: 0,
  }
  return answer === null || answer.modifiedIndex === null ? written : narrow(written, answer.modifiedIndex)
}

function stepUnpin(current: PinState, answer: Answer | null): PinState | null {
  if (current.content === null) {
    return answer?.kind === 'not-pinned' ? current : null // MO4
  }
  if (answer !== null && (answer.kind !== 'unpinned' || (answer.content ?? current.content) !== current.content)) {
    return null
  }
  return { ...NOTHING_PINNED, position: current.position }
}

/** MO3: where an answer says that its operation stands; operations with a place are in the order of their places. */
export function placeOf({ kind, revision }: Answer): number | null {
  const isRead = kind === 'present' || kind === 'absent'
  return revision === null ? null : 2 * revision + (isRead ? 1 : 0)
}

/**
 * The same state, where the next operation stands; null when the log is beyond that. MO3
 *
 * @param next - the nearest place after another.
 */
function place(state: PinState, told: number | null, next: typeof afterRead): PinState | null {
  const nearest = next(state.position)
  const position = told ?? nearest
  if (position < nearest) {
    return null
  }
  const beyond = state.low === state.high ? 0 : next(state.beyond)
  const high = told === null ? state.high : Math.min(state.high, (position - beyond) / 2)
  return high < state.low ? null : { ...state, high, position, beyond }
}

function afterRead(position: number): number {
  return position % 2 === 0 ? position + 1 : position
}

function nextWrite(position: number): number {
  return position % 2 === 0 ? position + 2 : position + 1
}

/** The same state, now that its index is known. MO2 */
function narrow(state: PinState, modifiedIndex: number): PinState | null {
  if (modifiedIndex < state.low || modifiedIndex > state.high) {
    return null
  }
  const position = Math.max(state.position, 2 * modifiedIndex + state.beyond)
  return { ...state, low: modifiedIndex, high: modifiedIndex, position }
}

export function sameState(one: PinState, other: PinState): boolean {
  return (
    one.content === other.content &&
    one.mode === other.mode &&
    one.low === other.low &&
    one.high === other.high &&
    one.position === other.position &&
    one.beyond === other.beyond
  )
}

/** A 32-bit integer, equal for equal states. */
export function hashState({ content, low, high, position, beyond }: PinState): number {
  let hash = Math.imul(low + 1, 0x9e3779b1) ^ Math.imul(position + 1, 0x85ebca77) ^ beyond
  hash ^= Number.isFinite(high) ? Math.imul(high + 1, 0xc2b2ae3d) : 0x27d4eb2f
  if (content !== null) {
    for (let i = 0; i < content.length; i++) {
      hash = Math.imul(hash ^ content.charCodeAt(i), 0x01000193)
    }
  }
  return hash | 0
}

/** For people. */
export function describeState({ content, low, high, position }: PinState): string {
  const revision = `${position % 2 === 0 ? 'within' : 'after'} revision ${Math.floor(position / 2)}`
  if (content === null) {
    return `not pinned, ${revision}`
  }
  const written =
    low === high ? `at ${low}` : Number.isFinite(high) ? `somewhere in ${low}..${high}` : `at ${low} or later`
  return `pinned as ${content}, written ${written}, ${revision}`
}

/** The answer that the operation would have to get in this state, without its revision. */
export function expectedAnswer(state: PinState, call: Call): string {
  const { content, low, high } = state
  const index = low === high ? `${low}` : `one of ${low}..${Number.isFinite(high) ? high : ''}`
  if (call.kind === 'read') {
    return content === null ? 'absent' : `present ${content}, modifiedIndex ${index}`
  }
  const { ifModifiedIndex } = call
  if (ifModifiedIndex !== null && (ifModifiedIndex < low || ifModifiedIndex > high)) {
    return `conflict, modifiedIndex ${index}`
  }
  const mayConflict = ifModifiedIndex !== null && low !== high ? 'conflict, or ' : ''
  if (call.kind === 'unpin') {
    return mayConflict + (content === null ? 'not-pinned' : `unpinned ${content}`)
  }
  if (content === call.content) {
    return `${mayConflict}pinned, unchanged, modifiedIndex ${index}`
  }
  const isRefused = content !== null && state.mode === 'recursive' && call.mode === 'direct'
  return mayConflict + (isRefused ? 'refused, the pin is recursive' : 'pinned, changed, modifiedIndex its own revision')
}
