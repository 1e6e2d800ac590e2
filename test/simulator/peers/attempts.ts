/**
 * Owns what one attempt of a client's call says about its fate: answered, unknown, or certainly nothing.
 *
 * AT1 Only an error that promises that nothing was proposed is taken for nothing; whatever is not known to promise it is unknown.
 */
import type { Consensus, PinOptions, PinRecord, PinRequest, WriteOptions } from '@pinset/interface'
import type { CID } from 'multiformats/cid'

import { refusalNumber, REFUSALS } from '../../../packages/consensus/src/machine/refusals.ts'
import type { Answer, Call } from '../../linearizability/history.ts'
import { Violation } from '../invariants/violation.ts'
import type { SimulatedPeer } from './peer.ts'

/** What clients use of a peer. */
export type Surface = Pick<Consensus, 'logPin' | 'logUnpin' | 'state'>

export type Distort = (surface: Surface) => Surface

export interface Write {
  readonly cid: CID
  /** Null for an unpin. */
  readonly request: PinRequest | null
  readonly options: WriteOptions
}

export type Attempt =
  | { readonly kind: 'answered'; readonly answer: Answer & { readonly revision: number }; readonly timeMs: number }
  | { readonly kind: 'unknown'; readonly detail: string }
  | { readonly kind: 'nothing'; readonly detail: string }

/** A record in a view. */
export interface Look {
  readonly revision: number
  readonly record: PinRecord | null
}

/** Errors that say: nothing was proposed. AT1 */
export const harmless: ReadonlySet<string> = new Set([
  'NoLeaderError',
  'OverloadedError',
  'InvalidRequestError',
  'RefusedError',
  'StoppedError',
])
/** Decided, but without a look at whether an earlier attempt has had an effect. */
const withoutEffect = new Set<number>([
  REFUSALS.keyAhead,
  REFUSALS.notMember,
  REFUSALS.tooManyOpen,
  REFUSALS.serialForgotten,
  REFUSALS.serialOfAnotherRequest,
])

/** The options of a pin in one word; equal for equal options. */
export function contentOf({ name, mode, metadata, replicationFactorMin, expireAtMs }: PinOptions): string {
  return [
    name,
    ...(mode === 'direct' ? ['direct'] : []),
    ...Object.entries(metadata).map(([key, value]) => `${key}=${value}`),
    ...(replicationFactorMin === -1 ? [] : [`min ${replicationFactorMin}`]),
    ...(expireAtMs === null ? [] : [`until ${expireAtMs}`]),
  ].join('/')
}

export function callOf({ request, options }: Write): Call {
  const ifModifiedIndex = options.ifModifiedIndex ?? null
  return request === null
    ? { kind: 'unpin', ifModifiedIndex }
    : { kind: 'pin', content: contentOf(request), mode: request.mode, ifModifiedIndex }
}

/** @param patience - in µs; then the client waits no longer. */
export async function attemptWrite(
  peer: SimulatedPeer,
  { cid, request, options }: Write,
  distort: Distort,
  patience: number | null,
): Promise<Attempt> {
  const impatient = new AbortController()
  const { process } = peer
  if (patience !== null) {
    process?.later(patience, () => impatient.abort(), 'clients')
  }
  const all = { ...options, ...(patience !== null && { signal: impatient.signal }) }
  const said = await peer.ask(async (consensus) => {
    const surface = distort(consensus)
    return request === null ? await surface.logUnpin(cid, all) : await surface.logPin(request, all)
  })
  switch (said.kind) {
    case 'down':
      return { kind: 'nothing', detail: 'down' }
    case 'gone':
      return { kind: 'unknown', detail: 'gone' }
    case 'failed':
      return { kind: harmless.has(said.error.name) ? 'nothing' : 'unknown', detail: said.error.name }
    case 'answered':
      return judge(request, said.value)
  }
}

export async function attemptRead(
  peer: SimulatedPeer,
  cid: CID,
  options: Parameters<Surface['state']>[0],
  distort: Distort,
): Promise<Look | string> {
  const said = await peer.show(async (consensus): Promise<Look> => {
    const view = await distort(consensus).state(options)
    try {
      return { revision: view.revision, record: (await view.get(cid)) ?? null }
    } finally {
      await view.close()
    }
  })
  return said.kind === 'answered' ? said.value : said.kind === 'failed' ? said.error.name : said.kind
}

function judge(
  request: PinRequest | null,
  { outcome, revision }: Awaited<ReturnType<Surface['logPin' | 'logUnpin']>>,
): Attempt {
  const answered = (answer: Answer & { readonly revision: number }, timeMs = 0): Attempt => {
    return { kind: 'answered', answer, timeMs }
  }
  switch (outcome.kind) {
    case 'pinned': {
      const { pin, changed, modifiedIndex } = outcome
      if (request !== null && contentOf(pin) !== contentOf(request)) {
        throw new Violation('own answer', `asked to pin ${contentOf(request)}, pinned is ${contentOf(pin)}`)
      }
      return answered({ kind: 'pinned', changed, modifiedIndex, revision }, pin.timestampMs)
    }
    case 'unpinned':
      return answered({ kind: 'unpinned', content: contentOf(outcome.pin), revision }, outcome.pin.timestampMs)
    case 'not-pinned':
      return answered({ kind: 'not-pinned', revision })
    case 'conflict':
      return answered({ kind: 'conflict', modifiedIndex: outcome.modifiedIndex, revision })
    case 'expired':
      return { kind: 'nothing', detail: 'expired' }
    case 'refused': {
      const reason = refusalNumber(outcome.reason)
      if (reason === REFUSALS.recursiveToDirect) {
        return answered({ kind: 'refused', revision })
      }
      if (!withoutEffect.has(reason)) {
        throw new Violation('own answer', `refused at ${revision}: ${outcome.reason}`)
      }
      return { kind: 'nothing', detail: `refused ${reason}` }
    }
  }
}
