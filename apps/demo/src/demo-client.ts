import { createHash } from 'node:crypto'
import { AuthError } from '@auth/core'
import type { DemoAuth } from './auth.js'
import type { Settings } from './settings.js'
import { StartError } from './start-error.js'

/** How long what an administrator rotated the secret to goes on beside the one of the settings. */
const overlap = '90d'

/** Registers the OAuth client that the settings name, or brings one that is there in line with them. Any number of processes may do it at once. */
export async function ensureClient(
  auth: DemoAuth,
  { DEMO_CLIENT_ID: id, DEMO_CLIENT_SECRET: secret, DEMO_REDIRECT_URI: redirectUri }: Settings,
): Promise<void> {
  if (id === undefined || secret === undefined || redirectUri === undefined) return
  const { clients } = auth.oauth
  const secretSha256 = createHash('sha256').update(secret).digest('hex')
  const settings = {
    name: 'Demo client',
    grants: ['client_credentials', 'authorization_code', 'refresh_token'],
    scopes: ['read:orders', 'write:orders'],
    redirectUris: [redirectUri],
  } as const
  try {
    await clients.create({ id, secretSha256, ...settings })
  } catch (error) {
    if (!isTaken(error))
      throw isMistake(error) ? new StartError(`DEMO_CLIENT_ID and its neighbours: ${wrongIn(error)}`) : error
    await clients.update(id, settings)
    await clients.rotateSecret(id, { secretSha256, overlap })
  }
}

function isMistake(error: unknown): error is AuthError {
  return error instanceof AuthError && error.code === 'validation_failed'
}

function isTaken(error: unknown): boolean {
  return isMistake(error) && (error.details.issues?.some(({ code }) => code === 'taken') ?? false)
}

function wrongIn({ details }: AuthError): string {
  return details.issues?.map(({ path, message }) => `${path} ${message}`).join(', ') ?? ''
}
