import ipaddr from 'ipaddr.js'
import { headerLines, type RequestSource } from './request-source.js'

/** A network: a base address and how many of its bits count. */
export type Network = [ipaddr.IPv4 | ipaddr.IPv6, number]

/** Reads `10.0.0.0/8`, `::1` and the like; `null` where it is no network. */
export function parseNetwork(text: string): Network | null {
  const cidr = text.includes('/') ? text : `${text}/${text.includes(':') ? 128 : 32}`
  const [address = ''] = cidr.split('/')
  if (!isAddress(address) || !ipaddr.isValidCIDR(cidr)) return null
  return ipaddr.parseCIDR(cidr)
}

/**
 * The client's address. It is the peer's, unless the peer is a trusted proxy: then `X-Forwarded-For` is walked from the
 * right, and the first address that is no trusted proxy counts. What stands left of it was written by the client.
 */
export function clientAddress(source: RequestSource, trusted: readonly Network[]): string | undefined {
  if (trusted.length === 0 || source.ip === undefined || !isTrusted(source.ip, trusted)) return source.ip
  let client = source.ip
  const hops = headerLines(source, 'x-forwarded-for').join(',').split(',').reverse()
  for (const hop of hops) {
    const address = hop.trim()
    if (!isAddress(address)) break
    client = address
    if (!isTrusted(address, trusted)) break
  }
  return client
}

/** Whether an address is of a network that is routed inside one organisation only. */
export function isPrivateAddress(address: string): boolean {
  if (!isAddress(address)) return false
  const range = ipaddr.process(address).range()
  return (
    range === 'private' ||
    range === 'loopback' ||
    range === 'uniqueLocal' ||
    range === 'linkLocal' ||
    range === 'carrierGradeNat'
  )
}

function isTrusted(address: string, trusted: readonly Network[]): boolean {
  if (!isAddress(address)) return false
  const parsed = ipaddr.process(address)
  return trusted.some(([base, bits]) => parsed.kind() === base.kind() && parsed.match(base, bits))
}

/** Strict: `127.1` and octal spellings are no addresses here. */
function isAddress(text: string): boolean {
  return text.includes(':') ? ipaddr.IPv6.isValid(text) : ipaddr.IPv4.isValidFourPartDecimal(text)
}
