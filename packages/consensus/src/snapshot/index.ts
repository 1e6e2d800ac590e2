export { SNAPSHOT_LIMITS } from './chunk-codec.ts'
export { encodeSnapshot } from './encode-snapshot.ts'
export { SnapshotVerifier } from './snapshot-verifier.ts'
