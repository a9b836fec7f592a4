import { z } from 'zod'
import { type EmailAddress, parseEmailAddress } from '../accounts/index.js'
import { maxKeyLifeSeconds, maxOverlapSeconds } from '../api-keys/index.js'
import { AuthError, type ValidationIssue } from '../errors.js'
import { maxPasswordBytes } from '../passwords/index.js'
import { isStorable, utf8 } from '../shared/bytes.js'

const wellFormed = 'must not hold lone surrogates'
const storable = 'must not hold NUL or lone surrogates'
const text = (maximum: number): z.ZodString => z.string().max(maximum).refine(isStorable, storable)

const email = z
  .string()
  .max(1024)
  .transform((value, context): EmailAddress => {
    const address = parseEmailAddress(value)
    if (address) return address
    context.addIssue({ code: 'custom', params: { code: 'invalid_email' }, message: 'must be an e-mail address' })
    return z.NEVER
  })
// Longer than any password may be: what is too long gets the password policy's own code.
// Passwords are hashed, never stored, so that a NUL in one is a character like any other.
const newPassword = z.string().refine(isWellFormed, wellFormed)
const knownPassword = z
  .string()
  .min(1)
  .max(maxPasswordBytes)
  .refine(isWellFormed, wellFormed)
  .refine((value) => utf8(value).length <= maxPasswordBytes, { params: { code: 'too_long' }, message: 'is too long' })
const name = text(200).refine((value) => !/\p{Cc}/u.test(value), 'must not hold control characters')
const ticket = z.string().min(1).max(512)
const transport = z.enum(['bearer', 'cookie']).default('bearer')

/** How a login asks to be carried. */
export type Transport = 'bearer' | 'cookie'

/** The bodies of the routes, as handlers get them. */
export interface Bodies {
  readonly none: Readonly<Record<string, never>>
  readonly register: { email: EmailAddress; password: string; name?: string | undefined; transport: Transport }
  readonly login: { email: EmailAddress; password: string; transport: Transport; deviceToken?: string | undefined }
  readonly refresh: { refreshToken: string }
  readonly logout: { refreshToken?: string | undefined }
  readonly passwordChange: { currentPassword: string; newPassword: string }
  readonly userRoles: { roles: string[] }
  readonly ticket: { ticket: string }
  readonly socialLink: { returnTo?: string | undefined; password?: string | undefined }
  readonly socialUnlink: { password?: string | undefined }
  readonly passwordForgot: { email: EmailAddress }
  readonly passwordReset: { ticket: string; newPassword: string }
  readonly emailChange: { newEmail: EmailAddress; password?: string | undefined }
  readonly deleteMe: { password?: string | undefined }
  readonly createApiKey: {
    name: string
    scopes: string[]
    expiresIn?: number | undefined
    allowedIps?: string[] | undefined
  }
  readonly rotateApiKey: { overlap: number }
}

/** The bodies that the routes take. Unknown fields are refused. */
export const bodies: { readonly [Name in keyof Bodies]: z.ZodType<Bodies[Name]> } = {
  none: z.strictObject({}),
  register: z.strictObject({ email, password: newPassword, name: name.optional(), transport }),
  login: z.strictObject({ email, password: knownPassword, transport, deviceToken: z.string().max(512).optional() }),
  refresh: z.strictObject({ refreshToken: z.string().min(1).max(1024) }),
  logout: z.strictObject({ refreshToken: z.string().max(1024).optional() }),
  passwordChange: z.strictObject({ currentPassword: knownPassword, newPassword }),
  userRoles: z.strictObject({ roles: z.array(z.string().max(64)).max(64) }),
  ticket: z.strictObject({ ticket }),
  socialLink: z.strictObject({ returnTo: z.string().max(2048).optional(), password: knownPassword.optional() }),
  socialUnlink: z.strictObject({ password: knownPassword.optional() }),
  passwordForgot: z.strictObject({ email }),
  passwordReset: z.strictObject({ ticket, newPassword }),
  emailChange: z.strictObject({ newEmail: email, password: knownPassword.optional() }),
  deleteMe: z.strictObject({ password: knownPassword.optional() }),
  // What names, scopes and networks may be is the room's to say, for whoever asks.
  createApiKey: z.strictObject({
    name: z.string(),
    scopes: z.array(z.string()),
    expiresIn: z.int().min(1).max(maxKeyLifeSeconds).optional(),
    allowedIps: z.array(z.string()).optional(),
  }),
  rotateApiKey: z.strictObject({ overlap: z.int().min(0).max(maxOverlapSeconds).default(0) }),
}

/** A body that has the shape of its schema. @throws AuthError `validation_failed` */
export function parseBody<Schema extends z.ZodType>(
  schema: Schema,
  value: Readonly<Record<string, unknown>>,
): z.output<Schema> {
  // `JSON.parse` makes `__proto__` an own key, which schema libraries pass over in silence.
  if (Object.hasOwn(value, '__proto__')) throw new AuthError('validation_failed', { issues: [unknownField('__proto__')] })
  const parsed = schema.safeParse(value, { reportInput: true })
  if (parsed.success) return parsed.data
  throw new AuthError('validation_failed', { issues: parsed.error.issues.flatMap(toIssues).slice(0, 20) })
}

function isWellFormed(value: string): boolean {
  return value.isWellFormed()
}

function unknownField(path: string): ValidationIssue {
  return { path, code: 'unknown_field', message: 'is not a field of this request' }
}

function toIssues(issue: z.core.$ZodIssue): ValidationIssue[] {
  const path = issue.path.join('.')
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownField([...issue.path, key.slice(0, 64)].join('.')))
    case 'invalid_type':
      return issue.input === undefined
        ? [{ path, code: 'required', message: 'is required' }]
        : [{ path, code: 'invalid_type', message: `must be of type ${issue.expected}` }]
    case 'too_small':
      return [{ path, code: 'too_short', message: 'is too short' }]
    case 'too_big':
      return [{ path, code: 'too_long', message: 'is too long' }]
    case 'custom':
      return [
        { path, code: typeof issue.params?.code === 'string' ? issue.params.code : 'invalid_value', message: issue.message },
      ]
    default:
      return [{ path, code: 'invalid_value', message: 'is not an allowed value' }]
  }
}
