import { describe, expect, it } from 'vitest'

import { runCampaign } from './campaign.ts'
import { parseCommandLine, UsageError } from './command-line.ts'
import { carryOutRequest } from './command.ts'
import { Coverage } from './coverage.ts'
import { simulate } from './raft/simulate.ts'
import { coverageLines, tallyText } from './report.ts'
import { replayCommand } from './run.ts'
import { Tally, summaryOf, summaryOfError } from './tally.ts'

const never = new AbortController().signal
const raft = { world: 'raft', events: 300, threads: 2 } as const

describe('runCampaign', () => {
  it('runs each seed once, over threads, to the same sums as one after the other', async () => {
    const expected = new Tally('raft')
    for (let seed = 1; seed <= 8; seed++) {
      expected.add(summaryOf(simulate(seed, { events: 300 })))
    }
    const tally = await runCampaign({ ...raft, first: 1, last: 8 })
    expect(tally.seeds).toBe(8)
    expect(tally.failures).toEqual([])
    expect([tally.events, tally.ticks, tally.happenings]).toEqual([
      expected.events,
      expected.ticks,
      expected.happenings,
    ])
    expect(coverageLines(tally.coverage, 8)).toEqual(coverageLines(expected.coverage, 8))
  })

  it('ends when it is stopped, with what it has by then', async () => {
    const stop = new AbortController()
    const tally = await runCampaign({
      ...raft,
      first: 1,
      last: Infinity,
      signal: stop.signal,
      onRun: ({ seeds }) => {
        if (seeds === 5) {
          stop.abort()
        }
      },
    })
    expect(tally.seeds).toBe(5)
    expect((await runCampaign({ ...raft, first: 1, last: 3, signal: stop.signal })).seeds).toBe(0)
  })

  it('C3 a thread that dies fails the seed that it was at, and no other', async () => {
    const { seed: _seed, failure: _failure, ...nothing } = summaryOfError('raft', 0, '')
    const thread = new URL(
      `data:text/javascript,${encodeURIComponent(`
        import { parentPort } from 'node:worker_threads'
        parentPort.on('message', ({ seed }) => {
          if (seed === 3) {
            throw new Error('dies')
          }
          parentPort.postMessage({ ...${JSON.stringify(nothing)}, seed, failure: null })
        })`)}`,
    )
    const tally = await runCampaign({ ...raft, first: 1, last: 8, keepGoing: true, thread })
    expect(tally.seeds).toBe(8)
    expect(tally.failures).toMatchObject([{ seed: 3, message: expect.stringContaining('dies') }])
  })

  it('leaves out kinds in every seed', async () => {
    const tally = await runCampaign({ ...raft, first: 1, last: 6, without: ['propose', 'crash', 'loss'] })
    const happened = tally.coverage.entries().map(([what]) => what)
    expect(happened).toContain('operation: read')
    expect(happened).not.toContain('operation: propose')
    expect(happened).not.toContain('fault: crash')
    expect(happened).not.toContain('message lost')
  })
})

describe('coverageLines', () => {
  it('puts what belongs together under one heading, with its share of the seeds', () => {
    const coverage = new Coverage()
    coverage.add(
      Coverage.of([
        ['role: follower → leader', 2],
        ['fault: crash', 1200],
        ['read: answered', 7],
      ]),
    )
    coverage.add(
      Coverage.of([
        ['fault: crash', 34],
        ['never seen before', 1],
      ]),
    )
    expect(coverageLines(coverage, 2)).toEqual([
      'faults',
      '  fault: crash                   1 234  100.0 % of seeds',
      'roles and places',
      '  role: follower → leader            2   50.0 % of seeds',
      'answers',
      '  read: answered                     7   50.0 % of seeds',
      'other',
      '  never seen before                  1   50.0 % of seeds',
    ])
  })
})

