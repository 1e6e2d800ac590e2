/** Small random histories of one CID: true by construction, from a register that is run, and then perhaps falsified in one place. */
import { Random } from '../simulator/random.ts'
import type { Answer, Call, Fate, Mode, Operation } from './history.ts'

interface Plan {
  readonly client: string
  readonly call: Call
  readonly invokedAt: number
  readonly effectAt: number
  readonly returnedAt: number
  /** Nobody was told; null: it does not take effect either. */
  readonly unknown: 'effect' | 'nothing' | null
}

const contents: readonly { readonly content: string; readonly mode: Mode }[] = [
  { content: 'a', mode: 'recursive' },
  { content: 'b', mode: 'recursive' },
  { content: 'c', mode: 'direct' },
]

export interface Shape {
  readonly clients: number
  readonly operations: number
  /** Operations wait and last shorter than this. */
  readonly slow: number
  /** At most so many, none of them a read. */
  readonly unknown: number
  /** That an operation is unknown, while some are left. */
  readonly unknownRate: number
  /** That a field of an answer is not told. */
  readonly vague: number
}

/** @returns 3 to 7 operations, at most 3 of them unknown; about a third are not linearizable. */
export function randomHistory(seed: number): Operation[] {
  const random = new Random(seed)
  const operations = registerHistory(random, {
    clients: random.between(1, 3),
    operations: random.between(3, 7),
    slow: random.between(2, 12),
    unknown: random.pick([0, 1, 1, 2, 3]),
    unknownRate: 0.4,
    vague: random.chance(0.3) ? 0.5 : 0,
  })
  return random.chance(0.6) ? falsify(random, operations) : operations
}

/** Linearizable by construction. */
export function registerHistory(random: Random, shape: Shape): Operation[] {
  const plans = planOperations(random, shape)
  const answers = runRegister(random, plans)
  return plans.map(({ client, call, invokedAt, returnedAt, unknown }, n): Operation => {
    const answer = blur(random, shape.vague, answers[n])
    const fate: Fate = unknown === null ? { kind: 'answered', returnedAt, answer } : { kind: 'unknown' }
    return { client, key: 'k', call, invokedAt, fate, note: '' }
  })
}

function planOperations(random: Random, { clients, operations, slow, unknown, unknownRate }: Shape): Plan[] {
  const freeAt = Array.from({ length: clients }, () => 0)
  let unknownLeft = unknown
  return Array.from({ length: operations }, (): Plan => {
    const client = random.int(clients)
    const invokedAt = (freeAt[client] ?? 0) + random.int(6)
    const effectAt = invokedAt + random.int(slow)
    const returnedAt = effectAt + random.int(slow)
    const call = randomCall(random)
    const isUnknown = call.kind !== 'read' && unknownLeft > 0 && random.chance(unknownRate)
    unknownLeft -= isUnknown ? 1 : 0
    freeAt[client] = (isUnknown ? invokedAt : returnedAt) + 1
    return {
      client: `c${client}`,
      call,
      invokedAt,
      effectAt: isUnknown ? effectAt + random.int(3 * slow) : effectAt,
      returnedAt,
      unknown: isUnknown ? random.pick(['effect', 'effect', 'nothing'] as const) : null,
    }
  })
}

function randomCall(random: Random): Call {
  const ifModifiedIndex = random.chance(0.2) ? random.int(8) : null
  return random.pick<() => Call>([
    () => ({ kind: 'pin', ...random.pick(contents), ifModifiedIndex }),
    () => ({ kind: 'pin', ...random.pick(contents), ifModifiedIndex }),
    () => ({ kind: 'unpin', ifModifiedIndex }),
    () => ({ kind: 'read' }),
    () => ({ kind: 'read' }),
  ])()
}

