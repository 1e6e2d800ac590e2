import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { boundaryOf, multipartParts } from '../src/upload/multipart.ts'

const BOUNDARY = 'b0undary'

interface Read {
  readonly headers: Record<string, string>
  readonly body: string
}

async function parse(chunks: readonly Uint8Array[], maxParts = 1000): Promise<Read[]> {
  const source = async function* (): AsyncGenerator<Uint8Array> {
    yield* chunks
  }
  const parts: Read[] = []
  for await (const part of multipartParts(source(), BOUNDARY, { maxParts })) {
    const body: Uint8Array[] = []
    for await (const chunk of part.body) body.push(Uint8Array.from(chunk))
    parts.push({ headers: Object.fromEntries(part.headers), body: Buffer.concat(body).toString('latin1') })
  }
  return parts
}

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1')
const written = (bodies: readonly string[]): string =>
  `${bodies.map((body) => `--${BOUNDARY}\r\nX-A: 1\r\n\r\n${body}\r\n`).join('')}--${BOUNDARY}--\r\n`

function cut(data: Buffer, cuts: readonly number[]): Buffer[] {
  const at = [0, ...cuts.map((cut) => cut % (data.length + 1)), data.length].sort((a, b) => a - b)
  return at.slice(1).map((end, index) => data.subarray(at[index], end))
}

describe('upload/multipart.ts', () => {
  it('multipartParts() reads back what was written, however it is cut, also when a body looks like a boundary', async () => {
    const body = fc
      .array(fc.constantFrom('\r', '\n', '\r\n', '-', '--', `--${BOUNDARY.slice(0, 5)}`, '\r\n--', 'x', '\0'), {
        maxLength: 20,
      })
      .map((pieces) => pieces.join(''))
    await fc.assert(
      fc.asyncProperty(
        fc.array(body, { maxLength: 5 }),
        fc.array(fc.nat(2000), { maxLength: 12 }),
        async (bodies, cuts) => {
          const parts = await parse(cut(bytes(written(bodies)), cuts))

          expect(parts).toEqual(bodies.map((text) => ({ headers: { 'x-a': '1' }, body: text })))
        },
      ),
      { numRuns: 1000 },
    )
  })

  it('multipartParts() refuses every upload that is cut short', async () => {
    const whole = written(['first', 'second'])
    for (let length = 0; length < whole.length - 4; length += 1) {
      await expect(parse([bytes(whole.slice(0, length))])).rejects.toThrow(/ended before|malformed/)
    }
  })

  it('multipartParts() never fails other than by refusing, on random bytes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({
          unit: fc.constantFrom('\r', '\n', '\r\n', '-', ':', 'x', BOUNDARY, `\r\n--${BOUNDARY}`),
          maxLength: 200,
        }),
        async (text) => {
          const failure = await parse([bytes(`--${BOUNDARY}\r\n${text}`)]).then(
            () => 'none',
            (error: unknown) => (error as Error).name,
          )

          expect(failure).toMatch(/^(?:none|InvalidRequestError)$/)
        },
      ),
      { numRuns: 2000 },
    )
  })

  it('multipartParts() skips a body that nobody reads', async () => {
    const source = async function* (): AsyncGenerator<Uint8Array> {
      yield bytes(written(['x'.repeat(100_000), 'y']))
    }
    let parts = 0
    for await (const part of multipartParts(source(), BOUNDARY, { maxParts: 10 })) parts += part.headers.size

    expect(parts).toBe(2)
  })

  it('multipartParts() refuses too many parts, too long headers and a preamble without end', async () => {
    await expect(parse([bytes(written(['a', 'b', 'c']))], 2)).rejects.toThrow(/more than 2 parts/)
    await expect(parse([bytes(`--${BOUNDARY}\r\nX: ${'x'.repeat(9000)}`)])).rejects.toThrow(/too long/)
    const headers = Array.from({ length: 40 }, (_, index) => `X-${index}: y\r\n`).join('')
    await expect(parse([bytes(`--${BOUNDARY}\r\n${headers}\r\n`)])).rejects.toThrow(/bad part headers/)
    await expect(parse(Array.from({ length: 100 }, () => bytes('x'.repeat(1000))))).rejects.toThrow(/no boundary/)
  })

  it('multipartParts() closes its source when its reader stops', async () => {
    let closed = false
    const source = async function* (): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield bytes(`--${BOUNDARY}\r\n\r\nbody\r\n`)
      } finally {
        closed = true
      }
    }
    const parts = multipartParts(source(), BOUNDARY, { maxParts: 10 })
    await parts.next()
    await parts.return(undefined)

    expect(closed).toBe(true)
  })

  it('boundaryOf() finds the boundary, quoted or not, and refuses other types', () => {
    expect(boundaryOf('multipart/form-data; boundary=abc')).toBe('abc')
    expect(boundaryOf('Multipart/Form-Data; charset=utf-8; boundary="a b"')).toBe('a b')
    for (const type of [undefined, '', 'text/plain', 'multipart/form-data', 'multipart/mixed; boundary=a']) {
      expect(() => boundaryOf(type)).toThrow(/multipart\/form-data/)
    }
  })
})
