/** The part of `fs-native-extensions` that is used here; the package has no types. */
declare module 'fs-native-extensions' {
  /** False when another open file holds the lock. */
  export function tryLock(fd: number): boolean
  export function unlock(fd: number): void
}
