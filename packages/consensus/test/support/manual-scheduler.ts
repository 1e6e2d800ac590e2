import type { Scheduler } from '../../src/driver/scheduler.ts'

/** Runs tasks when it is told to. */
export class ManualScheduler implements Scheduler {
  #tasks: (() => void)[] = []

  schedule(task: () => void): void {
    this.#tasks.push(task)
  }

  get waiting(): number {
    return this.#tasks.length
  }

  /** Run what waits now, not what that schedules. Returns how many ran. */
  runOnce(): number {
    const tasks = this.#tasks
    this.#tasks = []
    for (const task of tasks) {
      task()
    }
    return tasks.length
  }
}

/** Let promises that are settled run their continuations. */
export async function microtasks(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) {
    await Promise.resolve()
  }
}
