import { AuthError } from '@auth/core'
import type { z } from 'zod'

/** What came from outside, in the shape that it must have. @throws AuthError `validation_failed` that names every mistake */
export function parse<Schema extends z.ZodType>(schema: Schema, given: unknown): z.output<Schema> {
  const parsed = schema.safeParse(given)
  if (parsed.success) return parsed.data
  const issues = parsed.error.issues.map(({ path, code, message }) => ({ path: path.join('.'), code, message }))
  throw new AuthError('validation_failed', { issues })
}
