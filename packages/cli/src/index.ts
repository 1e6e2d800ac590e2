/** The command line, for the process (`main`), and for tests and other programs (`run`). */
export { main } from './main.ts'
export { run } from './run.ts'
export type { Io, PeerDoor } from './io.ts'
