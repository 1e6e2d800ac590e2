/**
 * What peers ask each other about consensus: one table of methods, from which client and server derive.
 *
 * - RM1 Calls to the leader take one hop: a peer that does not lead answers with an error and never passes them on.
 */
import type { Codec, RpcMethod } from '@pinset/interface'

import * as codecs from './codec/rpc-codec.ts'

export type * from './rpc-messages.ts'

/** All methods of consensus. */
export const CONSENSUS_METHODS = Object.freeze({
  /** Who are you? Asked of an address before its peer is added. */
  identify: method('identify', 'open', codecs.nothing, codecs.identification, 15_000),
  /** Let me in, as the token says. Answered by any member, which takes the hop to the leader. The caller is the newcomer. */
  join: method('join', 'open', codecs.joinRequest, codecs.grantedAdmission, 30_000),
  /** You are in: keep this. Refused by a peer that belongs to another cluster. */
  admit: method('admit', 'open', codecs.grantedAdmission, codecs.nothing, 10_000),
  /** The newest committed membership, from which a removed peer learns its fate and a member whom it may let in. */
  membership: method('membership', 'open', codecs.nothing, codecs.committedMembership, 2_000),
  /** To the leader: allocate, stamp, propose, and answer in order once applied there. */
  propose: method('propose', 'member', codecs.proposedOperations, codecs.proposalAnswers, 30_000),
  /** To the leader: an index which every read made after it reflects. */
  readIndex: method('readIndex', 'member', codecs.nothing, codecs.readIndexResponse, 5_000),
  /** What was your state, lately? */
  checkpoints: method('checkpoints', 'member', codecs.nothing, codecs.checkpointsResponse, 3_000),
  /** To the leader: add, remove, demote or update; answered once committed. */
  changeMembership: method(
    'changeMembership',
    'member',
    codecs.changeMembershipRequest,
    codecs.changeMembershipResponse,
    30_000,
  ),
  /** To the leader: hand over. */
  transfer: method('transfer', 'member', codecs.transferRequest, codecs.transferResponse, 15_000),
})

function method<Request, Response>(
  verb: string,
  policy: 'open' | 'member',
  request: Codec<Request>,
  response: Codec<Response>,
  timeoutMs: number,
): RpcMethod<Request, Response> {
  return Object.freeze({ name: `consensus.${verb}`, policy, request, response, timeoutMs })
}
