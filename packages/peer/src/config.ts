/** `config.json`: the settings of one peer, and their defaults. Holds no secret. */
import { InvalidRequestError, type PeerId } from '@pinset/interface'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'

import { type DataDirectory, tryReadFile, writeFileWhole } from './data-directory.ts'

const Multiaddrs = Type.Array(Type.String({ pattern: '^/' }), { maxItems: 32 })

const ConfigSchema = Type.Object(
  {
    version: Type.Literal(1),
    /** Whose directory this is, as its storage belongs to one identity; missing in older files. */
    peerId: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
    /** Shown to people; not unique. */
    name: Type.String({ minLength: 1, maxLength: 128 }),
    cluster: Type.Object(
      {
        /** Where other peers reach this one. A port 0 is chosen at the first start and kept while it is free. */
        listen: Multiaddrs,
        /** Addresses told to other peers instead of the listening ones; for peers behind a translated address. */
        announce: Multiaddrs,
        electionTimeoutMs: Type.Integer({ minimum: 100, maximum: 60_000 }),
        heartbeatMs: Type.Integer({ minimum: 10, maximum: 10_000 }),
      },
      { additionalProperties: false },
    ),
    api: Type.Object(
      {
        /** `HOST:PORT`; an IPv6 host stands in brackets. */
        listen: Type.String({ pattern: '^(\\[[0-9a-fA-F:.]+\\]|[^:/]+):[0-9]{1,5}$' }),
      },
      { additionalProperties: false },
    ),
    ipfs: Type.Object(
      {
        kind: Type.Literal('helia'),
        listen: Multiaddrs,
        /** Whether the IPFS node may dial addresses other than those of its siblings and of a pin's origins. */
        allowOutsideNetwork: Type.Boolean(),
      },
      { additionalProperties: false },
    ),
    tracker: Type.Object(
      {
        /** Pins fetched at the same time. */
        concurrency: Type.Integer({ minimum: 1, maximum: 256 }),
      },
      { additionalProperties: false },
    ),
    /** Peers to ask for admission; present on a peer that was made with a token. */
    join: Type.Optional(
      Type.Object(
        { clusterId: Type.String({ pattern: '^[0-9a-f]{64}$' }), addresses: Multiaddrs },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
)

export type Config = Static<typeof ConfigSchema>

const DEFAULT_LISTEN: readonly string[] = ['/ip4/0.0.0.0/tcp/9096']
const DEFAULT_API = '127.0.0.1:9094'
const DEFAULT_CLUSTER_PORT = '9096'
const DEFAULT_IPFS_PORT = '4001'

/** The config of a new peer. The IPFS node listens on the cluster's hosts: on port 4001 beside the default port, else on a free one. */
export function newConfig(options: {
  name: string
  listen?: readonly string[] | undefined
  api?: string | undefined
  join?: Config['join']
}): Config {
  const listen = options.listen === undefined || options.listen.length === 0 ? DEFAULT_LISTEN : options.listen
  const config: Config = {
    version: 1,
    name: options.name,
    cluster: { listen: [...listen], announce: [], electionTimeoutMs: 1000, heartbeatMs: 100 },
    api: { listen: options.api ?? DEFAULT_API },
    ipfs: { kind: 'helia', listen: listen.map(ipfsListenBeside), allowOutsideNetwork: false },
    tracker: { concurrency: 8 },
    ...(options.join === undefined ? {} : { join: options.join }),
  }
  checkConfig(config, 'the options')
  return config
}

function ipfsListenBeside(clusterListen: string): string {
  return clusterListen.replace(
    /\/tcp\/(\d+).*$/,
    (_, port: string) => `/tcp/${port === DEFAULT_CLUSTER_PORT ? DEFAULT_IPFS_PORT : '0'}`,
  )
}

/** @throws {InvalidRequestError} naming the file, the field and what is wrong with it. */
export async function readConfig(directory: DataDirectory): Promise<Config> {
  const text = await tryReadFile(directory.config)
  if (text === undefined) {
    throw new InvalidRequestError(
      `${directory.path} holds no peer: config.json is missing; make one with \`pinset init --data ${directory.path}\``,
    )
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new InvalidRequestError(
      `${directory.config} is not JSON: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    )
  }
  return checkConfig(value, directory.config)
}

export async function writeConfig(directory: DataDirectory, config: Config): Promise<void> {
  await writeFileWhole(directory.config, `${JSON.stringify(config, null, 2)}\n`)
}

/** @throws {InvalidRequestError} when `identity.json` is that of another peer than the one whose log and votes lie in the directory. */
export function checkIdentity(peerId: PeerId, config: Config, directory: DataDirectory): void {
  if (config.peerId === undefined || config.peerId === peerId) return
  throw new InvalidRequestError(
    `${directory.identity} is of peer ${peerId}, but ${directory.path} belongs to peer ${config.peerId} (${directory.config}); put its own identity.json back, or make a new directory with \`pinset init\``,
  )
}

function checkConfig(value: unknown, where: string): Config {
  if (!Value.Check(ConfigSchema, value)) {
    const first = Value.Errors(ConfigSchema, value)[0]
    const api = (value as { readonly api?: { readonly listen?: unknown } } | null)?.api?.listen
    if (first?.instancePath === '/api/listen' && typeof api === 'string') apiAddress(api)
    throw new InvalidRequestError(
      `${where}: ${first === undefined ? 'not a config' : `${first.instancePath || '/'} ${first.message}`}`,
    )
  }
  if (value.cluster.heartbeatMs * 3 > value.cluster.electionTimeoutMs) {
    throw new InvalidRequestError(
      `${where}: /cluster/heartbeatMs must be at most a third of /cluster/electionTimeoutMs`,
    )
  }
  apiAddress(value.api.listen)
  return value
}

/** Split `HOST:PORT`. @throws {InvalidRequestError} */
export function apiAddress(text: string): { readonly host: string; readonly port: number } {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:/\s]+)):(\d{1,5})$/.exec(text)
  const port = Number(match?.[3])
  if (match === null || port > 65_535) {
    throw new InvalidRequestError(`"${text}" is not an address for the API: give HOST:PORT, for example 127.0.0.1:9094`)
  }
  return { host: match[1] ?? match[2] ?? '', port }
}
