/** Peers that answer the method `membership`, and a clock that is set by hand. */
import { type Member, type PeerId, PeerUnreachableError, type Rpc, type RpcMethod } from '@pinset/interface'

import type { Clock } from '../../src/ports.ts'
import type { CommittedMembership } from '../../src/rpc-methods.ts'
import { membershipEntry } from './samples.ts'

export const CLUSTER_ID = 'ab'.repeat(32)

export function committed(
  index: number,
  members: readonly Member[],
  changes: Partial<CommittedMembership> = {},
): CommittedMembership {
  const { data: entry } = membershipEntry(index, members)
  return { clusterId: CLUSTER_ID, epoch: 1, index, entry, appliedIndex: index, ...changes }
}

export class MemberRpc implements Pick<Rpc, 'call'> {
  /** What each peer answers; one that is not here cannot be reached, null never answers. */
  readonly answers = new Map<string, CommittedMembership | null>()
  readonly asked: PeerId[] = []

  async call<Request, Response>(
    to: PeerId,
    method: RpcMethod<Request, Response>,
    request: Request,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<Response> {
    this.asked.push(to)
    method.request.decode(method.request.encode(request))
    const answer = this.answers.get(to)
    if (answer === undefined) throw new PeerUnreachableError(`${to} cannot be reached`, to)
    if (answer === null) {
      return new Promise((_, reject) => {
        options.signal?.addEventListener('abort', () => reject(options.signal?.reason as Error))
      })
    }
    return method.response.decode(method.response.encode(answer as Response))
  }
}

export class HandClock implements Clock {
  #nowMs = 1_000
  #timers: { dueMs: number; callback: () => void }[] = []

  nowMs(): number {
    return this.#nowMs
  }

  wallMs(): number {
    return this.#nowMs
  }

  setTimer(delayMs: number, callback: () => void): () => void {
    const timer = { dueMs: this.#nowMs + delayMs, callback }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  get timers(): number {
    return this.#timers.length
  }

  /** Let time pass; timers fire in order, and what they start gets some turns. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms
    for (;;) {
      await turns()
      const next = this.#timers.filter(({ dueMs }) => dueMs <= endMs).sort((a, b) => a.dueMs - b.dueMs)[0]
      if (next === undefined) break
      this.#timers = this.#timers.filter((other) => other !== next)
      this.#nowMs = Math.max(this.#nowMs, next.dueMs)
      next.callback()
    }
    this.#nowMs = endMs
    await turns()
  }
}

/** Let promises that need nothing from outside settle. */
export async function turns(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve()
}
