export { admitProposal, agreedVersion, proposalTimeMs, type ProposalContext } from './admit-proposal.ts'
export {
  type Applied,
  type AppliedEntry,
  type AppliedOperation,
  applyEntries,
  checkStateVersion,
  EMPTY_STATE_META,
} from './machine.ts'
export { clusterIdOf, extendChain, FIRST_HEAD } from './hash-chain.ts'
export { loadRows, missingKeys } from './missing-keys.ts'
export { LoadedRows } from './row-overlay.ts'
export { decodeExpiryQueue, decodePinRecord, EXPIRY_QUEUE_KEY, highestSerial, originRowKey, pinRowKey } from './rows.ts'
export { StateDigest } from './state-digest.ts'