/** The answers by number of the plan, as a register gives them that takes the operations in the order of their effects. */
function runRegister(random: Random, plans: readonly Plan[]): Answer[] {
  const answers: Answer[] = []
  const inOrder = Array.from(plans.entries()).filter(([, { unknown }]) => unknown !== 'nothing')
  inOrder.sort(([, one], [, other]) => one.effectAt - other.effectAt)
  let pin = null as { readonly content: string; readonly mode: Mode; readonly modifiedIndex: number } | null
  let index = 0
  for (const [n, { call }] of inOrder) {
    if (call.kind === 'read') {
      index += random.pick([0, 0, 1])
      answers[n] =
        pin === null
          ? { kind: 'absent', revision: index }
          : { kind: 'present', content: pin.content, modifiedIndex: pin.modifiedIndex, revision: index }
      continue
    }
    index += random.pick([1, 1, 2])
    const now = pin === null ? 0 : pin.modifiedIndex
    if (call.ifModifiedIndex !== null && call.ifModifiedIndex !== now) {
      answers[n] = { kind: 'conflict', modifiedIndex: now, revision: index }
    } else if (call.kind === 'unpin') {
      answers[n] =
        pin === null
          ? { kind: 'not-pinned', revision: index }
          : { kind: 'unpinned', content: pin.content, revision: index }
      pin = null
    } else if (pin?.content === call.content) {
      answers[n] = { kind: 'pinned', changed: false, modifiedIndex: now, revision: index }
    } else if (pin?.mode === 'recursive' && call.mode === 'direct') {
      answers[n] = { kind: 'refused', revision: index }
    } else {
      pin = { content: call.content, mode: call.mode, modifiedIndex: index }
      answers[n] = { kind: 'pinned', changed: true, modifiedIndex: index, revision: index }
    }
  }
  return answers
}

/** The client is told less: null instead of some fields. */
function blur(random: Random, chance: number, answer: Answer | undefined): Answer {
  const told = { ...answer } as Record<string, unknown>
  for (const name of ['changed', 'modifiedIndex', 'revision']) {
    if (name in told && !(name === 'modifiedIndex' && told['kind'] === 'conflict') && random.chance(chance)) {
      told[name] = null
    }
  }
  return told as Answer
}

/** Something is not as it was: an answer, a field of one, or when it came. The history may still be true. */
function falsify(random: Random, operations: readonly Operation[]): Operation[] {
  const at = random.int(operations.length)
  return operations.map((operation, n) => {
    if (n !== at || operation.fate.kind !== 'answered') {
      return operation
    }
    const { fate, call } = operation
    const { answer } = fate
    const change = random.pick<() => Partial<Operation>>([
      () => ({ fate: { ...fate, answer: otherAnswer(random, call, answer) } }),
      () => ({ fate: { ...fate, answer: otherAnswer(random, call, answer) } }),
      () => ({ fate: { ...fate, answer: { ...answer, revision: random.int(10) } } }),
      () => ({ invokedAt: operation.invokedAt + 30, fate: { ...fate, returnedAt: fate.returnedAt + 30 } }),
      () => ({ invokedAt: operation.invokedAt - 30, fate: { ...fate, returnedAt: fate.returnedAt - 30 } }),
    ])
    return { ...operation, ...change() }
  })
}

function otherAnswer(random: Random, call: Call, answer: Answer): Answer {
  const { revision } = answer
  const modifiedIndex = random.int(8)
  const { content } = random.pick(contents)
  const answers: Answer[] =
    call.kind === 'read'
      ? [
          { kind: 'absent', revision },
          { kind: 'present', content, modifiedIndex, revision },
          { kind: 'present', content, modifiedIndex: null, revision },
        ]
      : [{ kind: 'conflict', modifiedIndex, revision }]
  if (call.kind === 'pin') {
    answers.push(
      { kind: 'refused', revision },
      { kind: 'pinned', changed: true, modifiedIndex: revision, revision },
      { kind: 'pinned', changed: false, modifiedIndex, revision },
    )
  } else if (call.kind === 'unpin') {
    answers.push({ kind: 'not-pinned', revision }, { kind: 'unpinned', content, revision })
  }
  return random.pick(answers)
}
