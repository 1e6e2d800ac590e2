/** Mutants of the storage: writes that fail, and what the next start makes of it. */
import type { Mutant } from './mutant.ts'

const src = 'packages/storage/src'

export const storageFailureMutants: readonly Mutant[] = [
  {
    id: 's-write-after-a-failed-write',
    breaks: 'P10, F1',
    file: `${src}/fail-stop.ts`,
    find: 'if (this.#failure !== null) throw this.#failure',
    replace: '',
    harm: 'A sync that is tried again claims what was lost.',
  },
  {
    id: 's-failed-log-leaves-no-mark',
    breaks: 'P10, P18, F2',
    file: `${src}/fail-stop.ts`,
    find: 'if (options.suspendVoting) this.#mark',
    replace: 'if (!options.suspendVoting) this.#mark',
    harm: 'A peer whose disk has failed votes after its restart as if nothing was lost.',
  },
  {
    id: 's-f2-only-the-first-failure-leaves-a-mark',
    breaks: 'P10, P18, F2',
    file: `${src}/fail-stop.ts`,
    find: 'if (options.suspendVoting) this.#mark',
    replace: 'if (options.suspendVoting && isFirst) this.#mark',
    harm: 'A log that fails while it writes, after the state has, leaves a peer that votes after its restart without what it promised.',
  },
  {
    id: 's-f2-full-disk-leaves-a-mark',
    breaks: 'F2',
    file: `${src}/log/log-database.ts`,
    find: '{ suspendVoting: !isOutOfSpace(err) }',
    replace: '{ suspendVoting: true }',
    harm: 'A cluster whose disks were all full, or of one peer, never elects a leader again.',
  },
  {
    id: 's-f2-any-failure-counts-as-a-full-disk',
    breaks: 'P10, F2',
    file: `${src}/errors.ts`,
    find: "'code' in err && (err.code === 'ENOSPC' || err.code === 'EDQUOT')",
    replace: "'code' in err",
    harm: 'A peer whose disk has failed votes after its restart, though what it promised may be lost.',
  },
  {
    id: 's-f2-used-up-quota-counts-as-a-broken-disk',
    breaks: 'F2',
    file: `${src}/errors.ts`,
    find: "(err.code === 'ENOSPC' || err.code === 'EDQUOT')",
    replace: "err.code === 'ENOSPC'",
    harm: 'Peers that have used up their quota never vote again.',
  },
  {
    id: 's-f2-full-disk-is-not-read-from-the-words-of-level',
    breaks: 'F2',
    file: `${src}/level/level-store.ts`,
    find: 'this.#failure = writeError(err)',
    replace: 'this.#failure = err instanceof Error ? err : new Error(String(err))',
    harm: 'On a real disk that is full every peer counts as one that has lost what it promised.',
  },
  {
    id: 's-v3-batches-behind-a-torn-one',
    breaks: 'P10, V3',
    file: `${src}/level/level-store.ts`,
    find: 'if (this.#failure !== null) throw this.#failure // V3\n',
    replace: '',
    harm: 'LevelDB takes a batch behind one that tore, says that it is synced, and drops it when it is opened again.',
  },
]
