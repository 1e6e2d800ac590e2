/**
 * Opens the databases of a peer: checks everything that can be checked at a start, cleans up, and puts the parts together.
 *
 * O1 Nothing is deleted or repaired before the format, the roots of the log and the state in use were found right.
 */
import { CorruptError, NotFoundError } from '@pinset/interface'
import type { StateMeta } from '@pinset/interface'

import { DatabaseMissingError } from './errors.ts'
import { FailStop } from './fail-stop.ts'
import type { KeyValueEnvironment, KeyValueStore, OpenOptions } from './key-value/port.ts'
import { LogDatabase } from './log/log-database.ts'
import { bootLog, readRoots } from './log/log-boot.ts'
import type { LogRoots } from './log/log-boot.ts'
import { CREATING_DIRECTORY, DIRECTORY, LOG_NAME, MARK_NAME, databasePath, isStateName, stateName } from './names.ts'
import { PeerStorage } from './peer-storage.ts'
import { checkFormat } from './record/format.ts'
import { StateDatabase, readStateMeta } from './state/state-database.ts'
import type { Storage } from './types.ts'

/**
 * Open what `createStorage` has made.
 *
 * Damage in the middle of the log does not prevent it: then `damage` says what was found, and voting is suspended.
 *
 * @throws {NotFoundError} there is none: run "pinset init".
 * @throws {StorageFormatError} made by something else, or by a newer version.
 * @throws {CorruptError} identity, hard state, base or state are damaged; names path and key or index, and what to do.
 * @throws {LockedError} another process has it open.
 */
export async function openStorage(environment: KeyValueEnvironment): Promise<Storage> {
  const names = await environment.list(DIRECTORY)
  if (names === null) {
    throw new NotFoundError(
      `no peer in ${environment.location}: run "pinset init" first, or name the right data directory`,
    )
  }
  const open: KeyValueStore[] = []
  try {
    const logStore = await openPart(environment, LOG_NAME, { leaveDamagedValues: true })
    open.push(logStore)
    await checkFormat(logStore, 'pinset-log', logStore.path)
    const roots = await readRoots(logStore)
    const stateStore = await openPart(environment, stateName(roots.head.stateNumber))
    open.push(stateStore)
    const meta = await checkState(stateStore, roots)
    // O1: everything above only reads.
    return await assemble(environment, { names, logStore, roots, stateStore, meta })
  } catch (err) {
    await Promise.all(open.map((store) => store.close().catch(() => {})))
    throw err
  }
}

interface Parts {
  readonly names: readonly string[]
  readonly logStore: KeyValueStore
  readonly roots: LogRoots
  readonly stateStore: KeyValueStore
  readonly meta: StateMeta
}

async function assemble(environment: KeyValueEnvironment, parts: Parts): Promise<Storage> {
  const { names, logStore, roots, stateStore, meta } = parts
  const isMarked = names.includes(MARK_NAME)
  const booted = await bootLog(logStore, roots, meta, isMarked)
  // The head of the log says it now.
  if (logStore.damage !== null) await logStore.clearDamage()
  if (isMarked) await environment.remove(databasePath(MARK_NAME))
  const current = stateName(roots.head.stateNumber)
  for (const name of names) {
    if (isStateName(name) && name !== current) await environment.remove(databasePath(name))
  }
  await environment.remove(CREATING_DIRECTORY)
  const failStop = new FailStop(environment.location, () => leaveMark(environment))
  const log = new LogDatabase(logStore, failStop, booted.state, booted.hasLeftovers)
  const numberInUse = (): number => log.state.head.stateNumber
  return new PeerStorage({
    environment,
    failStop,
    log,
    state: new StateDatabase(roots.head.stateNumber, stateStore, failStop, meta, numberInUse),
    boot: booted.boot,
    damage: booted.damage,
  })
}

async function openPart(
  environment: KeyValueEnvironment,
  name: string,
  options: Omit<OpenOptions, 'create'> = {},
): Promise<KeyValueStore> {
  try {
    return await environment.open(databasePath(name), { ...options, create: false })
  } catch (err) {
    if (!(err instanceof DatabaseMissingError || err instanceof CorruptError)) throw err
    throw unusable(err)
  }
}

async function checkState(store: KeyValueStore, roots: LogRoots): Promise<StateMeta> {
  try {
    const meta = await readStateMeta(store)
    if (meta.appliedIndex < roots.base.index) {
      throw new CorruptError(
        `the state in ${store.path} is at index ${meta.appliedIndex}, but the log begins after index ${roots.base.index}: writes to the state are lost`,
      )
    }
    return meta
  } catch (err) {
    throw err instanceof CorruptError ? unusable(err) : err
  }
}

function unusable(cause: Error): CorruptError {
  return new CorruptError(
    `${cause.message}. This peer's state cannot be used: restore its data directory, or remove it from the cluster, delete the directory and let it join again`,
    { cause },
  )
}

/**
 * A directory of its own, for the log cannot be written to; an empty one, for which even a full disk may have room. One that is there
 * already was made by an attempt that failed, and may be gone after a crash.
 */
async function leaveMark(environment: KeyValueEnvironment): Promise<void> {
  await environment.makeDirectory(databasePath(MARK_NAME))
}
