/**
 * Typed listeners, called synchronously.
 *
 * EM1 A listener that throws harms neither the emitter nor the listeners after it: the error is reported and dropped.
 */
import type { Emitter } from '@pinset/interface'

export class SyncEmitter<Events> implements Emitter<Events> {
  readonly #listeners = new Map<keyof Events, Set<(event: never) => void>>()
  readonly #onError: (err: unknown) => void

  constructor(onError: (err: unknown) => void) {
    this.#onError = onError
  }

  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, listeners)
    // One function may listen twice: each registration is its own.
    const own = (event: Events[Name]): void => listener(event)
    listeners.add(own)
    return () => {
      listeners.delete(own)
    }
  }

  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    for (const listener of Array.from(this.#listeners.get(name) ?? [])) {
      try {
        ;(listener as (event: Events[Name]) => void)(event)
      } catch (err) {
        this.#onError(err) // EM1
      }
    }
  }

  hasListeners(name: keyof Events): boolean {
    return (this.#listeners.get(name)?.size ?? 0) > 0
  }
}
