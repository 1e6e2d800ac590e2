/** What members ask each other outside of consensus: who they are and how pins stand on their IPFS nodes. Methods are declared here, once. */
import {
  CorruptError,
  PIN_STATUSES,
  type Codec,
  type IpfsIdentity,
  type PeerId,
  type PinInfo,
  type PinStatus,
  type RpcMethod,
} from '@pinset/interface'
import { CID } from 'multiformats/cid'

import * as proto from './proto/peer.ts'

/** CIDs that one status request may name. */
export const MAX_CIDS_PER_REQUEST = 128
/** CIDs being unpinned that one answer may list. */
export const MAX_UNPINNING_LISTED = 1000

export interface PeerAnswer {
  readonly name: string
  readonly addresses: readonly string[]
  readonly version: string
  readonly ipfs: IpfsIdentity | null
  readonly ipfsError: string
}

/** A `PinInfo` without what the asking peer knows better. */
export type PinInfoAnswer = Omit<PinInfo, 'peerId' | 'peerName' | 'priorityPin'>

const empty: Codec<null> = {
  encode: () => new Uint8Array(0),
  decode: () => null,
}

const peerAnswer: Codec<PeerAnswer> = {
  encode: (answer) =>
    proto.InfoResponse.encode({
      name: answer.name,
      addresses: [...answer.addresses],
      version: answer.version,
      ipfsId: answer.ipfs?.id ?? '',
      ipfsAddresses: [...(answer.ipfs?.addresses ?? [])],
      ipfsError: answer.ipfsError,
    }),
  decode: (bytes) => {
    const message = proto.InfoResponse.decode(bytes)
    return {
      name: message.name,
      addresses: message.addresses,
      version: message.version,
      ipfs: message.ipfsId === '' ? null : { id: message.ipfsId, addresses: message.ipfsAddresses },
      ipfsError: message.ipfsError,
    }
  },
}

const cids: Codec<readonly CID[]> = {
  encode: (list) => proto.StatusRequest.encode({ cids: list.map((cid) => cid.bytes) }),
  decode: (bytes) => decodeCids(proto.StatusRequest.decode(bytes).cids, MAX_CIDS_PER_REQUEST),
}

const pinInfos: Codec<readonly PinInfoAnswer[]> = {
  encode: (infos) =>
    proto.StatusResponse.encode({
      infos: infos.map(({ progress, ipfsPeerId, ipfsAddresses, ...info }) => ({
        ...info,
        ipfsId: ipfsPeerId,
        ipfsAddresses: [...ipfsAddresses],
        ...(progress === undefined ? {} : { blocks: progress.blocks, bytes: progress.bytes }),
      })),
    }),
  decode: (bytes) =>
    proto.StatusResponse.decode(bytes).infos.map((info) => ({
      status: checkStatus(info.status),
      timestampMs: info.timestampMs,
      error: info.error,
      attemptCount: info.attemptCount,
      ipfsPeerId: info.ipfsId,
      ipfsAddresses: info.ipfsAddresses,
      ...(info.blocks === undefined ? {} : { progress: { blocks: info.blocks, bytes: info.bytes ?? 0 } }),
    })),
}

export const INFO: RpcMethod<null, PeerAnswer> = {
  name: 'peer.info',
  policy: 'member',
  request: empty,
  response: peerAnswer,
  timeoutMs: 5_000,
}

/** One answer for each CID asked, in order. */
export const STATUS: RpcMethod<readonly CID[], readonly PinInfoAnswer[]> = {
  name: 'tracker.status',
  policy: 'member',
  request: cids,
  response: pinInfos,
  timeoutMs: 5_000,
}

export const RECOVER: RpcMethod<CID, null> = {
  name: 'tracker.recover',
  policy: 'member',
  request: {
    encode: (cid) => proto.RecoverRequest.encode({ cid: cid.bytes }),
    decode: (bytes) => decodeCid(proto.RecoverRequest.decode(bytes).cid),
  },
  response: empty,
  timeoutMs: 5_000,
}

/** CIDs that are no longer in the pinset and not yet unpinned. */
export const UNPINNING: RpcMethod<null, readonly CID[]> = {
  name: 'tracker.unpinning',
  policy: 'member',
  request: empty,
  response: {
    encode: (list) => proto.UnpinningResponse.encode({ cids: list.map((cid) => cid.bytes) }),
    decode: (bytes) => decodeCids(proto.UnpinningResponse.decode(bytes).cids, MAX_UNPINNING_LISTED),
  },
  timeoutMs: 5_000,
}

export function answerToPinInfo(answer: PinInfoAnswer, peerId: PeerId, peerName: string): PinInfo {
  return { ...answer, peerId, peerName, priorityPin: false }
}

function decodeCids(list: readonly Uint8Array[], limit: number): CID[] {
  if (list.length > limit) throw new CorruptError(`${list.length} CIDs in one message; the limit is ${limit}`)
  return list.map(decodeCid)
}

function decodeCid(bytes: Uint8Array): CID {
  try {
    return CID.decode(bytes)
  } catch (error) {
    throw new CorruptError(`not a CID: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}

function checkStatus(text: string): PinStatus {
  // A newer peer may know more words than this one.
  return PIN_STATUSES.find((status) => status === text) ?? 'undefined'
}
