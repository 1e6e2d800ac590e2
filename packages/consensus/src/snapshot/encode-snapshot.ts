/** A state as chunks, from its beginning or after a cursor. */
import { CorruptError, type Row, type StateSnapshot } from '@pinset/interface'

import { chunkedBytes, decodeCursor, encodeChunk, SNAPSHOT_LIMITS, type SnapshotCursor } from './chunk-codec.ts'

/**
 * The chunks of a state, its meta data last.
 *
 * @param snapshotId - of the handle: a cursor of another one is refused, for it would mix two states.
 * @param resumeAfter - the receiver's cursor; empty: from the beginning.
 * @throws {CorruptError} the cursor is not one of this snapshot.
 */
export async function* encodeSnapshot(
  snapshot: StateSnapshot,
  snapshotId: string,
  resumeAfter: Uint8Array,
): AsyncGenerator<Uint8Array> {
  const cursor = resumeAfter.length === 0 ? null : checkCursor(decodeCursor(resumeAfter), snapshotId)
  let sequence = cursor === null ? 0 : cursor.sequence + 1
  let rows: Row[] = []
  let bytes = 0
  for await (const read of snapshot.rows(cursor === null ? {} : { after: cursor.after })) {
    for (const row of read) {
      const rowBytes = chunkedBytes(row)
      if (rows.length > 0 && bytes + rowBytes > SNAPSHOT_LIMITS.cutChunkBytes) {
        yield encodeChunk({ kind: 'rows', sequence, rows })
        sequence += 1
        rows = []
        bytes = 0
      }
      rows.push(row)
      bytes += rowBytes
    }
  }
  if (rows.length > 0) {
    yield encodeChunk({ kind: 'rows', sequence, rows })
    sequence += 1
  }
  yield encodeChunk({ kind: 'meta', sequence, meta: snapshot.meta })
}

function checkCursor(cursor: SnapshotCursor, snapshotId: string): SnapshotCursor {
  if (cursor.snapshotId !== snapshotId) {
    throw new CorruptError(
      `snapshot cursor.snapshotId: ${cursor.snapshotId}, but ${snapshotId} is being sent; start from the beginning`,
    )
  }
  return cursor
}
