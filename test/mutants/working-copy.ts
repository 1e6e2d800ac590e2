/**
 * A copy of the repository in which sources may be changed. Owns what is copied and what is linked.
 *
 * WC1 What runs is the copy: `@pinset/*` is linked to the copy's packages, everything else to what is installed.
 * WC2 Whatever was changed is as it was once `restore` has returned.
 */
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'

import { applyEdit, editsOf, type Edit, type Mutant } from './mutant.ts'

/** Not sources. */
const LEFT_OUT = new Set(['node_modules', 'dist', 'coverage'])

export class WorkingCopy {
  readonly directory: string
  readonly #originals = new Map<string, string>()

  private constructor(directory: string) {
    this.directory = directory
  }

  /** @param root - of the repository. */
  static async make(root: string): Promise<WorkingCopy> {
    const copy = await mkdtemp(join(tmpdir(), 'pinset-mutants-'))
    const filter = (source: string): boolean => !LEFT_OUT.has(basename(source)) && !source.endsWith('.tsbuildinfo')
    for (const entry of await readdir(root, { withFileTypes: true })) {
      const isWanted =
        ['docs', 'packages', 'scripts', 'test'].includes(entry.name) || /\.(json|ts|mjs)$/.test(entry.name)
      if (isWanted && entry.name !== 'package-lock.json') {
        await cp(join(root, entry.name), join(copy, entry.name), { recursive: true, filter })
      }
    }
    await linkInstalled(join(root, 'node_modules'), join(copy, 'node_modules'), join(copy, 'packages'))
    for (const name of await readdir(join(root, 'packages'))) {
      const installed = join(root, 'packages', name, 'node_modules')
      if ((await namesIn(installed)).length > 0) {
        await linkInstalled(installed, join(copy, 'packages', name, 'node_modules'), join(copy, 'packages'))
      }
    }
    return new WorkingCopy(copy)
  }

  async apply(mutant: Mutant): Promise<void> {
    for (const edit of editsOf(mutant)) {
      await this.edit(edit.file, (text) => applyEdit(text, edit))
    }
  }

  async edit(file: Edit['file'], change: (text: string) => string): Promise<void> {
    const path = join(this.directory, file)
    const text = await readFile(path, 'utf8')
    if (!this.#originals.has(path)) {
      this.#originals.set(path, text)
    }
    await writeFile(path, change(text))
  }

  /** WC2 */
  async restore(): Promise<void> {
    for (const [path, text] of this.#originals) {
      await writeFile(path, text)
    }
    this.#originals.clear()
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true })
  }
}

async function namesIn(directory: string): Promise<readonly string[]> {
  return await readdir(directory).catch(() => [])
}

/** A directory of links to what is installed; WC1. Caches are left out, so that each copy has its own. */
async function linkInstalled(installed: string, directory: string, packages: string): Promise<void> {
  await mkdir(directory, { recursive: true })
  for (const name of await namesIn(installed)) {
    if (name === '@pinset') {
      await mkdir(join(directory, name))
      for (const own of await namesIn(join(installed, name))) {
        await symlink(join(packages, own), join(directory, name, own))
      }
    } else if (!name.startsWith('.') || name === '.bin') {
      await symlink(join(installed, name), join(directory, name))
    }
  }
}
