/**
 * Where the leader takes operations: allocates and stamps them, and hands them to the batcher. Owns what is between the arrival of
 * an operation and its batch.
 *
 * OD1 Everything that apply will not decide is decided here: allocations, the leader's time.
 * OD2 What waits here is bounded; above it nothing is taken (`busy`), and nothing was proposed.
 * OD3 Every operation that was taken is answered exactly once.
 * OD4 What every peer must be able to read is read here first: an entry that cannot be decoded would stop all of them.
 * OD5 A version is proposed only when every member can apply it; what needs a newer one is refused.
 */
import { CorruptError, InvalidRequestError, type Member, type PinRecord, type StateStore } from '@pinset/interface'
import type { Role } from '@pinset/raft'

import {
  decodeOperation,
  encodeOperation,
  NEEDED_VERSIONS,
  pinOperation,
  unpinOperation,
  type Envelope,
} from '../codec/operation-codec.ts'
import type { OperationOutcome } from '../codec/outcome-codec.ts'
import { toError } from '../driver/waiting.ts'
import { admitProposal, decodePinRecord, pinRowKey, proposalTimeMs, type AppliedOperation } from '../machine/index.ts'
import { agreedVersion } from '../membership/index.ts'
import type { Clock, Prepare } from '../ports.ts'
import type { ProposedOperation } from '../rpc-methods.ts'
import type { Batcher, ProposalResult } from './batcher.ts'
import { fingerprintOf } from './fingerprint.ts'

export type OperationResult =
  | { readonly kind: 'decided'; readonly outcome: OperationOutcome; readonly revision: number }
  | Exclude<ProposalResult<never>, { readonly kind: 'decided' }>
  | { readonly kind: 'error'; readonly error: Error }

export interface OperationDeskComponents {
  readonly batcher: Pick<Batcher<AppliedOperation>, 'add' | 'queuedCount'>
  readonly prepare: Prepare
  readonly clock: Clock
  readonly state: () => Pick<StateStore, 'getMany'>
  readonly members: () => readonly Member[]
  readonly committedTimeMs: () => number
  /** Idempotency keys in the table as applied. */
  readonly idempotencyKeys: () => number
  readonly role: () => Role
  readonly leader: () => string | null
}

interface Taken {
  readonly request: ProposedOperation
  readonly settle: (result: OperationResult) => void
}

export class OperationDesk {
  readonly #components: OperationDeskComponents
  readonly #maxWaiting: number
  #taken: Taken[] = []
  #preparing = 0
  #active = false
  #running: Promise<void> = Promise.resolve()
  #closed: string | null = null
  /** Of proposals that are not applied yet. */
  #keysInFlight = 0

  /** @param maxWaiting - operations before the log. */
  constructor(components: OperationDeskComponents, maxWaiting = 32_768) {
    this.#components = components
    this.#maxWaiting = maxWaiting
  }

  /** Resolves once every one of them is answered, in their order. Never rejects. */
  async submit(requests: readonly ProposedOperation[]): Promise<readonly OperationResult[]> {
    const refusal = this.#refusal(requests.length)
    if (refusal !== null) {
      return requests.map(() => refusal)
    }
    return await new Promise((resolve) => {
      const results: OperationResult[] = []
      let open = requests.length
      for (const [at, request] of requests.entries()) {
        const settle = (result: OperationResult): void => {
          results[at] = result // OD3
          open -= 1
          if (open === 0) {
            resolve(results)
          }
        }
        this.#taken.push({ request, settle })
      }
      if (open === 0) {
        resolve(results)
      }
      this.#wake()
    })
  }

  async submitOne(request: ProposedOperation): Promise<OperationResult> {
    const [result] = await this.submit([request])
    return result ?? halted('no answer')
  }

  /** What was not handed to the batcher is certainly not proposed. */
  async close(detail: string): Promise<void> {
    this.#closed ??= detail
    for (const { settle } of this.#taken.splice(0)) {
      settle(halted(detail))
    }
    await this.#running
  }

  #refusal(count: number): OperationResult | null {
    const { role, leader, batcher } = this.#components
    if (this.#closed !== null) {
      return halted(this.#closed)
    }
    if (role() !== 'leader') {
      return { kind: 'not-proposed', reason: 'not-leader', leader: leader(), detail: 'this peer does not lead' }
    }
    if (this.#taken.length + this.#preparing + batcher.queuedCount + count > this.#maxWaiting) {
      return {
        kind: 'not-proposed',
        reason: 'busy',
        leader: leader(),
        detail: `more than ${this.#maxWaiting} operations wait on the leader`,
      } // OD2
    }
    return null
  }

