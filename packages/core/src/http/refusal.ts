import type { AuthErrorCode } from '../errors.js'

/** An answer that refuses, ready to be written by any framework. */
export interface Refusal {
  readonly status: number
  readonly code: AuthErrorCode
  /** Header lines in order; a name may stand more than once. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** `application/problem+json` (RFC 9457). */
  readonly body: string
}
