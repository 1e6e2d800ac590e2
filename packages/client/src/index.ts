/** A typed client of the HTTP API, and the errors that only a client has. */
export { createClient } from './create-client.ts'
export type {
  AddedRoot,
  ClientAddOptions,
  ClientInit,
  ClientReadOptions,
  ListOptions,
  PinAnswer,
  PinsetClient,
  StatusOptions,
  UnpinAnswer,
} from './client.ts'
export { ApiError, ApiUnreachableError } from './errors.ts'
export type { FailureFields } from './errors.ts'
