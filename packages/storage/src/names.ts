/** Names of the databases below a data directory. */

export const DIRECTORY = 'consensus'
/** Where a new database is built before it is renamed into place. */
export const CREATING_DIRECTORY = 'consensus.creating'
export const LOG_NAME = 'log'
/** Exists when a write had failed and the log itself could not say so. */
export const MARK_NAME = 'suspended'

export function stateName(stateNumber: number): string {
  return `state-${stateNumber}`
}

export function databasePath(name: string, directory = DIRECTORY): string {
  return `${directory}/${name}`
}

export function isStateName(name: string): boolean {
  return /^state-\d+$/.test(name)
}
