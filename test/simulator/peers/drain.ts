/**
 * Lets everything that was promised go on, at once: runs the queue of microtasks until it is empty, from inside a macrotask.
 *
 * D1 After `drain` no promise callback is waiting: what goes on later goes on by an event of virtual time.
 */
import { setFlagsFromString } from 'node:v8'
import { runInThisContext } from 'node:vm'

/** The flag stays: a function that was not called for long may be compiled again. */
function microtaskCheckpoint(): () => void {
  setFlagsFromString('--allow-natives-syntax')
  return runInThisContext('() => %PerformMicrotaskCheckpoint()') as () => void
}

const checkpoint = microtaskCheckpoint()

/**
 * Do `turn` again and again, each time after everything that was promised before has gone on, until it returns true.
 *
 * @param stackDepth - of errors that are made meanwhile.
 *
 * A checkpoint inside the turn costs a tenth of a turn of the event loop, and is as exact.
 */
export function repeatDrained(turn: () => boolean, stackDepth: number): Promise<void> {
  return new Promise((resolve, reject) => {
    setImmediate(() => {
      // Stacks of errors that are answers cost more than the answers.
      const { stackTraceLimit } = Error
      Error.stackTraceLimit = stackDepth
      try {
        let turns = 0
        do {
          checkpoint()
          turns++
        } while (!turn())
        if (turns > 1) {
          assertDrains()
        }
        resolve()
      } catch (err) {
        reject(err)
      } finally {
        Error.stackTraceLimit = stackTraceLimit
      }
    })
  })
}

/** D1, in case the engine ever does nothing on a checkpoint. */
function assertDrains(): void {
  let drained = false
  void Promise.resolve().then(() => (drained = true))
  checkpoint()
  if (!drained) {
    throw new Error('promises do not go on at a checkpoint of this engine')
  }
}
