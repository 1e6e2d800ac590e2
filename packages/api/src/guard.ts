/**
 * Which requests a listener takes at all.
 *
 * G1 A loopback listener takes only requests for this machine's own names: a web page that has its name resolved to 127.0.0.1
 *    (DNS rebinding) is refused.
 * G2 A request that a browser sends on behalf of another origin changes nothing: browsers send some POST requests without asking.
 */
import type { IncomingHttpHeaders } from 'node:http'

import { ForbiddenError } from './failure.ts'

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '::1' || /^127(?:\.\d{1,3}){3}$/u.test(host)
}

/** @throws {ForbiddenError} when the request must not be served. */
export function checkOrigin(method: string, headers: IncomingHttpHeaders, loopback: boolean): void {
  const { host, origin } = headers
  if (loopback && host !== undefined && !isLoopback(hostnameOf(host))) {
    throw new ForbiddenError(
      `the API on this machine does not answer to the name ${JSON.stringify(host.slice(0, 80))}; use 127.0.0.1 or localhost`,
    ) // G1
  }
  if (method === 'GET' || method === 'HEAD') return
  if (origin !== undefined && origin !== `http://${host ?? ''}` && origin !== `https://${host ?? ''}`) {
    throw new ForbiddenError(`pages of ${JSON.stringify(origin.slice(0, 80))} may not change this cluster`) // G2
  }
}

/** The name in a Host header, without its port and brackets, in lower case. */
function hostnameOf(host: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d*)?$/u.exec(host)
  return (bracketed?.[1] ?? host.replace(/:\d*$/u, '')).toLowerCase()
}
