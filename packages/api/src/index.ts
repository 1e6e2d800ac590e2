/** The HTTP API of a peer: `createApi`, its table of endpoints, its table of errors. */
export { ApiListenError, createApi } from './create-api.ts'
export type { Api, ApiComponents, ApiInit } from './create-api.ts'
export { ENDPOINTS } from './endpoints.ts'
export { ERROR_STATUS } from './failure.ts'
