/** How peers talk: the transport over libp2p and in memory, keys and addresses, and the codecs of all frames, for fuzzing. */
export { decodeHello, decodeHelloAnswer, encodeHello, encodeHelloAnswer } from './codec/hello-codec.ts'
export type { Hello, HelloAnswer } from './codec/hello-codec.ts'
export { decodeRaftFrame, encodeRaftMessage } from './codec/raft-codec.ts'
export type { RaftFrameValue, StreamedMessage } from './codec/raft-codec.ts'
export { decodeRpcFrame, encodeRpcFrame } from './codec/rpc-codec.ts'
export type { RpcFailureValue, RpcFrameValue } from './codec/rpc-codec.ts'
export { decodeSnapshotFrame, encodeSnapshotFrame } from './codec/snapshot-codec.ts'
export type { SnapshotFrameValue } from './codec/snapshot-codec.ts'
export { createMemoryNetwork } from './create-memory-network.ts'
export type { MemoryTransportInit, TransportNetwork } from './create-memory-network.ts'
export { createTransport } from './create-transport.ts'
export type { TransportComponents, TransportInit } from './create-transport.ts'
export {
  generatePrivateKey,
  generateSwarmKey,
  parsePeerId,
  parseSwarmKey,
  peerIdOf,
  privateKeyFromBytes,
  privateKeyToBytes,
} from './keys.ts'
export type { PrivateKey } from './keys.ts'
export { DEFAULT_LIMITS } from './limits.ts'
export type { TransportLimits } from './limits.ts'
export { parseAnyMultiaddr, parseMultiaddr, parsePeerMultiaddr } from './multiaddrs.ts'
export type { ParsedMultiaddr } from './multiaddrs.ts'
export { PROTOCOLS } from './network/network.ts'
export { RemoteError } from './rpc/rpc-errors.ts'
export type { Transport } from './transport.ts'
