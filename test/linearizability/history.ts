/**
 * Owns what clients saw: one operation on one CID for each thing that a client asked, and what it learned of its fate.
 *
 * - HI1 Moments are numbers of one clock. Of two operations one comes first only if it returned strictly before the other was invoked.
 * - HI2 An unknown outcome stays open to the end of the history: it may take effect at any later moment, or never.
 * - HI3 All attempts of one request (same idempotency key) are one operation, from the first call to the last answer.
 * - HI4 What certainly did not happen, and reads without an answer, constrain nothing and are left out.
 */

export type Mode = 'recursive' | 'direct'

/** `content` stands for all options of a pin: equal contents are equal pins. */
export type Call =
  | { readonly kind: 'pin'; readonly content: string; readonly mode: Mode; readonly ifModifiedIndex: number | null }
  | { readonly kind: 'unpin'; readonly ifModifiedIndex: number | null }
  /** Linearizable. Local reads promise less and are checked elsewhere. */
  | { readonly kind: 'read' }

/** A field is null when the client was not told. `revision` is the log index of a decision, or what a view shows. */
export type Answer =
  | {
      readonly kind: 'pinned'
      readonly changed: boolean | null
      readonly modifiedIndex: number | null
      readonly revision: number | null
    }
  | { readonly kind: 'unpinned'; readonly content: string | null; readonly revision: number | null }
  | { readonly kind: 'not-pinned'; readonly revision: number | null }
  | { readonly kind: 'conflict'; readonly modifiedIndex: number; readonly revision: number | null }
  /** A recursive pin does not become direct. */
  | { readonly kind: 'refused'; readonly revision: number | null }
  | {
      readonly kind: 'present'
      readonly content: string
      readonly modifiedIndex: number | null
      readonly revision: number | null
    }
  | { readonly kind: 'absent'; readonly revision: number | null }

export type Fate =
  | { readonly kind: 'answered'; readonly returnedAt: number; readonly answer: Answer }
  /** HI2 */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'not-happened' }

export interface Operation {
  readonly client: string
  /** The CID. */
  readonly key: string
  readonly call: Call
  readonly invokedAt: number
  readonly fate: Fate
  /** For people: through which peer, at what time. */
  readonly note: string
}

export type Answered = Operation & { readonly fate: { readonly kind: 'answered' } }

export function isAnswered(operation: Operation): operation is Answered {
  return operation.fate.kind === 'answered'
}

/** An operation that is under way. */
export interface OpenOperation {
  /** Tell the fate once; later words are a mistake of the caller. */
  answered(answer: Answer, note?: string): void
  unknown(note?: string): void
  notHappened(): void
}

/** Writes a history down as it happens, in one process: each moment is the number of calls and returns before it. */
export class Recorder {
  readonly #operations: Operation[] = []
  #moment = 0

  begin(client: string, key: string, call: Call, note = ''): OpenOperation {
    const at = this.#operations.length
    const begun: Operation = { client, key, call, invokedAt: this.#next(), fate: { kind: 'unknown' }, note }
    this.#operations.push(begun)
    let open = true
    const close = (fate: Fate, more: string): void => {
      if (!open) {
        throw new Error(`the fate of operation ${at} is told twice`)
      }
      open = false
      this.#operations[at] = { ...begun, fate, note: [note, more].filter((text) => text !== '').join(', ') }
    }
    return {
      answered: (answer, more = '') => close({ kind: 'answered', returnedAt: this.#next(), answer }, more),
      unknown: (more = '') => close({ kind: 'unknown' }, more),
      notHappened: () => close({ kind: 'not-happened' }, ''),
    }
  }

  /** All so far, in the order of their calls; what is still under way is unknown. */
  get operations(): readonly Operation[] {
    return this.#operations
  }

  #next(): number {
    this.#moment += 1
    return this.#moment
  }
}

/** The operations that say something, by CID. HI4 */
export function partitionByKey(operations: readonly Operation[]): Map<string, Operation[]> {
  const byKey = new Map<string, Operation[]>()
  for (const operation of operations) {
    const { key, fate, call } = operation
    if (fate.kind === 'not-happened' || (fate.kind === 'unknown' && call.kind === 'read')) {
      continue
    }
    const of = byKey.get(key)
    if (of === undefined) {
      byKey.set(key, [operation])
    } else {
      of.push(operation)
    }
  }
  return byKey
}

/** For people. */
export function describeCall(call: Call): string {
  if (call.kind === 'read') {
    return 'read'
  }
  const condition = call.ifModifiedIndex === null ? '' : ` if at ${call.ifModifiedIndex}`
  const what = call.kind === 'pin' ? ` ${call.content}${call.mode === 'direct' ? ' (direct)' : ''}` : ''
  return `${call.kind}${what}${condition}`
}

/** For people. */
export function describeAnswer(answer: Answer): string {
  const { kind, revision } = answer
  const parts: string[] = [kind]
  if ((kind === 'present' || kind === 'unpinned') && answer.content !== null) {
    parts[0] = `${kind} ${answer.content}`
  }
  if (kind === 'pinned' && answer.changed !== null) {
    parts.push(answer.changed ? 'changed' : 'unchanged')
  }
  if ('modifiedIndex' in answer && answer.modifiedIndex !== null) {
    parts.push(`modifiedIndex ${answer.modifiedIndex}`)
  }
  if (revision !== null) {
    parts.push(`revision ${revision}`)
  }
  return parts.join(', ')
}
