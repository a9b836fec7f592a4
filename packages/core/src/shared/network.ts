import ipaddr from 'ipaddr.js'

/** An address, IPv4 where it is IPv4 in IPv6's clothes. */
export type Address = ipaddr.IPv4 | ipaddr.IPv6

/** A network: a base address and how many of its bits count. */
export type Network = readonly [Address, number]

const mappedBits = 96

/** Reads `10.0.0.0/8`, `::1` and the like; `null` where it is no network. An IPv4-mapped one is the IPv4 network it stands for. */
export function parseNetwork(text: string): Network | null {
  const cidr = text.includes('/') ? text : `${text}/${text.includes(':') ? 128 : 32}`
  const [address = ''] = cidr.split('/')
  if (!isAddress(address) || !ipaddr.isValidCIDR(cidr)) return null
  const [base, bits] = ipaddr.parseCIDR(cidr)
  const isMapped = base instanceof ipaddr.IPv6 && base.isIPv4MappedAddress() && bits >= mappedBits
  return isMapped ? [base.toIPv4Address(), bits - mappedBits] : [base, bits]
}

/** Reads an address; `null` for anything else. Strict: `127.1` and octal spellings are no addresses here. */
export function parseAddress(text: string): Address | null {
  return isAddress(text) ? ipaddr.process(text) : null
}

/** Whether an address is in one of the networks. What is no address is in none. */
export function isInNetworks(text: string, networks: readonly Network[]): boolean {
  const address = parseAddress(text)
  return address !== null && networks.some(([base, bits]) => address.kind() === base.kind() && address.match(base, bits))
}

function isAddress(text: string): boolean {
  return text.includes(':') ? ipaddr.IPv6.isValid(text) : ipaddr.IPv4.isValidFourPartDecimal(text)
}
