import { parseArgs } from 'node:util'
import type { Duration } from '@auth/core'
import { z } from 'zod'
import { StartError } from './start-error.js'
import { parsePostgresUrl, parseRedisUrl } from './storage/addresses.js'

const duration = z
  .string()
  .regex(/^\d{1,9}[smhd]?$/, 'must be a duration such as 900, 15m or 30d')
  .transform((text) => (/\d$/.test(text) ? Number(text) : (text as Duration))) // The pattern is the type's.

/** A URL is never repeated in a message: there may be a password in it. */
const address = <Address>(parse: (text: string) => Address | null, message: string) =>
  z.string().transform((text, context) => {
    const parsed = parse(text)
    if (parsed !== null) return parsed
    context.addIssue({ code: 'custom', message })
    return z.NEVER
  })

const environment = z.object({
  PORT: z.coerce
    .number('must be a port')
    .int('must be a port')
    .min(0, 'must be a port')
    .max(65_535, 'must be a port')
    .default(3000),
  DATA_DIR: z.string().min(1).default('.data'),
  DATABASE_URL: address(parsePostgresUrl, 'must be like postgres://user:password@host:5432/database').optional(),
  REDIS_URL: address(parseRedisUrl, 'must be like redis://host:6379 or redis+cluster://host:port,host:port').optional(),
  AUTH_SECRET: z.string().min(32, 'must be at least 32 characters').optional(),
  ISSUER: z.url().optional(),
  ACCESS_TTL: duration.optional(),
  REFRESH_TTL: duration.optional(),
  RETRY_WINDOW: duration.optional(),
  SESSION_IDLE: duration.optional(),
  MAX_STALENESS: duration.optional(),
  REGISTRATION: z.enum(['open', 'verified', 'closed'], 'must be open, verified or closed').optional(),
  ALGORITHM: z.enum(['RS256', 'PS256', 'ES256', 'EdDSA', 'HS256'], 'must be RS256, PS256, ES256, EdDSA or HS256').optional(),
  DEMO_ADMIN_EMAIL: z.email('must be an e-mail address').optional(),
  DEMO_ADMIN_PASSWORD: z.string().min(1).optional(),
  GOOGLE_CLIENT_ID: z.string().min(1).optional(),
  GOOGLE_CLIENT_SECRET: z.string().min(1).optional(),
  GITHUB_CLIENT_ID: z.string().min(1).optional(),
  GITHUB_CLIENT_SECRET: z.string().min(1).optional(),
  DEMO_CLIENT_ID: z.string().min(1).optional(),
  DEMO_CLIENT_SECRET: z.string().min(1).optional(),
  DEMO_REDIRECT_URI: z.string().min(1).optional(),
  SMTP_URL: z
    .string()
    .regex(/^smtps?:\/\/[^/]/, 'must be like smtp://user:password@host:587')
    .optional(),
  TRUSTED_PROXIES: z
    .string()
    .transform((text) => text.split(',').map((network) => network.trim()))
    .optional(),
})

/** The demo's settings, as the environment has them. */
export type Settings = z.output<typeof environment> & { readonly adapter: Adapter }

/** What means nothing by itself. */
const together = [
  ['DEMO_ADMIN_EMAIL', 'DEMO_ADMIN_PASSWORD'],
  ['DEMO_CLIENT_ID', 'DEMO_CLIENT_SECRET', 'DEMO_REDIRECT_URI'],
  ['GOOGLE_CLIENT_ID', 'GOOGLE_CLIENT_SECRET'],
  ['GITHUB_CLIENT_ID', 'GITHUB_CLIENT_SECRET'],
] as const

const adapters = ['express', 'fastify', 'koa'] as const

/** A framework that the demo runs on. */
export type Adapter = (typeof adapters)[number]

/** Reads the settings. Empty variables count as unset. @throws StartError that names every mistake */
export function readSettings(env: NodeJS.ProcessEnv, args: readonly string[]): Settings {
  const adapter = adapterOf(args)
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const parsed = environment.safeParse(given)
  if (!parsed.success) {
    throw new StartError(parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('\n'))
  }
  for (const names of together) {
    const set = names.filter((name) => parsed.data[name] !== undefined).length
    if (set !== 0 && set !== names.length)
      throw new StartError(`${names.slice(0, -1).join(', ')} and ${names.at(-1)} go together: set all or none`)
  }
  return { ...parsed.data, adapter }
}

function adapterOf(args: readonly string[]): Adapter {
  const asked = askedAdapter(args)
  const adapter = adapters.find((name) => name === asked)
  if (adapter === undefined) throw new StartError(`there is no adapter ${asked}; available: ${adapters.join(', ')}`)
  return adapter
}

function askedAdapter(args: readonly string[]): string {
  try {
    return parseArgs({ args: [...args], options: { adapter: { type: 'string', default: 'express' } } }).values.adapter
  } catch (cause) {
    throw new StartError(`${cause instanceof Error ? cause.message : cause}. Known: --adapter ${adapters.join('|')}`)
  }
}
