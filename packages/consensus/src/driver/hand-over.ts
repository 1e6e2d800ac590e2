/** Leaving as a leader, so that the others need not wait for an election. What was proposed here has a while to be answered. */
import type { Clock } from '../ports.ts'
import type { Replica } from './replica.ts'
import { waitFor } from './waiting.ts'

export interface HandOverOptions {
  readonly clock: Clock
  /** How long both may take together: that another peer leads, and that what was proposed here is applied. */
  readonly waitMs: number
  /** Have a listener called after entries were applied; returns what takes it away. */
  readonly onApplied: (listener: () => void) => () => void
}

/** Resolves when another voter leads and nothing that was proposed here waits, or when the time is over; at once on a lone voter. */
export async function handOver(replica: Replica, { clock, waitMs, onApplied }: HandOverOptions): Promise<void> {
  const deadlineMs = clock.nowMs() + waitMs
  const voters = replica.peerset.members.filter(({ suffrage }) => suffrage === 'voter')
  if (replica.leaders.role !== 'leader' || voters.length < 2) {
    return
  }
  await waitFor<null>({ clock, deadlineMs }, (settle) => {
    replica.driver.transfer(null, { ended: () => settle.done(null), dropped: () => settle.done(null) })
    return () => {}
  })
  await waitFor<null>({ clock, deadlineMs }, (settle) => {
    const look = (): void => {
      if (replica.table.size === 0) {
        settle.done(null)
      }
    }
    const off = onApplied(look)
    look()
    return off
  })
}
