import { AuthError } from '../errors.js'

/**
 * A parameter of a query that may be there once; an empty one counts as absent.
 * @throws AuthError `invalid_request` where it is there more often
 */
export function singleParameter(parameters: URLSearchParams, name: string): string | null {
  const [value = null, ...others] = parameters.getAll(name)
  if (others.length > 0) throw new AuthError('invalid_request')
  return value === '' ? null : value
}
