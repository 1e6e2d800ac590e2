import { describe, expect, it } from 'vitest'

import * as domain from '@pinset/interface'

import { RemoteError } from '../src/index.ts'
import { errorToFailure, failureToError } from '../src/rpc/rpc-errors.ts'

type ErrorClass = new (message: string, field?: unknown) => Error & { readonly code: string }

const classes = Object.entries(domain as Record<string, unknown>).flatMap(([name, value]): [string, ErrorClass][] =>
  typeof value === 'function' && value.prototype instanceof Error ? [[name, value as ErrorClass]] : [],
)

describe('rpc-errors', () => {
  it('finds the errors that cross packages', () => {
    expect(classes.length).toBeGreaterThanOrEqual(13)
  })

  it.each(classes)('%s comes back as the same class, with its fields', (name, Class) => {
    const field = name === 'RevisionTimeoutError' ? 7 : '12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5'
    const error = new Class('what happened', field)
    const back = failureToError(errorToFailure(error))
    expect(back).toBeInstanceOf(Class)
    expect(back).toMatchObject({ name, code: error.code, message: 'what happened' })
    expect(errorToFailure(back)).toEqual(errorToFailure(error))
  })

  it('anything else becomes RemoteError, and stays it', () => {
    for (const thrown of [new TypeError('no'), 'no', new DOMException('no', 'AbortError')]) {
      const back = failureToError(errorToFailure(thrown))
      expect(back).toBeInstanceOf(RemoteError)
      expect(back).toMatchObject({ message: 'no', code: 'ERR_HANDLER_FAILED' })
    }
    expect(errorToFailure(new RemoteError('no', 'ERR_SOMETHING')).code).toBe('ERR_SOMETHING')
  })
})
