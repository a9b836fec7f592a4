import { isInNetworks, type Network, parseAddress } from '../shared/network.js'
import { headerLines, type RequestSource } from './request-source.js'

const ipv4AndPort = /^(\d{1,3}(?:\.\d{1,3}){3}):\d{1,5}$/
const bracketed = /^\[([^[\]]+)\](?::\d{1,5})?$/

/**
 * The client's address. It is the peer's, unless the peer is a trusted proxy: then `X-Forwarded-For` is walked from the
 * right, and the first address that is no trusted proxy counts. What stands left of it was written by the client.
 * Ports, which some proxies and frameworks write behind addresses, do not count.
 * @param onUnreadable Called where a proxy wrote something that is no address: the walk ends there, at the proxy's own.
 */
export function clientAddress(
  source: RequestSource,
  trusted: readonly Network[],
  onUnreadable?: () => void,
): string | undefined {
  const peer = source.ip && withoutPort(source.ip)
  if (trusted.length === 0 || peer === undefined || !isInNetworks(peer, trusted)) return peer
  let client = peer
  const hops = headerLines(source, 'x-forwarded-for').join(',').split(',').reverse()
  for (const hop of hops) {
    const address = withoutPort(hop.trim())
    if (!parseAddress(address)) {
      if (address !== '') onUnreadable?.()
      break
    }
    client = address
    if (!isInNetworks(address, trusted)) break
  }
  return client
}

/** `203.0.113.5:51234` and `[2001:db8::5]:443` without port and brackets; anything else as it is. */
function withoutPort(text: string): string {
  const [, address = text] = ipv4AndPort.exec(text) ?? bracketed.exec(text) ?? []
  return address
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
