/** Every limit of the transport, with its unit and its reason. */

export interface TransportLimits {
  /** Longest first frame, and longest frame of a peer that has not been let in: it has a few names in it. */
  readonly maxHelloBytes: number
  /** Longest frame on a Raft stream; the core's messages stay below it by their own limits. */
  readonly maxFrameBytes: number
  /** Longest body of a request or response, and longest snapshot chunk. */
  readonly maxBodyBytes: number
  /** Bytes given to a stream at once; more would make others wait. */
  readonly maxSendBytes: number
  /** Messages waiting for one peer: above the core's in-flight limits (4 MiB, 64 messages). */
  readonly outboxBytes: number
  readonly outboxFrames: number
  /** Snapshot bytes on the way that the receiver has not taken in; more would delay heartbeats. */
  readonly snapshotWindowBytes: number
  /** A snapshot stream without a frame for this long is broken. */
  readonly snapshotStallMs: number
  /** One step of a snapshot (a chunk, the verification at its end) takes at most this long. */
  readonly snapshotStepMs: number
  /** Snapshot streams that are let in and received at the same time. */
  readonly snapshotInbound: number
  /** Calls in flight to one peer. */
  readonly rpcOutboundCalls: number
  /** Requests of one peer that are being served. */
  readonly rpcInboundCalls: number
  /** Bytes of requests or responses waiting for one peer. */
  readonly rpcOutboxBytes: number
  /** From the opening of a stream to the answer of the other side, its questions to other members included. */
  readonly handshakeMs: number
  readonly dialTimeoutMs: number
  readonly dialBackoffMinMs: number
  readonly dialBackoffMaxMs: number
  /** A peer that has promised to be heard from and is silent for this long, and for 10 election timeouts, is gone. */
  readonly silentLinkMs: number
  /** How long a second connection to the same peer is kept beside the one in use. */
  readonly spareLinkMs: number
  /** Connections that peers which are not members keep to this one; members are never among them. */
  readonly strangerLinks: number
  /** Addresses of peers that are not members, kept for answers and repeated calls. */
  readonly rememberedPeers: number
}

export const DEFAULT_LIMITS: TransportLimits = Object.freeze({
  maxHelloBytes: 8 * 1024,
  maxFrameBytes: 1024 * 1024,
  maxBodyBytes: 1024 * 1024,
  maxSendBytes: 64 * 1024,
  outboxBytes: 16 * 1024 * 1024,
  outboxFrames: 16_384,
  snapshotWindowBytes: 512 * 1024,
  snapshotStallMs: 30_000,
  snapshotStepMs: 600_000,
  snapshotInbound: 4,
  rpcOutboundCalls: 1024,
  rpcInboundCalls: 256,
  rpcOutboxBytes: 32 * 1024 * 1024,
  handshakeMs: 10_000,
  dialTimeoutMs: 10_000,
  dialBackoffMinMs: 100,
  dialBackoffMaxMs: 5_000,
  silentLinkMs: 5_000,
  spareLinkMs: 1_000,
  strangerLinks: 128,
  rememberedPeers: 1_000,
})

/** What a body may gain by its envelope. */
export const ENVELOPE_BYTES = 16 * 1024
