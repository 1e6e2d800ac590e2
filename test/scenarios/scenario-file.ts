/**
 * The text form of a scenario: reading it, and writing it with other outputs.
 *
 * Owns: what a file looks like. Not: what commands mean, or whether outputs are right.
 *
 * 1. What is written is read again as the same commands with the same outputs, whatever an output contains.
 * 2. Comments, commands and bodies are kept to the letter; only outputs are replaced.
 * 3. Nothing is guessed: a line that fits nowhere is a mistake, with file and line.
 * 4. An argument or option that nobody has asked for is a mistake, so that a misspelled one cannot pass unseen.
 */

/** The scenario itself is wrong, or cannot be read. Never an output. */
export class ScenarioMistake extends Error {
  override readonly name = 'ScenarioMistake'
}

/** One command of a scenario: `verb argument … key=value …`, and indented lines below. */
export class Command {
  readonly verb: string
  readonly file: string
  /** Of the command line in its file, from 1. */
  readonly line: number
  /** As it stands in the file. */
  readonly text: string
  /** The indented lines, without the indentation that all of them have. */
  readonly body: readonly string[]
  readonly #arguments: string[]
  readonly #options: Map<string, string>
  #bodyIsRead: boolean

  constructor(file: string, line: number, text: string, body: readonly string[]) {
    this.file = file
    this.line = line
    this.text = text
    this.body = dedent(body)
    this.#bodyIsRead = body.length === 0
    this.#arguments = []
    this.#options = new Map()
    const [verb, ...words] = splitWords(text, (problem) => this.mistake(problem))
    if (verb === undefined || verb.key !== null) throw this.mistake('a command begins with its verb')
    this.verb = verb.value
    for (const { key, value } of words) {
      if (key === null) this.#arguments.push(value)
      else if (this.#options.has(key)) throw this.mistake(`${key}= is given twice`)
      else this.#options.set(key, value)
    }
  }

  /** The next argument. */
  argument(name: string): string {
    const value = this.#arguments.shift()
    if (value === undefined) throw this.mistake(`${this.verb} needs an argument: ${name}`)
    return value
  }

  /** The next argument, when there is one. */
  optionalArgument(): string | undefined {
    return this.#arguments.shift()
  }

  /** All arguments that are left. */
  arguments(): readonly string[] {
    return this.#arguments.splice(0)
  }

  option(key: string): string | undefined {
    const value = this.#options.get(key)
    this.#options.delete(key)
    return value
  }

  /** `key=5`. */
  integer(key: string): number | undefined {
    const value = this.option(key)
    return value === undefined ? undefined : this.toInteger(value)
  }

  /** `key=(a b c)`, or one word alone; undefined when it is not given. */
  list(key: string): readonly string[] | undefined {
    return this.option(key)
      ?.split(/\s+/)
      .filter((word) => word !== '')
  }

  /** A bare word among the arguments, such as `drop`. */
  flag(word: string): boolean {
    const at = this.#arguments.indexOf(word)
    if (at >= 0) this.#arguments.splice(at, 1)
    return at >= 0
  }

  lines(): readonly string[] {
    this.#bodyIsRead = true
    return this.body
  }

  toInteger(value: string): number {
    if (!/^-?\d+$/.test(value) || !Number.isSafeInteger(Number(value)))
      throw this.mistake(`"${value}" is not a whole number`)
    return Number(value)
  }

  mistake(problem: string): ScenarioMistake {
    return new ScenarioMistake(`${this.file}:${this.line}: ${problem}\n  ${this.text}`)
  }

  /** Rule 4. */
  checkAllRead(): void {
    const [argument] = this.#arguments
    if (argument !== undefined) throw this.mistake(`${this.verb} has no use for "${argument}"`)
    const [key] = this.#options.keys()
    if (key !== undefined) throw this.mistake(`${this.verb} has no option ${key}=`)
    if (!this.#bodyIsRead) throw this.mistake(`${this.verb} has no use for indented lines`)
  }
}

export interface Step {
  readonly command: Command
  readonly expected: string
}

interface Piece {
  /** Comments and empty lines before the command, then the command with its body; to the letter. */
  readonly verbatim: readonly string[]
  readonly step: Step | null
}

export interface Scenario {
  readonly steps: readonly Step[]
  /** The file with these outputs in place of its own, one for each step. */
  withOutputs(outputs: readonly string[]): string
}

/** @throws {ScenarioMistake} */
export function readScenario(file: string, text: string): Scenario {
  const pieces = new Reader(file, text).pieces()
  const steps = pieces.flatMap(({ step }) => (step === null ? [] : [step]))
  if (steps.length === 0) throw new ScenarioMistake(`${file}:1: there is no command`)
  return {
    steps,
    withOutputs(outputs) {
      let at = 0
      const parts = pieces.map(({ verbatim, step }) => {
        if (step === null) return verbatim
        at += 1
        return [...verbatim, ...writeOutput(outputs[at - 1] ?? ''), '']
      })
      return `${parts.flat().join('\n').trimEnd()}\n`
    },
  }
}

/** Without spaces at the ends of lines, and without empty lines at the ends. */
export function tidy(output: string): string {
  const lines = output.split('\n').map((line) => line.trimEnd())
  while (lines[0] === '') lines.shift()
  while (lines.at(-1) === '') lines.pop()
  return lines.join('\n')
}

const PLAIN = '----'
const FENCE = /^={4,}$/

/** Plain up to the next empty line; between fences that the output does not contain when it has empty lines itself (rule 1). */
function writeOutput(output: string): string[] {
  const lines = output === '' ? [] : output.split('\n')
  if (!lines.includes('') && !FENCE.test(lines[0] ?? '')) return [PLAIN, ...lines]
  let fence = '===='
  while (lines.includes(fence)) fence += '='
  return [fence, ...lines, fence]
}

class Reader {
  readonly #file: string
  readonly #lines: readonly string[]
  #at = 0

  constructor(file: string, text: string) {
    this.#file = file
    const lines = text.replaceAll('\r\n', '\n').split('\n')
    this.#lines = lines.at(-1) === '' ? lines.slice(0, -1) : lines
  }

  pieces(): Piece[] {
    const pieces: Piece[] = []
    while (this.#at < this.#lines.length) {
      const verbatim = this.#while((line) => line.trim() === '' || line.startsWith('#'))
      pieces.push(this.#at < this.#lines.length ? this.#step(verbatim) : { verbatim, step: null })
    }
    return pieces
  }

  #step(before: readonly string[]): Piece {
    const line = this.#at + 1
    const text = this.#lines[this.#at] as string
    if (/^\s/.test(text)) throw this.#mistake(line, 'an indented line belongs below a command')
    if (text === PLAIN || FENCE.test(text)) throw this.#mistake(line, 'an output without a command')
    this.#at += 1
    const body = this.#while((next) => /^\s+\S/.test(next))
    const command = new Command(this.#file, line, text, body)
    const marker = this.#lines[this.#at]
    if (marker === undefined || (marker !== PLAIN && !FENCE.test(marker)))
      throw this.#mistake(line, `"${PLAIN}" is missing below this command`)
    this.#at += 1
    const expected = marker === PLAIN ? this.#while((next) => next.trim() !== '') : this.#fenced(marker)
    if (marker === PLAIN) this.#at += 1
    else this.#skipEmptyLine()
    return { verbatim: [...before, text, ...body], step: { command, expected: tidy(expected.join('\n')) } }
  }

  #fenced(fence: string): readonly string[] {
    const opened = this.#at
    const lines = this.#while((next) => next !== fence)
    if (this.#at >= this.#lines.length) throw this.#mistake(opened, `the closing "${fence}" is missing`)
    this.#at += 1
    return lines
  }

  #skipEmptyLine(): void {
    if (this.#lines[this.#at]?.trim() === '') this.#at += 1
  }

  #while(belongs: (line: string) => boolean): string[] {
    const start = this.#at
    while (this.#at < this.#lines.length && belongs(this.#lines[this.#at] as string)) this.#at += 1
    return this.#lines.slice(start, this.#at)
  }

  #mistake(line: number, problem: string): ScenarioMistake {
    return new ScenarioMistake(`${this.#file}:${line}: ${problem}\n  ${this.#lines[line - 1] ?? ''}`)
  }
}

interface Word {
  readonly key: string | null
  readonly value: string
}

const WORD = /(?:([a-zA-Z][\w-]*)=)?(?:"([^"]*)"|\(([^()]*)\)|([^\s"()]+)|())(?=\s|$)/y

function splitWords(text: string, mistake: (problem: string) => ScenarioMistake): Word[] {
  const words: Word[] = []
  let at = 0
  while (at < text.length) {
    if (text[at] === ' ') {
      at += 1
      continue
    }
    WORD.lastIndex = at
    const match = WORD.exec(text)
    if (match === null || match[0] === '') throw mistake(`cannot read "${text.slice(at)}"`)
    const [whole, key, quoted, grouped, plain] = match
    words.push({ key: key ?? null, value: quoted ?? grouped ?? plain ?? '' })
    at += whole.length
  }
  return words
}

function dedent(lines: readonly string[]): string[] {
  const indentation = Math.min(...lines.map((line) => line.length - line.trimStart().length))
  return lines.map((line) => line.slice(indentation).trimEnd())
}
