/**
 * What this peer answers when others ask it about consensus: the server side of the method table.
 *
 * RS1 The asker is the authenticated peer, never a field: a request in another peer's name is refused.
 * RS2 Calls to the leader take one hop: who does not lead says so, and passes nothing on.
 */
import {
  CommitOutcomeUnknownError,
  NoLeaderError,
  NotAdmittedError,
  RefusedError,
  type PeerId,
  type Rpc,
  type RpcContext,
} from '@pinset/interface'

import { membershipOf } from './codec/membership-codec.ts'
import type { Replica } from './driver/replica.ts'
import type { Newcomer } from './membership/index.ts'
import type { Clock, StorageIdentity } from './ports.ts'
import { resultToAnswer } from './proposals/forwarder.ts'
import type { Joiner } from './proposals/joiner.ts'
import type { OperationDesk } from './proposals/operation-desk.ts'
import type { MembershipCalls } from './proposals/membership-calls.ts'
import type { MembershipDesk } from './proposals/membership-desk.ts'
import type { Reader } from './reads/reader.ts'
import {
  CONSENSUS_METHODS,
  type ChangeMembershipRequest,
  type CommittedMembership,
  type GrantedAdmission,
  type JoinRequest,
  type MembershipEntryAt,
  type ProposalAnswer,
  type ProposedOperation,
} from './rpc-methods.ts'

export interface RpcServiceComponents {
  readonly rpc: Rpc
  readonly clock: Clock
  readonly identity: () => StorageIdentity
  readonly self: () => Newcomer
  readonly replica: Replica
  readonly operationDesk: OperationDesk
  readonly membershipDesk: MembershipDesk
  readonly membershipCalls: MembershipCalls
  readonly reader: Reader
  readonly joiner: Joiner
}

/** Begin to answer; returns what ends it. */
export function serve(components: RpcServiceComponents): () => void {
  const { rpc, joiner, self, identity } = components
  const m = CONSENSUS_METHODS
  const handlers = [
    rpc.handle(m.identify, async () => ({ self: self(), clusterId: identity().clusterId, epoch: identity().epoch })),
    rpc.handle(m.admit, async (granted) => {
      await joiner.admitted(granted)
      return null
    }),
    rpc.handle(m.join, (request, context) => join(components, request, context)),
    rpc.handle(m.membership, async () => committedMembership(components)),
    rpc.handle(m.propose, (operations, context) => propose(components, operations, context.from)),
    rpc.handle(m.readIndex, (_, context) => readIndex(components, context)),
    rpc.handle(m.checkpoints, async () => components.replica.checkpoints),
    rpc.handle(m.changeMembership, (request, context) => changeMembership(components, request, context)),
    rpc.handle(m.transfer, (to, { signal }) => components.membershipCalls.transferHere(to, { signal })),
  ]
  return () => {
    for (const takeAway of handlers) {
      takeAway()
    }
  }
}

/** The admission that goes with a membership that is committed. */
export function grantedAdmission(
  identity: StorageIdentity,
  { index, entry }: MembershipEntryAt,
): GrantedAdmission | null {
  const { clusterId, epoch } = identity
  if (clusterId === null || index === 0 || entry.length === 0) {
    return null
  }
  return { index, record: { clusterId, epoch, members: membershipOf(entry).members } }
}

async function join(
  components: RpcServiceComponents,
  { newcomer, clusterId }: JoinRequest,
  { from, signal }: RpcContext,
): Promise<GrantedAdmission> {
  const { membershipCalls, identity, replica } = components
  if (newcomer.peerId !== from) {
    throw new RefusedError(`${from} asks to let in ${newcomer.peerId}; a peer asks for itself`) // RS1
  }
  if (identity().clusterId !== clusterId) {
    throw new NotAdmittedError(
      `this peer belongs to ${identity().clusterId ?? 'no cluster'}, not to ${clusterId}; use a token of this cluster`,
    )
  }
  const changed = await membershipCalls.change({ op: 'add-peer', newcomer, wanted: 'voter' }, { signal })
  const { meta } = replica
  const granted = grantedAdmission(
    identity(),
    changed.entry.length > 0 ? changed : { index: meta.membershipIndex, entry: meta.membership },
  )
  if (granted === null) {
    throw new NotAdmittedError('this peer knows no members itself yet; ask another one')
  }
  return granted
}

function committedMembership({ identity, replica }: RpcServiceComponents): CommittedMembership {
  const { clusterId, epoch } = identity()
  if (clusterId === null) {
    throw new NotAdmittedError('this peer belongs to no cluster yet')
  }
  const { membershipIndex, membership, appliedIndex } = replica.meta
  return { clusterId, epoch, index: membershipIndex, entry: membership, appliedIndex }
}

async function propose(
  { operationDesk }: RpcServiceComponents,
  operations: readonly ProposedOperation[],
  from: PeerId,
): Promise<readonly ProposalAnswer[]> {
  if (operations.some(({ requestId }) => requestId.peerId !== from)) {
    throw new RefusedError(`${from} proposes in the name of another peer`) // RS1
  }
  const results = await operationDesk.submit(operations)
  return results.map(resultToAnswer)
}

async function readIndex({ clock, reader }: RpcServiceComponents, { signal }: RpcContext): Promise<number> {
  const deadlineMs = clock.nowMs() + CONSENSUS_METHODS.readIndex.timeoutMs
  const index = await reader.readIndexAsLeader({ clock, deadlineMs, signal })
  if (index === null) {
    throw new NoLeaderError('this peer does not lead, or lost its quorum while it confirmed the read') // RS2
  }
  return index
}

async function changeMembership(
  { clock, membershipDesk }: RpcServiceComponents,
  { change, requestId, actor }: ChangeMembershipRequest,
  { from, signal }: RpcContext,
): Promise<MembershipEntryAt> {
  if (requestId.peerId !== from) {
    throw new RefusedError(`${from} asks in the name of ${requestId.peerId}`) // RS1
  }
  const deadlineMs = clock.nowMs() + CONSENSUS_METHODS.changeMembership.timeoutMs / 2
  const answer = await membershipDesk.change(change, { requestId, actor, deadlineMs, signal })
  switch (answer.kind) {
    case 'done':
      return answer.value
    case 'not-proposed':
      throw new NoLeaderError(answer.detail) // RS2
    case 'unknown':
  }
  throw new CommitOutcomeUnknownError(answer.detail)
}
