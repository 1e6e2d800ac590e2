/**
 * Makes the data directory of a new peer.
 *
 * N1 Nothing but this ever creates a cluster.
 * N2 Everything is built in a directory of its own and moved into place, `config.json` last: a directory without it holds no peer.
 * N3 What stands in the directory is never deleted; `force` moves it aside.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'

import { foundCluster, OPERATION_VERSION } from '@pinset/consensus'
import { InvalidRequestError, type PeerId } from '@pinset/interface'
import { createStorage, LevelEnvironment, lockDirectory } from '@pinset/storage'
import { generateSwarmKey, parseMultiaddr } from '@pinset/transport'

import { type Config, newConfig, writeConfig } from './config.ts'
import {
  dataDirectory,
  type DataDirectory,
  isErrno,
  makeDirectory,
  syncDirectory,
  unwritable,
} from './data-directory.ts'
import { tokenToInvitation } from './invitation.ts'
import { createIdentity, readIdentity, secretToSwarmKey, swarmKeyToText, writeClusterKey } from './keys.ts'

export type InitMode =
  /** Make a new cluster of one. */
  | { readonly kind: 'found' }
  /** Join the cluster that the token is from, at the first start. */
  | { readonly kind: 'join'; readonly token: string }
  /** Wait to be added with `pinset peers add`. `secret` is a swarm key file's text or its 64 hex digits. */
  | { readonly kind: 'wait'; readonly secret: string }

export interface InitPeerOptions {
  readonly directory: string
  /** @default the host's name */
  readonly name?: string | undefined
  /** @default ['/ip4/0.0.0.0/tcp/9096'] */
  readonly listen?: readonly string[] | undefined
  /** `HOST:PORT`. @default '127.0.0.1:9094' */
  readonly api?: string | undefined
  /** Move a peer that is already in the directory aside. @default false */
  readonly force?: boolean | undefined
  readonly mode: InitMode
}

export interface InitializedPeer {
  readonly peerId: PeerId
  readonly directory: string
  /** Where `force` moved what was there before; null when nothing was. */
  readonly movedAside: string | null
  /** Which peer that was, as far as its files say; it may still be a member of its cluster. */
  readonly replacedPeerId: PeerId | null
}

/** What a peer keeps, in the order in which it is moved into place (N2). */
const PIECES = ['cluster.key', 'identity.json', 'consensus', 'config.json'] as const
const BUILDING = '.initialising'

/** @throws {InvalidRequestError} when the options are wrong, the directory cannot be written, or holds a peer already. */
export async function initPeer(options: InitPeerOptions): Promise<InitializedPeer> {
  // All that can be wrong with the options is found before anything is written.
  const { config, swarmKey } = prepare(options)
  const directory = dataDirectory(options.directory)
  await makeDirectory(directory.path)
  try {
    const lock = await lockDirectory(directory.path)
    try {
      const replacedPeerId = await tryReadPeerId(directory)
      const movedAside = await clear(directory, options.force === true)
      const peerId = await build(directory, config, swarmKey, options.mode)
      return { peerId, directory: directory.path, movedAside, replacedPeerId }
    } finally {
      await lock.release()
    }
  } catch (error) {
    if (isErrno(error, 'EACCES', 'EPERM', 'EROFS', 'ENOSPC')) throw unwritable(directory.path, error)
    throw error
  }
}

function prepare(options: InitPeerOptions): { config: Config; swarmKey: string } {
  for (const address of options.listen ?? []) parseMultiaddr(address)
  const common = { name: options.name ?? (hostname() || 'pinset'), listen: options.listen, api: options.api }
  switch (options.mode.kind) {
    case 'found':
      return { config: newConfig(common), swarmKey: swarmKeyToText(generateSwarmKey()) }
    case 'join': {
      const { secretHex, clusterId, addresses } = tokenToInvitation(options.mode.token)
      return {
        config: newConfig({ ...common, join: { clusterId, addresses: [...addresses] } }),
        swarmKey: secretToSwarmKey(secretHex),
      }
    }
    case 'wait':
      return { config: newConfig(common), swarmKey: secretToSwarmKey(options.mode.secret) }
  }
}

async function tryReadPeerId(directory: DataDirectory): Promise<PeerId | null> {
  try {
    return (await readIdentity(directory)).peerId
  } catch {
    return null // nobody, or nobody that can be known
  }
}

/** Make room for a new peer (N3). @returns where the old one was moved to. */
async function clear(directory: DataDirectory, force: boolean): Promise<string | null> {
  await rm(join(directory.path, BUILDING), { recursive: true, force: true })
  const there = (await readdir(directory.path)).filter((name) => name !== 'lock' && !name.startsWith('replaced-'))
  if (there.length === 0) return null
  if (!force) {
    const what = there.includes('config.json')
      ? 'holds a peer already'
      : `is not empty (${there.slice(0, 3).join(', ')}${there.length > 3 ? ', …' : ''})`
    throw new InvalidRequestError(
      `${directory.path} ${what}; nothing was changed. Choose another directory with --data, or move it aside with --force`,
    )
  }
  const aside = join(directory.path, `replaced-${randomUUID()}`)
  await mkdir(aside, { mode: 0o700 })
  // The config goes first: a directory without it holds no peer.
  for (const name of there.toSorted((a, b) => Number(b === 'config.json') - Number(a === 'config.json'))) {
    await rename(join(directory.path, name), join(aside, name))
  }
  await syncDirectory(directory.path)
  return aside
}

async function build(directory: DataDirectory, config: Config, swarmKey: string, mode: InitMode): Promise<PeerId> {
  const building = dataDirectory(join(directory.path, BUILDING))
  await mkdir(building.path, { mode: 0o700 })
  try {
    await writeClusterKey(building, swarmKey)
    const { peerId } = await createIdentity(building)
    const storageId = randomUUID()
    await createStorage(new LevelEnvironment(building.path), {
      storageId,
      cluster: mode.kind === 'found' ? found(peerId, storageId, config) : null, // N1
    })
    await writeConfig(building, { ...config, peerId })
    for (const piece of PIECES) await rename(join(building.path, piece), join(directory.path, piece))
    await syncDirectory(directory.path)
    return peerId
  } finally {
    await rm(building.path, { recursive: true, force: true })
  }
}

function found(peerId: PeerId, storageId: string, config: Config): ReturnType<typeof foundCluster> & { epoch: number } {
  const founding = foundCluster({
    member: { peerId, storageId, name: config.name, addresses: [], supportedVersion: OPERATION_VERSION },
    nonce: randomBytes(32),
    timeMs: Date.now(),
  })
  return { ...founding, epoch: 1 }
}
