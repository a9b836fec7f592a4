import { isInNetworks, type Network, parseAddress } from '../shared/network.js'
import { headerLines, type RequestSource } from './request-source.js'

/**
 * The client's address. It is the peer's, unless the peer is a trusted proxy: then `X-Forwarded-For` is walked from the
 * right, and the first address that is no trusted proxy counts. What stands left of it was written by the client.
 */
export function clientAddress(source: RequestSource, trusted: readonly Network[]): string | undefined {
  if (trusted.length === 0 || source.ip === undefined || !isInNetworks(source.ip, trusted)) return source.ip
  let client = source.ip
  const hops = headerLines(source, 'x-forwarded-for').join(',').split(',').reverse()
  for (const hop of hops) {
    const address = hop.trim()
    if (!parseAddress(address)) break
    client = address
    if (!isInNetworks(address, trusted)) break
  }
  return client
}

/** Whether an address is of a network that is routed inside one organisation only. */
export function isPrivateAddress(address: string): boolean {
  const range = parseAddress(address)?.range()
  return (
    range === 'private' ||
    range === 'loopback' ||
    range === 'uniqueLocal' ||
    range === 'linkLocal' ||
    range === 'carrierGradeNat'
  )
}
