/** Reading of the state that is in use at that moment. */
import { StoppedError, type RowKey } from '@pinset/interface'

import type { ConsensusStorage } from '../ports.ts'

/** Rows of the state in use; of the one after it when it is replaced, and closed, while it is read. */
export async function readRows(
  storage: Pick<ConsensusStorage, 'state'>,
  keys: readonly RowKey[],
): Promise<readonly (Uint8Array | undefined)[]> {
  for (;;) {
    const { state } = storage
    try {
      return await state.getMany(keys)
    } catch (err) {
      if (!(err instanceof StoppedError) || storage.state === state) {
        throw err
      }
    }
  }
}
