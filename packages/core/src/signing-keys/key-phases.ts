import { later } from '../shared/duration.js'
import type { SigningKeyRecord } from './signing-key-store.js'

/** A key's times: all that its phase follows from. */
export type KeyTimes = Pick<SigningKeyRecord, 'ordinal' | 'activeFrom'>

/** `next`: known, does not sign yet. `active`: signs. `retired`: verifies only. `gone`: neither. */
export type KeyPhase = 'next' | 'active' | 'retired' | 'gone'

/** How long a new key is known before it signs: for how long JWKS may be cached (5 min), the ring's refresh (1 min) and skew (2 min). */
export const publishSeconds = 480

/** How long a key verifies after it has signed: the longest life of a token (1 h) and skew (2 min). */
export const retireSeconds = 3720

/** Where a key is in its life. One that a later key overtakes before its own time never signs. */
export function keyPhase(key: KeyTimes, all: readonly KeyTimes[], now: Date): KeyPhase {
  const successors = all.filter(({ ordinal }) => ordinal > key.ordinal).map(({ activeFrom }) => activeFrom.getTime())
  const supersededAt = Math.min(...successors)
  if (now.getTime() >= supersededAt + retireSeconds * 1000) return 'gone'
  if (now.getTime() >= supersededAt) return 'retired'
  return now >= key.activeFrom ? 'active' : 'next'
}

/**
 * The key that signs: the active one. Where there is none yet, because this clock is behind that of whoever made the
 * first key, the one that will be active first: never a reason to make another.
 */
export function signingKeyAt<Key extends KeyTimes>(all: readonly Key[], now: Date): Key | null {
  const active = all.find((key) => keyPhase(key, all, now) === 'active')
  const waiting = all.filter((key) => keyPhase(key, all, now) === 'next')
  return active ?? waiting.sort((a, b) => a.activeFrom.getTime() - b.activeFrom.getTime())[0] ?? null
}

/** When a key made now begins to sign. */
export function activationTime(now: Date, immediately: boolean): Date {
  return immediately ? now : later(now, publishSeconds)
}
