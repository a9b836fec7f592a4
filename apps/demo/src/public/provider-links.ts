import { byId, make } from './dom.js'
import type { ReturnTrip } from './return-trip.js'

/** The providers of the demo: its ids, and its names for people. */
export const providers = [
  ['google', 'Google'],
  ['github', 'GitHub'],
] as const

/** Where a sign-in with a provider begins; with `isForced` the provider asks its person once more. */
function startOf(provider: string, { target, isForced }: ReturnTrip): string {
  const query = new URLSearchParams({ returnTo: target ?? '/', ...(isForced ? { prompt: 'login' } : {}) })
  return `/auth/signin/${provider}?${query}`
}

/** Lets whoever was sent here to sign in go on from a provider to where they came from. */
export function followTrip(trip: ReturnTrip): void {
  if (trip.target === null) return
  for (const [id] of providers) byId<HTMLAnchorElement>(`with-${id}`).href = startOf(id, trip)
}

/** Links with which somebody proves at a provider once more who they are. */
export function proofLinks(ids: readonly string[]): readonly HTMLAnchorElement[] {
  return providers
    .filter(([id]) => ids.includes(id))
    .map(([id, name]) => make('a', { href: startOf(id, { target: '/', isForced: true }) }, `Sign in with ${name} again`))
}
