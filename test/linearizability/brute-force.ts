/**
 * The obviously correct checker, for histories of a few operations: every order, every choice of which unknown operations happened,
 * every log index that could matter for those whose index nobody was told. Shares nothing with the checker and its model: here a
 * plain machine is run at one index after the other, and its answers are compared with those of the history.
 */
import type { Answer, Call, Operation } from './history.ts'

interface Machine {
  readonly pin: { readonly content: string; readonly direct: boolean; readonly modifiedIndex: number } | null
  /** The last index that was used. */
  readonly index: number
}

/** @param operations - of one CID, with nothing that certainly did not happen. */
export function isLinearizable(operations: readonly Operation[]): boolean {
  const mentioned = [...new Set(operations.flatMap(indexesOf))]
  return canFinish({ pin: null, index: 0 }, operations, mentioned)
}

function canFinish(machine: Machine, left: readonly Operation[], mentioned: readonly number[]): boolean {
  if (left.every(({ fate }) => fate.kind === 'unknown')) {
    return true
  }
  return left.some((next) => {
    const isLate = left.some(({ fate }) => fate.kind === 'answered' && fate.returnedAt < next.invokedAt)
    if (isLate) {
      return false
    }
    const rest = left.filter((other) => other !== next)
    return possibleIndexes(machine, next, mentioned).some((index) => {
      const { answer, after } = run(machine, next.call, index)
      return (next.fate.kind !== 'answered' || agree(answer, next.fate.answer)) && canFinish(after, rest, mentioned)
    })
  })
}

function possibleIndexes({ index }: Machine, { call, fate }: Operation, mentioned: readonly number[]): number[] {
  const first = call.kind === 'read' ? index : index + 1
  const told = fate.kind === 'answered' ? fate.answer.revision : null
  const candidates = told === null ? [first, ...mentioned] : [told]
  return [...new Set(candidates)].filter((candidate) => candidate >= first)
}

function run(machine: Machine, call: Call, revision: number): { readonly answer: Answer; readonly after: Machine } {
  const { pin } = machine
  const same = { ...machine, index: revision }
  if (call.kind === 'read') {
    return {
      answer:
        pin === null
          ? { kind: 'absent', revision }
          : { kind: 'present', content: pin.content, modifiedIndex: pin.modifiedIndex, revision },
      after: same,
    }
  }
  const modifiedIndex = pin === null ? 0 : pin.modifiedIndex
  if (call.ifModifiedIndex !== null && call.ifModifiedIndex !== modifiedIndex) {
    return { answer: { kind: 'conflict', modifiedIndex, revision }, after: same }
  }
  if (call.kind === 'unpin') {
    return pin === null
      ? { answer: { kind: 'not-pinned', revision }, after: same }
      : { answer: { kind: 'unpinned', content: pin.content, revision }, after: { ...same, pin: null } }
  }
  if (pin !== null && pin.content === call.content) {
    return { answer: { kind: 'pinned', changed: false, modifiedIndex, revision }, after: same }
  }
  const direct = call.mode === 'direct'
  if (pin !== null && !pin.direct && direct) {
    return { answer: { kind: 'refused', revision }, after: same }
  }
  return {
    answer: { kind: 'pinned', changed: true, modifiedIndex: revision, revision },
    after: { ...same, pin: { content: call.content, direct, modifiedIndex: revision } },
  }
}

function agree(answer: Answer, told: Answer): boolean {
  const fields = new Map<string, unknown>(Object.entries(answer))
  return Object.entries(told).every(([name, value]) => value === null || fields.get(name) === value)
}

function indexesOf({ call, fate }: Operation): number[] {
  const told = fate.kind === 'answered' ? fate.answer : null
  return [
    call.kind === 'read' ? null : call.ifModifiedIndex,
    told?.revision,
    told !== null && 'modifiedIndex' in told ? told.modifiedIndex : null,
  ].filter((index) => typeof index === 'number')
}
