import { base64url } from '../../shared/bytes.js'
import type { Digest } from '../../shared/digest.js'
import { randomBytes, randomId, randomUuid } from '../../shared/random.js'

/** Now, with a rest of milliseconds that no rounding survives. */
export const present: Date = new Date(Math.floor(Date.now() / 1000) * 1000 + 123)

/** Instants at which a store that asks its own clock is found out. */
export const eras: readonly Date[] = [new Date('1995-07-01T12:00:00.457Z'), new Date('2187-03-01T12:00:00.457Z')]

/** The instant `ms` milliseconds after `from`. */
export function afterMs(from: Date, ms: number): Date {
  return new Date(from.getTime() + ms)
}

/** A text that no other record of any run has. Mixed case and `_`, so that lookalikes of it differ. */
export function uniqueText(label: string): string {
  return `${label}_Aa${randomId()}zZ`
}

/** A digest of nothing: no test needs to know the secret. */
export function uniqueDigest(): Digest {
  return base64url(randomBytes(32)) as Digest // What a digest looks like is all that stores know.
}

export { randomUuid as uniqueUuid }

/** A whole number from 0 to `end - 1` that hardly any other record of any run has. `end` fits into 32 bits. */
export function uniqueNumber(end: number): number {
  return new DataView(randomBytes(4).buffer).getUint32(0) % end
}

/** The numbers from 0 to `count - 1`. */
export function range(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index)
}

/** How many of the values are `wanted`. */
export function countOf<T>(values: readonly T[], wanted: T): number {
  return values.filter((value) => value === wanted).length
}
