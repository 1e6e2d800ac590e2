/** Errors of the codec that the whole peer must be able to tell apart. */

/**
 * The log or the state holds something that only a newer version can read. Applying stops here and nothing is skipped;
 * the peer stays up with what it has applied until it runs a newer version.
 */
export class UpgradeRequiredError extends Error {
  override readonly name = 'UpgradeRequiredError'
  readonly code = 'ERR_UPGRADE_REQUIRED'
}
