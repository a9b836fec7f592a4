import ipaddr from 'ipaddr.js'

/** What all attempts without a usable address share. */
const unknownAddress = 'unknown'
/** A household or a server gets a /64 at least, and chooses freely within it. */
const hostBits = 64
/** A site gets a /48 at most (RFC 6177, section 2), and chooses freely among the /64s of it. */
const siteBits = 48
const partBits = 16

/** What an address is limited by. */
export interface AddressKeys {
  /** The address, or the /64 it is in. */
  readonly address: string
  /** The /48 around it; `null` where it is not IPv6. */
  readonly network: string | null
}

/**
 * The texts by which an address is limited: an IPv4 address as it is, an IPv6 address as its /64 and its /48. IPv4 in IPv6's
 * clothes (`::ffff:0:0/96`, NAT64's `64:ff9b::/96`) is IPv4; spellings, zones and letter case make no difference. Everything
 * else, also no address at all, is `unknown`: one key for all of it, so that nobody escapes by having none.
 */
export function addressKeys(ip: string | undefined): AddressKeys {
  const alone = (address: string): AddressKeys => ({ address, network: null })
  if (ip === undefined) return alone(unknownAddress)
  // ipaddr.js reads `127.1` and `0x7f000001` too, which no socket reports.
  if (ipaddr.IPv4.isValidFourPartDecimal(ip)) return alone(ip)
  if (!ipaddr.IPv6.isValid(ip)) return alone(unknownAddress)
  const address = ipaddr.IPv6.parse(ip)
  const range = address.range()
  if (range === 'ipv4Mapped' || range === 'rfc6052') return alone(address.toByteArray().slice(-4).join('.'))
  return { address: prefixOf(address, hostBits), network: prefixOf(address, siteBits) }
}

/** The address, or the /64 it is in: what is one client. */
export function addressKey(ip: string | undefined): string {
  return addressKeys(ip).address
}

function prefixOf({ parts }: ipaddr.IPv6, bits: number): string {
  const prefix = parts.slice(0, bits / partBits).map((part) => part.toString(16))
  return `${prefix.join(':')}::/${bits}`
}
