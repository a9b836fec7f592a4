import { StartError } from '../start-error.js'

/** Says why a system cannot be used, in one line and without what its URL holds besides the place. */
export function unreachable(what: string, variable: string, error: unknown): StartError {
  return new StartError(`cannot use ${what} (${variable}): ${reasonOf(error)}`)
}

/** The message of an error, or of the first of those that it stands for. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0])
  const message = error instanceof Error ? error.message : String(error)
  return message.split('\n', 1)[0] ?? ''
}
