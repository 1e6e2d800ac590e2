/**
 * The choice of noise and yamux, one line each: `@libp2p/noise` and `@libp2p/yamux` are the same code on the wire.
 *
 * yamux's window stays at 256 KiB: with its default of 16 MiB a paused reader is aborted at 4 MiB, and a snapshot at full speed
 * makes heartbeats wait for hundreds of milliseconds.
 */
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import type { StreamMuxerFactory } from '@libp2p/interface'

const STREAM_WINDOW_BYTES = 256 * 1024

export const createEncrypter = noise()

export const createMuxer: () => StreamMuxerFactory = yamux({
  streamOptions: { initialStreamWindowSize: STREAM_WINDOW_BYTES, maxStreamWindowSize: STREAM_WINDOW_BYTES },
})