describe('tallyText', () => {
  it('names what is too rare, once there are seeds enough to say so', () => {
    const tally = new Tally('raft')
    const { failure: _failure, ...run } = summaryOfError('raft', 1, '')
    for (let seed = 1; seed <= 99; seed++) {
      tally.add({ ...run, seed, failure: null, counts: [['fault: crash', 1]] })
    }
    const rare = 'too rare: in less than 1 % of seeds\n  fault: wipe\n\n'
    expect(tallyText(tally, 1, {}, ['fault: crash', 'fault: wipe'])).not.toContain('too rare')
    tally.add({ ...run, seed: 100, failure: null })
    expect(tallyText(tally, 1, {}, ['fault: crash', 'fault: wipe'])).toContain(rare)
  })

  it('prints a failure with the command that replays it and the one that shrinks it', () => {
    const tally = new Tally('raft')
    tally.add(summaryOfError('raft', 7, 'broken'))
    const text = tallyText(tally, 1, { events: 300 })
    expect(text).toContain('1 failed\nraft, seed 7, after 0 inputs and faults: broken')
    expect(text).toContain('replay: npm run simulate -- --world raft --seed 7 --events 300 --trace')
    expect(text).toContain('shrink: npm run simulate -- --world raft --seed 7 --events 300 --shrink')
  })
})

describe('parseCommandLine', () => {
  it('reads what replayCommand() writes', () => {
    const request = parseCommandLine(['--seed', '7', '--without', 'loss,pause', '--skip', '3-9,12-', '--events', '44'])
    expect(request).toMatchObject({ single: true, first: 7, last: 7, events: 44, without: ['loss', 'pause'] })
    const { skip, without } = request as NonNullable<typeof request>
    const command = replayCommand('peers', 7, { events: 44, skip, without: new Set(without) })
    expect(command).toBe('npm run simulate -- --world peers --seed 7 --events 44 --without loss,pause --skip 3-9,12-')
    expect(parseCommandLine(command.split(' ').slice(4))).toMatchObject({ worlds: ['peers'], first: 7 })
  })

  it('takes both worlds and a hundred seeds unless told otherwise, and no end with a time', () => {
    expect(parseCommandLine([])).toMatchObject({ worlds: ['raft', 'peers'], first: 1, last: 100, minutes: null })
    expect(parseCommandLine(['--minutes', '0.5'])).toMatchObject({ first: 1, last: Infinity, minutes: 0.5 })
    expect(parseCommandLine(['--help'])).toBeNull()
  })

  it.each([
    [['--seeds', '5'], '--seeds is a range upwards'],
    [['--seeds', '9..5'], '--seeds is a range upwards'],
    [['--seed', 'x'], '--seed is a whole number, such as --seed 42, not "x"'],
    [['--seed', '1', '--minutes', '3'], '--seed runs one seed'],
    [['--minutes', '0'], '--minutes is a number above 0'],
    [['--minutes', '99999999'], '--minutes is a number above 0 and up to 20000'],
    [['--threads', '0'], '--threads is a whole number from 1 to 256, not "0"'],
    [['--seed', '-1'], "Option '--seed' argument is ambiguous; --help"],
    [['--world', 'moon'], '--world is raft, peers or both, not "moon"'],
    [['--skip', 'a', '--seed', '1'], '--skip is numbers and ranges'],
    [['--skip', '3'], '--skip names faults and operations of one run'],
    [['--trace'], '--trace prints one run'],
    [['--sed', '3'], "Unknown option '--sed'"],
    [['7'], 'Unexpected argument'],
  ])('refuses %j', (args, message) => {
    expect(() => parseCommandLine(args)).toThrow(UsageError)
    expect(() => parseCommandLine(args)).toThrow(message)
  })
})

describe('carryOutRequest', () => {
  const printed: string[] = []
  const init = {
    out: (text: string) => printed.push(text),
    err: (text: string) => printed.push(text),
    progress: null,
    signal: never,
  }
  const carryOut = async (...args: string[]): Promise<boolean> => {
    const request = parseCommandLine(['--world', 'raft', '--events', '300', ...args])
    return await carryOutRequest(request as NonNullable<typeof request>, init)
  }

  it('one seed: its trace, what happened in it, and its hash', async () => {
    expect(await carryOut('--seed', '3', '--trace')).toBe(true)
    const { traceHash } = simulate(3, { events: 300 })
    expect(printed.length).toBeGreaterThan(300)
    expect(printed.at(-1)).toContain(`trace ${traceHash}`)
  })

  it('refuses to leave out a kind that there is not, and names those that there are', async () => {
    await expect(carryOut('--seed', '3', '--without', 'los')).rejects.toThrow(
      /--without los: there is no such kind; the world raft has .*crash.*loss/,
    )
  })
})
