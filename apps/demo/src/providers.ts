import { github, google, type OAuthProvider, type ProviderCredentials } from '@auth/core'
import { ada, type FakeProvider, fakeProvider, type ProviderPerson } from '@auth/core/testing'
import type { Settings } from './settings.js'

/** Who people can sign in with here. */
export interface Providers {
  readonly list: readonly OAuthProvider[]
  /** What they are, for people to read. */
  readonly label: string
  close(): Promise<void>
}

const grace: ProviderPerson = {
  ...ada,
  sub: '190612',
  id: 190_612,
  login: 'grace',
  name: 'Grace Hopper',
  email: 'grace@example.com',
}
const alan: ProviderPerson = {
  ...ada,
  sub: '191206',
  id: 191_206,
  login: 'alan',
  name: 'Alan Turing',
  email: 'alan@example.com',
  emailVerified: false,
}

/** Google and GitHub where the settings have ids for them; else a stand-in on this machine, so that signing in can be tried offline. */
export async function openProviders(settings: Settings): Promise<Providers> {
  const own = {
    google: credentials(settings.GOOGLE_CLIENT_ID, settings.GOOGLE_CLIENT_SECRET),
    github: credentials(settings.GITHUB_CLIENT_ID, settings.GITHUB_CLIENT_SECRET),
  }
  const standIn = own.google && own.github ? null : await fakeProvider({ people: [ada, grace, alan] })
  const list = [own.google ? google(own.google) : standIn?.oidc(), own.github ? github(own.github) : standIn?.oauth2()]
  return {
    list: list.filter((provider) => provider !== undefined),
    label: labelOf(own, standIn),
    close: async () => standIn?.close(),
  }
}

function credentials(clientId: string | undefined, clientSecret: string | undefined): ProviderCredentials | null {
  return clientId !== undefined && clientSecret !== undefined ? { clientId, clientSecret } : null
}

function labelOf(own: Readonly<Record<'google' | 'github', unknown>>, standIn: FakeProvider | null): string {
  const of = (isReal: unknown): string => (isReal ? 'itself' : `a stand-in at ${standIn?.url}`)
  return `Google is ${of(own.google)}, GitHub is ${of(own.github)}`
}
