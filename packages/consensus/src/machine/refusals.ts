/** Why apply refuses an operation. The numbers stand in rows: never changed, never reused. */

export const REFUSALS = Object.freeze({
  recursiveToDirect: 1,
  keyOfAnotherRequest: 2,
  keyAhead: 3,
  notMember: 4,
  tooManyOpen: 5,
  serialOfAnotherRequest: 6,
  serialForgotten: 7,
})

const REASONS: Readonly<Record<number, string>> = Object.freeze({
  [REFUSALS.recursiveToDirect]: 'the pin is recursive and cannot become direct; unpin it first',
  [REFUSALS.keyOfAnotherRequest]: 'the idempotency key was used for another request; make a new key for each request',
  [REFUSALS.keyAhead]:
    'the time in the idempotency key is more than 5 minutes ahead of the cluster; set the clock of the client',
  [REFUSALS.notMember]:
    'the peer that took the request is not a member of the cluster, or its database was replaced; ask another peer',
  [REFUSALS.tooManyOpen]: 'the peer that took the request has too many without an answer; repeat later',
  [REFUSALS.serialOfAnotherRequest]:
    'the request id was used for another request; the peer that took the request must use each serial once',
  [REFUSALS.serialForgotten]:
    'the request id is older than what is remembered of the peer that took the request; it must use each serial once',
})

export function refused(reason: number): { readonly kind: 'refused'; readonly reason: string } {
  return { kind: 'refused', reason: REASONS[reason] ?? `refused for reason ${reason}` }
}

/** The number of a reason text; 0 when it is none of these. */
export function refusalNumber(text: string): number {
  return Object.values(REFUSALS).find((number) => REASONS[number] === text) ?? 0
}
