/**
 * Operations on their way to a leader that is another peer: owns the calls that carry them.
 *
 * FW1 What is handed over in one turn travels in one call, within its limits; no timer delays a lone operation.
 * FW2 At most `maxCalls` calls to a leader at a time; what comes meanwhile goes with the next.
 * FW3 A call to a peer that no longer leads is given up; its operations are unknown, and are asked for again elsewhere.
 */
import {
  CorruptError,
  InvalidRequestError,
  OverloadedError,
  RefusedError,
  type PeerId,
  type Rpc,
} from '@pinset/interface'

import { cutProposals, encodeProposedOperation } from '../codec/rpc-codec.ts'
import type { Scheduler } from '../driver/scheduler.ts'
import { toError } from '../driver/waiting.ts'
import { CONSENSUS_METHODS, type ProposalAnswer, type ProposedOperation } from '../rpc-methods.ts'
import type { OperationResult } from './operation-desk.ts'

interface Item {
  readonly operation: ProposedOperation
  readonly encoded: Uint8Array
  readonly resolve: (result: OperationResult) => void
  readonly reject: (error: Error) => void
}

interface Line {
  waiting: Item[]
  calls: number
  readonly controllers: Set<AbortController>
}

export interface ForwarderInit {
  /** Operations per call. @default 500 */
  readonly maxOperations?: number
  /** Calls to one leader at a time. @default 4 */
  readonly maxCalls?: number
}

export class Forwarder {
  readonly #rpc: Rpc
  readonly #scheduler: Scheduler
  readonly #maxOperations: number
  readonly #maxCalls: number
  readonly #lines = new Map<PeerId, Line>()
  #scheduled = false

  constructor(rpc: Rpc, scheduler: Scheduler, init: ForwarderInit = {}) {
    this.#rpc = rpc
    this.#scheduler = scheduler
    this.#maxOperations = init.maxOperations ?? 500
    this.#maxCalls = init.maxCalls ?? 4
  }

  /** @throws {InvalidRequestError} too large. @throws what the call threw: says nothing about the fate of the operation. */
  submit(leader: PeerId, operation: ProposedOperation): Promise<OperationResult> {
    return new Promise((resolve, reject) => {
      const encoded = encodeChecked(operation)
      const line = this.#lines.get(leader) ?? { waiting: [], calls: 0, controllers: new Set() }
      this.#lines.set(leader, line)
      line.waiting.push({ operation, encoded, resolve, reject })
      this.#wake()
    })
  }

  /** FW3 */
  leaderChanged(leader: PeerId | null): void {
    for (const [peer, line] of this.#lines) {
      if (leader !== null && peer !== leader) {
        this.#giveUp(line, new DOMException('another peer leads now', 'AbortError'))
      }
    }
  }

  close(cause: Error): void {
    for (const line of this.#lines.values()) {
      this.#giveUp(line, cause)
    }
  }

  #giveUp(line: Line, cause: Error): void {
    for (const { reject } of line.waiting.splice(0)) {
      reject(cause)
    }
    for (const controller of line.controllers) {
      controller.abort(cause)
    }
  }

  /** FW1 */
  #wake(): void {
    if (!this.#scheduled) {
      this.#scheduled = true
      this.#scheduler.schedule(() => {
        this.#scheduled = false
        for (const [leader, line] of this.#lines) {
          while (line.waiting.length > 0 && line.calls < this.#maxCalls) {
            void this.#call(leader, line) // FW2
          }
        }
      })
    }
  }

  async #call(leader: PeerId, line: Line): Promise<void> {
    const items = this.#take(line)
    const controller = new AbortController()
    line.calls += 1
    line.controllers.add(controller)
    try {
      const answers = await this.#rpc.call(
        leader,
        CONSENSUS_METHODS.propose,
        items.map(({ operation }) => operation),
        { signal: controller.signal },
      )
      for (const [at, { resolve }] of items.entries()) {
        resolve(answerToResult(answers[at]))
      }
    } catch (err) {
      for (const { reject } of items) {
        reject(toError(err))
      }
    } finally {
      line.calls -= 1
      line.controllers.delete(controller)
      if (line.waiting.length > 0) {
        this.#wake()
      } else if (line.calls === 0) {
        this.#lines.delete(leader)
      }
    }
  }

  #take(line: Line): readonly Item[] {
    const next = line.waiting.slice(0, this.#maxOperations)
    const count = cutProposals(next.map(({ encoded }) => encoded))
    return line.waiting.splice(0, count)
  }
}

/** @throws {InvalidRequestError} it is larger than an operation may be, and was not handed over. */
function encodeChecked(operation: ProposedOperation): Uint8Array {
  try {
    return encodeProposedOperation(operation)
  } catch (err) {
    throw err instanceof CorruptError
      ? new InvalidRequestError(`the ${operation.request.kind} cannot be recorded: ${err.message}`, { cause: err })
      : err
  }
}

/** As the leader says it on the wire. */
export function resultToAnswer(result: OperationResult): ProposalAnswer {
  switch (result.kind) {
    case 'decided':
      return { kind: 'committed', revision: result.revision, outcome: result.outcome }
    case 'unknown':
      return { kind: 'unknown', message: result.detail }
    case 'error':
      return { kind: 'rejected', code: errorCode(result.error), message: result.error.message }
    case 'not-proposed':
  }
  return {
    kind: 'rejected',
    code: result.reason === 'busy' ? 'ERR_OVERLOADED' : 'ERR_NO_LEADER',
    message: result.detail,
  }
}

function answerToResult(answer: ProposalAnswer | undefined): OperationResult {
  switch (answer?.kind) {
    case 'committed':
      // Without its outcome it is committed all the same: the outcome comes with the own log, or with a retry.
      return answer.outcome === null
        ? { kind: 'unknown', detail: `committed at ${answer.revision}; the outcome did not fit into the answer` }
        : { kind: 'decided', outcome: answer.outcome, revision: answer.revision }
    case 'unknown':
      return { kind: 'unknown', detail: answer.message }
    case 'rejected':
      return rejectionToResult(answer.code, answer.message)
    case undefined:
  }
  return { kind: 'unknown', detail: 'the leader gave no answer for this operation' }
}

function rejectionToResult(code: string, message: string): OperationResult {
  switch (code) {
    case 'ERR_NO_LEADER':
    case 'ERR_STOPPED':
      return { kind: 'not-proposed', reason: 'not-leader', leader: null, detail: message }
    case 'ERR_OVERLOADED':
      return { kind: 'error', error: new OverloadedError(message) }
    case 'ERR_INVALID_REQUEST':
      return { kind: 'error', error: new InvalidRequestError(message) }
    default:
      return { kind: 'error', error: new RefusedError(message) }
  }
}

function errorCode(error: Error): string {
  const { code } = error as { readonly code?: unknown }
  return typeof code === 'string' && code.startsWith('ERR_') ? code.slice(0, 64) : 'ERR_REFUSED'
}
