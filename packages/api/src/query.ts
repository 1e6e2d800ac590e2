/**
 * The query of a request as IPFS Cluster reads it: the first of equal names counts, an empty value means not given.
 *
 * Y1 Reading a query never throws: it happens before any error can be answered.
 */
import { InvalidRequestError } from '@pinset/interface'

const MAX_OPTIONS = 256

export function queryFromText(text: string): Record<string, string> {
  const query = Object.create(null) as Record<string, string>
  if (countOptions(text) > MAX_OPTIONS) return query // Y1: `checkQuery` refuses it, once there is somebody to answer
  for (const [name, value] of new URLSearchParams(text)) {
    // An empty value of metadata is one.
    if (value === '' && !name.startsWith('meta-')) continue
    query[name] ??= value
  }
  return query
}

/** @throws {InvalidRequestError} when the query has so many options that it was not read. */
export function checkQuery(url: string): void {
  if (countOptions(url) > MAX_OPTIONS) throw new InvalidRequestError(`more than ${MAX_OPTIONS} options in the query`)
}

function countOptions(text: string): number {
  return text.split('&', MAX_OPTIONS + 1).length
}
