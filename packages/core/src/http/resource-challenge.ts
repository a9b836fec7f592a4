import type { Refusal } from './refusal.js'

/** A refusal whose bearer challenges say where the resource's metadata is (RFC 9728, section 5.1); `null` leaves it as it is. */
export function withResourceMetadata(refusal: Refusal, url: string | null): Refusal {
  if (url === null) return refusal
  const parameter = `resource_metadata="${new URL(url).href}"`
  const headers = refusal.headers.map(([name, value]): readonly [string, string] => {
    if (name !== 'www-authenticate') return [name, value]
    return [name, value === 'Bearer' ? `Bearer ${parameter}` : `${value}, ${parameter}`]
  })
  return { ...refusal, headers }
}
