/** When the driver's loop runs. Injected, so that a simulator runs it in virtual time. */

export interface Scheduler {
  /** Run `task` once, soon, never before the call returns. Tasks run in the order of their calls. */
  schedule(task: () => void): void
}

/** Once per turn of the event loop, after the sockets and completions of that turn were read: what came together is stepped together. */
export const turnScheduler: Scheduler = Object.freeze({
  schedule(task: () => void) {
    setImmediate(task)
  },
})
