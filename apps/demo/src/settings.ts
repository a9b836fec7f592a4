import { parseArgs } from 'node:util'
import type { Duration } from '@auth/core'
import { z } from 'zod'

const duration = z
  .string()
  .regex(/^\d{1,9}[smhd]?$/, 'must be a duration such as 900, 15m or 30d')
  .transform((text) => (/\d$/.test(text) ? Number(text) : (text as Duration))) // The pattern is the type's.

const environment = z.object({
  PORT: z.coerce
    .number('must be a port')
    .int('must be a port')
    .min(0, 'must be a port')
    .max(65_535, 'must be a port')
    .default(3000),
  DATA_DIR: z.string().min(1).default('.data'),
  AUTH_SECRET: z.string().min(32, 'must be at least 32 characters').optional(),
  ISSUER: z.url().optional(),
  ACCESS_TTL: duration.optional(),
  REFRESH_TTL: duration.optional(),
  RETRY_WINDOW: duration.optional(),
  SESSION_IDLE: duration.optional(),
  MAX_STALENESS: duration.optional(),
  REGISTRATION: z.enum(['open', 'closed'], 'must be open or closed').optional(),
  ALGORITHM: z.enum(['RS256', 'PS256', 'ES256', 'EdDSA', 'HS256'], 'must be RS256, PS256, ES256, EdDSA or HS256').optional(),
  DEMO_ADMIN_EMAIL: z.email('must be an e-mail address').optional(),
  DEMO_ADMIN_PASSWORD: z.string().min(1).optional(),
  TRUSTED_PROXIES: z
    .string()
    .transform((text) => text.split(',').map((network) => network.trim()))
    .optional(),
})

/** The demo's settings, as the environment has them. */
export type Settings = z.output<typeof environment>

/** What a start needs that this version does not have. */
const refused = { DATABASE_URL: 'a database', REDIS_URL: 'Redis' } as const
const unused = [
  'DEMO_CLIENT_ID',
  'DEMO_CLIENT_SECRET',
  'DEMO_REDIRECT_URI',
  'GOOGLE_CLIENT_ID',
  'GOOGLE_CLIENT_SECRET',
  'GITHUB_CLIENT_ID',
  'GITHUB_CLIENT_SECRET',
  'SMTP_URL',
] as const

const adapters = ['express']

/** A mistake in how the demo was started; its message is for the person who did. */
export class StartError extends Error {
  override readonly name = 'StartError'
}

/** Reads the settings. Empty variables count as unset. @throws StartError that names every mistake */
export function readSettings(env: NodeJS.ProcessEnv, args: readonly string[]): Settings {
  checkAdapter(args)
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  for (const [name, what] of Object.entries(refused)) {
    if (given[name] !== undefined)
      throw new StartError(
        `${name} is set, but this version keeps everything in memory and cannot use ${what} yet: unset it`,
      )
  }
  const parsed = environment.safeParse(given)
  if (!parsed.success) {
    throw new StartError(parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('\n'))
  }
  if ((parsed.data.DEMO_ADMIN_EMAIL === undefined) !== (parsed.data.DEMO_ADMIN_PASSWORD === undefined)) {
    throw new StartError('DEMO_ADMIN_EMAIL and DEMO_ADMIN_PASSWORD go together: set both or neither')
  }
  return parsed.data
}

/** The variables that are set and have no effect. */
export function unusedVariables(env: NodeJS.ProcessEnv): readonly string[] {
  return unused.filter((name) => env[name])
}

function checkAdapter(args: readonly string[]): void {
  const adapter = adapterOf(args)
  if (!adapters.includes(adapter)) throw new StartError(`there is no adapter ${adapter}; available: ${adapters.join(', ')}`)
}

function adapterOf(args: readonly string[]): string {
  try {
    return parseArgs({ args: [...args], options: { adapter: { type: 'string', default: 'express' } } }).values.adapter
  } catch (cause) {
    throw new StartError(`${cause instanceof Error ? cause.message : cause}. Known: --adapter ${adapters.join('|')}`)
  }
}
