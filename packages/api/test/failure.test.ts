import {
  CommitOutcomeUnknownError,
  InvalidRequestError,
  IpfsError,
  NoLeaderError,
  NoSpaceError,
  NotAdmittedError,
  NotFoundError,
  OverloadedError,
  PeerUnreachableError,
  RefusedError,
  RevisionTimeoutError,
  StoppedError,
} from '@pinset/interface'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

import { failureOf } from '../src/failure.ts'
import { ERROR_STATUS } from '../src/index.ts'
import { json, send, startApi } from './api-fixture.ts'
import { cidText } from './fake-cluster.ts'

describe('failure.ts', () => {
  it.each([
    [new InvalidRequestError('m'), 400],
    [new NotFoundError('m'), 404],
    [new RefusedError('m'), 409],
    [new NotAdmittedError('m'), 409],
    [new PeerUnreachableError('m', null), 502],
    [new IpfsError('m'), 502],
    [new NoLeaderError('m'), 503],
    [new OverloadedError('m'), 503],
    [new RevisionTimeoutError('m', 1), 503],
    [new StoppedError('m'), 503],
    [new CommitOutcomeUnknownError('m'), 504],
    [new NoSpaceError('m'), 507],
    [new Error('m'), 500],
  ])('POST /pins/{cid} answers %s with %d and its message', async (error, status) => {
    await using fixture = await startApi()
    fixture.cluster.failures.set('pin', error)
    const answer = await send(`${fixture.url}/pins/${await cidText('a')}`, { method: 'POST' })

    expect(answer.status).toBe(status)
    expect(json(answer)).toEqual({ code: status, message: 'm' })
    expect(answer.text).not.toContain('    at ')
  })

  it('failureOf() gives a write that was given up a status of its own, never one that says nothing happened', () => {
    for (const name of ['AbortError', 'TimeoutError']) {
      expect(failureOf(new DOMException('m', name), 'write').status).toBe(504)
      expect(failureOf(new DOMException('m', name), 'read').status).toBe(503)
    }
  })

  it('a write that takes too long is answered 504 and its signal has ended', async () => {
    await using fixture = await startApi({ deadlineMs: 20 })
    fixture.cluster.hang = true
    const answer = await send(`${fixture.url}/pins/${await cidText('a')}`, { method: 'POST' })

    expect(answer.status).toBe(504)
    expect(answer.headers['x-pinset-error']).toBe('ERR_COMMIT_OUTCOME_UNKNOWN')
  })

  it('the README lists every code with its status', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
    for (const [code, status] of Object.entries(ERROR_STATUS)) {
      expect(readme).toMatch(new RegExp(`\\| ${status} \\|[^\\n]*\`${code}\``, 'u'))
    }
  })
})
