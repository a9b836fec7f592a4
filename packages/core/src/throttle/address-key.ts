import ipaddr from 'ipaddr.js'

/** What all attempts without a usable address share. */
const unknownAddress = 'unknown'
/** A household or a server gets a /64 at least, and chooses freely within it. */
const ipv6PrefixParts = 4

/**
 * The one text by which an address is limited: an IPv4 address as it is, an IPv6 address as its /64. IPv4 in IPv6's clothes
 * (`::ffff:0:0/96`, NAT64's `64:ff9b::/96`) is IPv4; spellings, zones and letter case make no difference. Everything else,
 * also no address at all, is `unknown`: one key for all of it, so that nobody escapes by having none.
 */
export function addressKey(ip: string | undefined): string {
  if (ip === undefined) return unknownAddress
  // ipaddr.js reads `127.1` and `0x7f000001` too, which no socket reports.
  if (ipaddr.IPv4.isValidFourPartDecimal(ip)) return ip
  if (!ipaddr.IPv6.isValid(ip)) return unknownAddress
  const address = ipaddr.IPv6.parse(ip)
  const range = address.range()
  if (range === 'ipv4Mapped' || range === 'rfc6052') return address.toByteArray().slice(-4).join('.')
  const prefix = address.parts.slice(0, ipv6PrefixParts).map((part) => part.toString(16))
  return `${prefix.join(':')}::/64`
}
