import type { Member } from '@pinset/interface'

import { OPERATION_VERSION } from '../codec/limits.ts'

/**
 * The operation version of what a leader proposes: the highest that it and every member can apply.
 *
 * It never goes down: nobody is let in, and no member's record is changed, below it.
 */
export function agreedVersion(members: readonly Member[]): number {
  let version = OPERATION_VERSION
  for (const { supportedVersion } of members) version = Math.min(version, supportedVersion)
  return version
}
