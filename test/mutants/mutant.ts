/**
 * What a mutant is: one guard of the production code turned into the mistake that it keeps out.
 *
 * MU1 A mutant does harm. Where two guards keep out one mistake, it takes away both (`and`), else it would prove nothing.
 * MU2 The text to find stands in its file exactly once, so that a mutant cannot miss what it means.
 */

export interface Edit {
  /** From the root of the repository. */
  readonly file: string
  readonly find: string
  readonly replace: string
}

export interface Mutant extends Edit {
  readonly id: string
  /** The mistake of docs/RAFT-MISTAKES.md, or the rule of the file, that it stands for. */
  readonly breaks: string
  /** What would go wrong in production. */
  readonly harm: string
  /** Further edits: guards against the same mistake. */
  readonly and?: readonly Edit[]
}

export function editsOf(mutant: Mutant): readonly Edit[] {
  return [mutant, ...(mutant.and ?? [])]
}

/** Name of the package that a mutant changes. */
export function packageOf(mutant: Mutant): string {
  return mutant.file.split('/')[1] ?? ''
}

/** The text with the edit carried out. @throws {Error} the text to find is not there exactly once (MU2). */
export function applyEdit(text: string, { file, find, replace }: Edit): string {
  const at = text.indexOf(find)
  if (at === -1) {
    throw new Error(`${file} does not hold the text ${JSON.stringify(find)}`)
  }
  if (text.indexOf(find, at + 1) !== -1) {
    throw new Error(`${file} holds the text ${JSON.stringify(find)} more than once`)
  }
  return text.slice(0, at) + replace + text.slice(at + find.length)
}
