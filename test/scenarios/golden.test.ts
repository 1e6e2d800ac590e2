import { describe, expect, it } from 'vitest'

import { describeDifferences, type Interpreter, runScenario } from './golden.ts'
import { type Command, ScenarioMistake } from './scenario-file.ts'

/** Prints what it is told. */
function echo(): Interpreter {
  return {
    run(command: Command): string {
      switch (command.verb) {
        case 'say':
          return command.arguments().join(' ')
        case 'lines':
          return command.lines().join('\n').replaceAll('(empty)', '')
        case 'sum':
          return String((command.integer('a') ?? 0) + (command.integer('b') ?? 0))
        case 'list':
          return (command.list('of') ?? []).join('|')
        case 'fail':
          throw new RangeError(command.argument('why'))
        default:
          throw command.mistake(`unknown command ${command.verb}`)
      }
    },
  }
}

const run = (text: string) => runScenario('example.txt', text, echo)

describe('runScenario', () => {
  it('finds no difference where outputs are as expected', async () => {
    const text = '# A greeting.\n\nsay hello\n----\nhello\n\nsum a=2 b=3\n----\n5\n'
    const { differences, rewritten } = await run(text)
    expect(differences).toEqual([])
    expect(rewritten).toBe(text)
  })

  it('a wrong expectation is a difference that names file, line and command', async () => {
    const { differences } = await run('say hello\n----\nhello\n\n# A sum.\nsum a=2 b=3\n----\n6\n')
    expect(describeDifferences(differences)).toBe('example.txt:6: sum a=2 b=3\n  (- expected, + seen)\n- 6\n+ 5')
  })

  it('a missing and a surplus line are differences', async () => {
    const missing = await run('lines\n  one\n  two\n----\none\n')
    expect(describeDifferences(missing.differences)).toContain('  one\n+ two')
    const surplus = await run('say one\n----\none\ntwo\n')
    expect(describeDifferences(surplus.differences)).toContain('  one\n- two')
  })

  it('what a command throws is its output', async () => {
    const { differences } = await run('fail "no such thing"\n----\nerror: no such thing\n')
    expect(differences).toEqual([])
  })

  it('rewriting puts in what was seen, keeps all else, and is idempotent', async () => {
    const text = `# Comment.


say  hello   # kept
----
wrong

lines
    one
      two
----
sum a=1
----
# End.
`
    // The second output swallows what follows up to an empty line: rewriting shows it.
    await expect(run('lines\n  one\n----\nsum a=1\n')).resolves.toMatchObject({ differences: [{}] })
    const fixed = text.replace('----\nsum', '----\n\nsum').replace('\n# End.', '\n\n# End.')
    const once = await run(fixed)
    expect(once.rewritten).toBe(`# Comment.


say  hello   # kept
----
hello # kept

lines
    one
      two
----
one
  two

sum a=1
----
1

# End.
`)
    const twice = await run(once.rewritten)
    expect(twice.differences).toEqual([])
    expect(twice.rewritten).toBe(once.rewritten)
  })

  it.each([
    ['empty lines', ['one', '(empty)', 'two']],
    ['a fence and empty lines', ['====', '(empty)', '=====', 'two']],
    ['a fence at the beginning', ['====', 'two']],
    ['a plain marker', ['----', 'two']],
    ['what looks like a comment', ['# one', '(empty)', '# two']],
    ['nothing', ['(empty)']],
  ])('an output with %s survives rewriting and reading', async (_, lines) => {
    const text = `lines\n${lines.map((line) => `  ${line}`).join('\n')}\n----\n\nsay after\n----\nafter\n`
    const once = await run(text)
    const twice = await run(once.rewritten)
    expect(twice.differences).toEqual([])
    expect(twice.rewritten).toBe(once.rewritten)
  })

  it('reads arguments in quotes and in parentheses', async () => {
    const { differences } = await run(
      'say "two words" x-y 1/2\n----\ntwo words x-y 1/2\n\nlist of=(a b  c)\n----\na|b|c\n\nlist of=()\n----\n',
    )
    expect(differences).toEqual([])
  })

  it.each([
    [
      'an unknown command',
      'say hello\n----\nhello\n\nshout hello\n----\nhello\n',
      'example.txt:5: unknown command shout',
    ],
    ['an unknown option', '\nsum a=1 c=2\n----\n1\n', 'example.txt:2: sum has no option c='],
    ['an option given twice', 'sum a=1 a=2\n----\n1\n', 'example.txt:1: a= is given twice'],
    ['an argument without use', 'sum a=1 more\n----\n1\n', 'example.txt:1: sum has no use for "more"'],
    ['lines without use', 'sum a=1\n  more\n----\n1\n', 'example.txt:1: sum has no use for indented lines'],
    ['a missing argument', 'fail\n----\n', 'example.txt:1: fail needs an argument: why'],
    ['no number', 'sum a=one\n----\n1\n', 'example.txt:1: "one" is not a whole number'],
    ['a missing marker', 'say hello\nsay more\n----\n', 'example.txt:1: "----" is missing below this command'],
    ['a missing marker at the end', 'say a\n----\na\n\nsay b', 'example.txt:5: "----" is missing below this command'],
    ['an output without a command', '# A comment.\n----\nhello\n', 'example.txt:2: an output without a command'],
    ['an indented line alone', '# A comment.\n\n  hello\n', 'example.txt:3: an indented line belongs below a command'],
    ['a fence that is not closed', 'say hello\n====\nhello\n', 'example.txt:2: the closing "====" is missing'],
    ['an open quote', 'say "hello\n----\nhello\n', 'example.txt:1: cannot read ""hello"'],
    ['an open parenthesis', 'list of=(a b\n----\n', 'example.txt:1: cannot read "of=(a b"'],
    ['no command at all', '# Nothing.\n', 'example.txt:1: there is no command'],
  ])('%s is a mistake, with its line', async (_, text, message) => {
    const failure = run(text)
    await expect(failure).rejects.toThrow(message)
    await expect(failure).rejects.toThrow(ScenarioMistake)
  })

  it('closes the interpreter, also after a mistake', async () => {
    let closed = 0
    const create = (): Interpreter => ({ ...echo(), close: () => void (closed += 1) })
    await runScenario('example.txt', 'say a\n----\na\n', create)
    await expect(runScenario('example.txt', 'shout a\n----\na\n', create)).rejects.toThrow(ScenarioMistake)
    expect(closed).toBe(2)
  })

  it('one interpreter carries out all commands of a file, in order', async () => {
    let count = 0
    const create = (): Interpreter => {
      let own = 0
      count += 1
      return { run: () => String((own += 1)) }
    }
    const { differences } = await runScenario('example.txt', 'next\n----\n1\n\nnext\n----\n2\n', create)
    expect(differences).toEqual([])
    expect(count).toBe(1)
  })
})
