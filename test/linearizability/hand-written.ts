/** Words to write small histories of one CID with: `at(c, 1, 4, pin('a'), pinned(7))` is called at moment 1 and returns at 4. */
import type { Answer, Call, Operation } from './history.ts'

export function at(client: string, invokedAt: number, returnedAt: number, call: Call, answer: Answer): Operation {
  return { client, key: 'cid', call, invokedAt, fate: { kind: 'answered', returnedAt, answer }, note: '' }
}

/** Nobody was told what became of it. */
export function open(client: string, invokedAt: number, call: Call): Operation {
  return { client, key: 'cid', call, invokedAt, fate: { kind: 'unknown' }, note: '' }
}

export function pin(content: string, ifModifiedIndex: number | null = null): Call {
  return { kind: 'pin', content, mode: 'recursive', ifModifiedIndex }
}

export function pinDirect(content: string): Call {
  return { kind: 'pin', content, mode: 'direct', ifModifiedIndex: null }
}

export function unpin(ifModifiedIndex: number | null = null): Call {
  return { kind: 'unpin', ifModifiedIndex }
}

export const read: Call = { kind: 'read' }

/** Written at this revision. */
export function pinned(revision: number): Answer {
  return { kind: 'pinned', changed: true, modifiedIndex: revision, revision }
}

export function unchanged(modifiedIndex: number, revision: number): Answer {
  return { kind: 'pinned', changed: false, modifiedIndex, revision }
}

export function unpinned(content: string, revision: number): Answer {
  return { kind: 'unpinned', content, revision }
}

export function notPinned(revision: number): Answer {
  return { kind: 'not-pinned', revision }
}

export function conflict(modifiedIndex: number, revision: number): Answer {
  return { kind: 'conflict', modifiedIndex, revision }
}

export function refused(revision: number): Answer {
  return { kind: 'refused', revision }
}

export function present(content: string, modifiedIndex: number, revision: number): Answer {
  return { kind: 'present', content, modifiedIndex, revision }
}

export function absent(revision: number): Answer {
  return { kind: 'absent', revision }
}

/** The client was told no index at all. */
export function vague(answer: Answer): Answer {
  const told = 'modifiedIndex' in answer && answer.kind !== 'conflict' ? { modifiedIndex: null } : {}
  return { ...answer, ...told, revision: null } as Answer
}
