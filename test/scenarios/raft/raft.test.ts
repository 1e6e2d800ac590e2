import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { runScenario, runScenarios, scenarioNames } from '../golden.ts'
import { createRaftInterpreter } from './interpreter.ts'

runScenarios(import.meta.dirname, createRaftInterpreter)

describe('raft scenarios', () => {
  it.for(scenarioNames(import.meta.dirname))('%s prints the same when it is run again', async (name) => {
    const text = readFileSync(join(import.meta.dirname, `${name}.txt`), 'utf8')
    const once = await runScenario(name, text, createRaftInterpreter)
    const again = await runScenario(name, text, createRaftInterpreter)
    expect(again.rewritten).toBe(once.rewritten)
  })

  it.for(scenarioNames(import.meta.dirname))('%s has no VIOLATION in it, whoever has rewritten it', (name) => {
    const lines = readFileSync(join(import.meta.dirname, `${name}.txt`), 'utf8').split('\n')
    expect(lines.filter((line) => line.startsWith('VIOLATION'))).toEqual([])
  })
})