  #wake(): void {
    if (!this.#active) {
      this.#active = true
      this.#running = this.#run()
    }
  }

  async #run(): Promise<void> {
    while (this.#taken.length > 0) {
      const taken = this.#taken.splice(0, 1024)
      this.#preparing = taken.length
      await this.#prepareAll(taken)
      this.#preparing = 0
    }
    this.#active = false
  }

  async #prepareAll(taken: readonly Taken[]): Promise<void> {
    const nowMs = proposalTimeMs(this.#components.clock.wallMs(), this.#components.committedTimeMs())
    let current: readonly (PinRecord | undefined)[]
    try {
      current = await this.#currentPins(taken)
    } catch (err) {
      for (const { settle } of taken) {
        settle({ kind: 'error', error: toError(err) })
      }
      return
    }
    const encoded = await Promise.all(
      taken.map(async ({ request }, at) => {
        try {
          return await this.#encode(request, current[at], nowMs)
        } catch (err) {
          return toError(err)
        }
      }),
    )
    for (const [at, each] of taken.entries()) {
      const { settle } = each
      const bytes = encoded[at]
      if (this.#closed !== null) {
        settle(halted(this.#closed))
      } else if (bytes instanceof Uint8Array) {
        this.#handOver(each, bytes)
      } else {
        settle({ kind: 'error', error: bytes ?? new InvalidRequestError('the operation could not be encoded') })
      }
    }
  }

  #handOver({ request, settle }: Taken, bytes: Uint8Array): void {
    const keyed = request.idempotencyKey === null ? 0 : 1
    this.#keysInFlight += keyed
    const { bytes: cid } = request.request.kind === 'pin' ? request.request.pin.cid : request.request.cid
    this.#components.batcher.add({
      bytes,
      key: Buffer.from(cid.buffer, cid.byteOffset, cid.length).toString('latin1'),
      settle: (result) => {
        this.#keysInFlight -= keyed
        settle(
          result.kind === 'decided'
            ? { kind: 'decided', outcome: result.decision.outcome, revision: result.decision.revision }
            : result,
        )
      },
    })
  }

  async #currentPins(taken: readonly Taken[]): Promise<readonly (PinRecord | undefined)[]> {
    const pins = taken.flatMap(({ request }, at) =>
      request.request.kind === 'pin' ? [{ at, key: pinRowKey(request.request.pin.cid) }] : [],
    )
    const current = taken.map((): PinRecord | undefined => undefined)
    if (pins.length > 0) {
      const values = await this.#components.state().getMany(pins.map(({ key }) => key))
      for (const [nth, { at }] of pins.entries()) {
        const value = values[nth]
        current[at] = value === undefined ? undefined : decodePinRecord(value)
      }
    }
    return current
  }

  async #encode(request: ProposedOperation, current: PinRecord | undefined, nowMs: number): Promise<Uint8Array> {
    const { requestId, actor, ifModifiedIndex, request: body } = request
    const envelope: Envelope = {
      actor,
      requestId,
      idempotencyKey: request.idempotencyKey,
      fingerprint: fingerprintOf(request),
      timeMs: nowMs,
      ifModifiedIndex,
    }
    const members = this.#components.members()
    const version = agreedVersion(members) // OD5
    const refusal = admitProposal(envelope, NEEDED_VERSIONS[body.kind], {
      members,
      idempotencyKeys: this.#components.idempotencyKeys() + this.#keysInFlight,
    })
    if (refusal !== null) {
      throw refusal
    }
    const operation =
      body.kind === 'unpin'
        ? unpinOperation(envelope, body.cid, version)
        : pinOperation(
            envelope,
            await this.#components.prepare.pin(body.pin, { members, nowMs, current }), // OD1
            version,
          )
    try {
      const bytes = encodeOperation(operation)
      decodeOperation(bytes) // OD4
      return bytes
    } catch (err) {
      throw err instanceof CorruptError
        ? new InvalidRequestError(`the ${body.kind} cannot be recorded: ${err.message}`, { cause: err })
        : err
    }
  }
}

function halted(detail: string): OperationResult {
  return { kind: 'not-proposed', reason: 'halted', leader: null, detail }
}
