/** `ports.json`: which TCP ports the system chose for addresses with port 0, so that a restarted peer is found where it was. */
import { connect } from 'node:net'

import type { MultiaddrText } from '@pinset/interface'

import { type DataDirectory, tryReadFile, writeFileWhole } from './data-directory.ts'

/** Put the remembered port into each address with port 0, unless something else listens there now. */
export async function recallPorts(
  directory: DataDirectory,
  listen: readonly MultiaddrText[],
): Promise<MultiaddrText[]> {
  const remembered = await readPorts(directory)
  return Promise.all(
    listen.map(async (address, position) => {
      const port = remembered[position]
      if (port === undefined || !hasPortZero(address) || (await isTaken(port))) return address
      return address.replace(/\/tcp\/0(?=\/|$)/, `/tcp/${port}`)
    }),
  )
}

/** Remember the ports of the addresses on which this peer listens now. */
export async function rememberPorts(
  directory: DataDirectory,
  listen: readonly MultiaddrText[],
  actual: readonly MultiaddrText[],
): Promise<void> {
  if (!listen.some(hasPortZero)) return
  const ports = listen.map((_, position) => portOf(actual[position]) ?? 0)
  if (JSON.stringify(ports) === JSON.stringify(await readPorts(directory))) return
  await writeFileWhole(directory.ports, `${JSON.stringify(ports)}\n`)
}

function hasPortZero(address: MultiaddrText): boolean {
  return /\/tcp\/0(\/|$)/.test(address)
}

function portOf(address: MultiaddrText | undefined): number | undefined {
  const port = Number(/\/tcp\/(\d+)/.exec(address ?? '')?.[1])
  return Number.isInteger(port) ? port : undefined
}

/** The file is a hint: one that cannot be read is as good as none. */
async function readPorts(directory: DataDirectory): Promise<readonly (number | undefined)[]> {
  try {
    const value: unknown = JSON.parse((await tryReadFile(directory.ports)) ?? '[]')
    return Array.isArray(value)
      ? value.map((port: unknown) => (typeof port === 'number' && port > 0 && port < 65_536 ? port : undefined))
      : []
  } catch {
    return []
  }
}

async function isTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    const answer = (taken: boolean): void => {
      socket.destroy()
      resolve(taken)
    }
    socket.setTimeout(1_000, () => answer(true))
    socket.once('connect', () => answer(true))
    socket.once('error', () => answer(false))
  })
}
