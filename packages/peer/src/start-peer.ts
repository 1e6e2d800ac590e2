/** Runs the peer of a data directory: lock, parts, HTTP API, `run.json`. */
import { rm } from 'node:fs/promises'

import { createApi } from '@pinset/api'
import { InvalidRequestError, type Cluster, type Logger, type PeerId } from '@pinset/interface'
import { lockDirectory } from '@pinset/storage'

import { apiAddress, checkIdentity, readConfig } from './config.ts'
import { createPeer } from './create-peer.ts'
import { dataDirectory, isErrno, unwritable, writeFileWhole } from './data-directory.ts'
import { readClusterKey, readIdentity } from './keys.ts'
import { stopAll } from './owned.ts'

export interface StartPeerOptions {
  readonly directory: string
  readonly logger: Logger
  /** Gives up a start that is under way. */
  readonly signal?: AbortSignal
}

export interface RunningPeer {
  readonly peerId: PeerId
  readonly cluster: Cluster
  /** Where the HTTP API answers. */
  readonly api: string
  readonly addresses: readonly string[]
  /** Resolves once everything is stopped. */
  readonly closed: Promise<void>
  /** Idempotent. */
  stop(): Promise<void>
}

/** What `run.json` says while a peer runs. */
export interface RunFile {
  readonly pid: number
  readonly peerId: PeerId
  readonly api: string
  readonly addresses: readonly string[]
}

/**
 * Start the peer; resolves once its API answers and `run.json` is written. Does not wait for a leader: a peer without quorum serves reads.
 *
 * @throws {LockedError} another process runs this peer.
 * @throws {InvalidRequestError} the directory holds no peer, or its files are wrong.
 */
export async function startPeer(options: StartPeerOptions): Promise<RunningPeer> {
  const directory = dataDirectory(options.directory)
  const { logger, signal } = options
  const owned: (() => Promise<unknown>)[] = []
  const stop = (): Promise<void> => stopAll(owned, logger)
  try {
    const config = await readConfig(directory)
    const lock = await lockDirectory(directory.path)
    owned.push(() => lock.release())
    const identity = await readIdentity(directory)
    checkIdentity(identity.peerId, config, directory)
    const swarmKey = await readClusterKey(directory)
    signal?.throwIfAborted()
    const peer = await createPeer({ directory, config, identity, swarmKey, logger })
    owned.push(() => peer.stop())
    signal?.throwIfAborted()
    const api = createApi({ cluster: peer.cluster, logger }, apiAddress(config.api.listen))
    owned.push(() => api.stop())
    const { url } = await api.start()
    const run: RunFile = { pid: process.pid, peerId: peer.peerId, api: url, addresses: peer.addresses }
    await writeFileWhole(directory.run, `${JSON.stringify(run, null, 2)}\n`)
    owned.push(() => rm(directory.run, { force: true }))
    signal?.throwIfAborted()
    const closed = Promise.withResolvers<void>()
    let stopping: Promise<void> | undefined
    return {
      peerId: peer.peerId,
      cluster: peer.cluster,
      api: url,
      addresses: peer.addresses,
      closed: closed.promise,
      stop: () => (stopping ??= stop().finally(() => closed.resolve())),
    }
  } catch (error) {
    await stop()
    throw explain(error, directory.path)
  }
}

function explain(error: unknown, path: string): unknown {
  if (error instanceof InvalidRequestError) return error
  if (isErrno(error, 'EACCES', 'EPERM', 'EROFS', 'ENOSPC')) return unwritable(path, error)
  return error
}
