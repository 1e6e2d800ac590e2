/**
 * Owns what clients may be told, by the committed log and by the histories that they have written down.
 *
 * OR1 A view at a revision shows what the log gives at that revision, and a revision that was asked for is reached.
 * OR2 What was acknowledged stands in the log where it was said to; once. What was said to have come to nothing does not.
 * OR3 A request that was answered is answered the same again, whatever has happened since.
 * OR4 Every CID's history is linearizable, and revisions follow real time across all CIDs. A search without an end is a failure.
 */
import type { CID } from 'multiformats/cid'

import { encodePinContent, encodePinRequest } from '../../../packages/consensus/src/codec/pin-codec.ts'
import { checkKey } from '../../linearizability/checker.ts'
import { explain } from '../../linearizability/explain.ts'
import {
  describeAnswer,
  partitionByKey,
  type Answer,
  type Fate,
  type Operation,
} from '../../linearizability/history.ts'
import { findRevisionOutOfOrder } from '../../linearizability/revision-order.ts'
import { Violation } from '../invariants/violation.ts'
import { contentOf, type Look, type Write } from './attempts.ts'
import type { PinsetModel } from './pinset-model.ts'

/** A write of a client, and what the client was told at last. */
export interface Written {
  readonly client: string
  readonly write: Write
  /** No other write has the same options. */
  readonly isUnique: boolean
  readonly fate: Fate
}

/** OR1 */
export function checkLook(pinset: PinsetModel, who: string, cid: CID, least: number, { revision, record }: Look): void {
  if (revision < least) {
    throw new Violation('monotonic reads', `${who} asked for revision ${least} and sees ${revision}`)
  }
  const { modifiedIndex, content } = pinset.versionAt(cid, revision)
  const seen = record === null ? null : encodePinContent(record.pin)
  const isSame = seen === null || content === null ? seen === content : Buffer.compare(seen, content) === 0
  if (!isSame || (record?.modifiedIndex ?? 0) !== modifiedIndex) {
    const what = record === null ? 'nothing' : `${contentOf(record.pin)} of ${record.modifiedIndex}`
    throw new Violation(
      'agreed reads',
      `${who} sees ${what} at revision ${revision}; by the log it is written at ${modifiedIndex} (0: absent)`,
    )
  }
}

/** OR2 */
export function checkFates(pinset: PinsetModel, writes: readonly Written[]): void {
  for (const written of writes) {
    const wrong = misplaced(pinset, written)
    if (wrong !== null) {
      const { client, write, fate } = written
      const what = write.request === null ? 'unpin' : `pin ${contentOf(write.request)}`
      const told = fate.kind === 'answered' ? describeAnswer(fate.answer) : fate.kind
      throw new Violation('acknowledged', `${client}, ${what} of ${write.cid.toString()}: told ${told}, but ${wrong}`)
    }
  }
}

function misplaced(pinset: PinsetModel, { write, isUnique, fate }: Written): string | null {
  const content = write.request === null ? null : encodePinRequest(write.request)
  const places = pinset.versionsOf(write.cid).filter((version) => {
    return content === null || version.content === null
      ? version.content === content
      : Buffer.compare(content, version.content) === 0
  })
  const { kind } = fate
  const answer = kind === 'answered' ? fate.answer : null
  const hasEffect = answer?.kind === 'unpinned' || (answer?.kind === 'pinned' && answer.changed === true)
  if (hasEffect && !places.some(({ at }) => at === answer.revision)) {
    return 'the log has no such change there'
  }
  if (isUnique && places.length > (hasEffect || kind === 'unknown' ? 1 : 0)) {
    return `the log has it at ${places.map(({ at }) => at).join(', ')}`
  }
  return null
}

/** OR3 */
export function checkAgain(who: string, first: Answer, again: Answer): void {
  const [one, other] = [describeAnswer(first), describeAnswer(again)]
  if (one !== other) {
    throw new Violation('same answer', `${who} was told ${one}, and for the same request again ${other}`)
  }
}

/** OR4 */
export function checkHistories(operations: readonly Operation[]): void {
  const outOfOrder = findRevisionOutOfOrder(operations)
  for (const [key, of] of partitionByKey(operations)) {
    const verdict = checkKey(of)
    switch (verdict.kind) {
      case 'linearizable':
        break
      case 'not-linearizable':
        throw new Violation('linearizability', explain(of))
      case 'exceeded':
        throw new Violation('linearizability', `${key}: no verdict after ${verdict.steps} steps`)
      case 'too-large':
        throw new Violation('linearizability', `${key}: ${verdict.operations} operations, ${verdict.unknown} unknown`)
    }
  }
  if (outOfOrder !== null) {
    throw new Violation('revision order', outOfOrder)
  }
}
