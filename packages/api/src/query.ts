/** The query of a request as IPFS Cluster reads it: the first of equal names counts, an empty value means not given. */
import { InvalidRequestError } from '@pinset/interface'

const MAX_OPTIONS = 256

export function queryFromText(text: string): Record<string, string> {
  const query = Object.create(null) as Record<string, string>
  let options = 0
  for (const [name, value] of new URLSearchParams(text)) {
    options += 1
    if (options > MAX_OPTIONS) throw new InvalidRequestError(`more than ${MAX_OPTIONS} options in the query`)
    // An empty value of metadata is one.
    if (value === '' && !name.startsWith('meta-')) continue
    query[name] ??= value
  }
  return query
}
