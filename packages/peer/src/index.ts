/** A peer: make its data directory (`initPeer`), run it (`startPeer`). */
export { type InitializedPeer, type InitMode, initPeer, type InitPeerOptions } from './init-peer.ts'
export { type RunFile, type RunningPeer, startPeer, type StartPeerOptions } from './start-peer.ts'
export { VERSION } from './version.ts'
