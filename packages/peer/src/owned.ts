/** What was started and has to be stopped. */
import type { Logger } from '@pinset/interface'

/** Stop in reverse order, once. A part that fails to stop does not keep the others from stopping. */
export async function stopAll(owned: (() => Promise<unknown>)[], logger: Logger): Promise<void> {
  for (const stop of owned.splice(0).toReversed()) {
    try {
      await stop()
    } catch (error) {
      logger.error('A part did not stop cleanly', { err: error })
    }
  }
}
