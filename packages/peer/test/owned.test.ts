import { silentLogger } from '@pinset/interface'
import { describe, expect, it } from 'vitest'

import { stopAll } from '../src/owned.ts'

describe('owned.ts', () => {
  it('stopAll() stops in reverse order, each once, also after one that fails', async () => {
    const stopped: string[] = []
    const errors: unknown[] = []
    const owned = [
      async () => stopped.push('lock'),
      async () => {
        stopped.push('api')
        throw new Error('it does not stop')
      },
      async () => stopped.push('run.json'),
    ]
    const logger = {
      ...silentLogger,
      error: (_: string, fields?: { readonly err?: unknown }) => void errors.push(fields?.err),
    }
    await stopAll(owned, logger)
    await stopAll(owned, logger)

    expect(stopped).toEqual(['run.json', 'api', 'lock'])
    expect(errors).toEqual([new Error('it does not stop')])
  })
})
