/** The IPFS nodes that a peer can drive. Importing this room is cheap: Helia and libp2p are loaded by `start()`. */
export { createHeliaConnector, HeliaConnector } from './helia-connector.ts'
export type { CollectGarbageResult } from './garbage.ts'
export type { HeliaConnectorInit } from './settings.ts'
