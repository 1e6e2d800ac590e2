/**
 * Golden scenarios: a file of commands is carried out, and what they print is compared with what the file says.
 *
 * Owns: running files, reporting differences, rewriting. Not: what a command does, which an interpreter knows.
 *
 * 1. Every command of a file is carried out, in order, by one interpreter made for this file.
 * 2. What a command throws is its output (`error: …`), so that a broken rule is golden, too; a `ScenarioMistake` never is.
 * 3. Files are written only when `PINSET_SCENARIOS=rewrite` is set, and only when they change.
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'

import { describe, expect, it } from 'vitest'

import { diffLines } from './line-diff.ts'
import { type Command, readScenario, ScenarioMistake, tidy } from './scenario-file.ts'

/** What gives commands their meaning, for one scenario. */
export interface Interpreter {
  /** What the command prints. @throws {ScenarioMistake} the command makes no sense; anything else thrown is printed. */
  run(command: Command): string | Promise<string>
  /** The scenario is over, however it has ended. */
  close?(): void | Promise<void>
}

export interface Difference {
  readonly command: Command
  readonly expected: string
  readonly seen: string
}

export interface ScenarioResult {
  readonly differences: readonly Difference[]
  /** The file as it would be with what was seen. */
  readonly rewritten: string
}

/** Differences shown of one file. */
const MAX_SHOWN_DIFFERENCES = 4

/** One test per `*.txt` of a directory. */
export function runScenarios(directory: string, createInterpreter: () => Interpreter | Promise<Interpreter>): void {
  const names = scenarioNames(directory)
  if (names.length === 0) throw new ScenarioMistake(`no *.txt in ${directory}`)
  describe('scenarios', () => {
    it.for(names)('%s', async (name) => {
      const differences = await checkFile(join(directory, `${name}.txt`), createInterpreter)
      expect(differences.length, `\n${describeDifferences(differences)}\n`).toBe(0)
    })
  })
}

/** The scenarios of a directory, without their ending. */
export function scenarioNames(directory: string): readonly string[] {
  return readdirSync(directory)
    .filter((file) => file.endsWith('.txt'))
    .map((file) => file.slice(0, -'.txt'.length))
    .sort()
}

/** What differs; nothing after rewriting. */
async function checkFile(
  path: string,
  createInterpreter: () => Interpreter | Promise<Interpreter>,
): Promise<readonly Difference[]> {
  const text = readFileSync(path, 'utf8')
  const { differences, rewritten } = await runScenario(relative(process.cwd(), path), text, createInterpreter)
  if (process.env['PINSET_SCENARIOS'] !== 'rewrite') return differences
  if (rewritten !== text) writeFileSync(path, rewritten)
  return []
}

/** Carry out all commands. @throws {ScenarioMistake} the file or a command makes no sense. */
export async function runScenario(
  file: string,
  text: string,
  createInterpreter: () => Interpreter | Promise<Interpreter>,
): Promise<ScenarioResult> {
  const scenario = readScenario(file, text)
  const interpreter = await createInterpreter()
  try {
    const outputs: string[] = []
    const differences: Difference[] = []
    for (const { command, expected } of scenario.steps) {
      const seen = await carryOut(interpreter, command)
      outputs.push(seen)
      if (seen !== expected) differences.push({ command, expected, seen })
    }
    return { differences, rewritten: scenario.withOutputs(outputs) }
  } finally {
    await interpreter.close?.()
  }
}

async function carryOut(interpreter: Interpreter, command: Command): Promise<string> {
  let output: string
  try {
    output = tidy(await interpreter.run(command))
  } catch (error) {
    if (error instanceof ScenarioMistake) throw error
    output = tidy(`error: ${error instanceof Error ? error.message : String(error)}`)
  }
  command.checkAllRead()
  return output
}

export function describeDifferences(differences: readonly Difference[]): string {
  const shown = differences.slice(0, MAX_SHOWN_DIFFERENCES).map(({ command, expected, seen }) => {
    const { file, line, text, body } = command
    const head = [`${file}:${line}: ${text}`, ...body.map((inner) => `    ${inner}`)].join('\n')
    return `${head}\n  (- expected, + seen)\n${diffLines(expected, seen)}`
  })
  const more = differences.length - shown.length
  if (more > 0) shown.push(`and ${more} more`)
  return shown.join('\n\n')
}
