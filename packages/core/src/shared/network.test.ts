import { expect, it } from 'vitest'
import { isInNetworks, type Network, parseNetwork } from './network.js'

const networks = (...texts: string[]): Network[] =>
  texts.map((text) => {
    const network = parseNetwork(text)
    if (!network) throw new Error(`${text} is no network`)
    return network
  })

it.each([
  ['10.0.0.0/8', '10.255.0.1', true],
  ['10.0.0.0/8', '11.0.0.1', false],
  ['10.1.2.3', '10.1.2.3', true],
  ['10.1.2.3', '10.1.2.4', false],
  ['10.0.0.0/8', '::ffff:10.0.0.1', true],
  ['10.0.0.0/8', '::ffff:0a00:0001', true],
  ['::ffff:10.0.0.0/104', '10.9.9.9', true],
  ['::ffff:10.0.0.0/104', '11.9.9.9', false],
  ['::ffff:10.0.0.1', '10.0.0.1', true],
  ['2001:db8::/32', '2001:db8:ffff::1', true],
  ['2001:db8::/32', '2001:DB8::1', true],
  ['2001:db8::/32', '2001:db9::1', false],
  ['::/0', '10.0.0.1', false],
  ['0.0.0.0/0', '2001:db8::1', false],
  ['0.0.0.0/0', '203.0.113.7', true],
  ['0.0.0.0/0', '', false],
  ['0.0.0.0/0', '127.1', false],
  ['0.0.0.0/0', 'unknown', false],
])('%s holds %s: %s', (network, address, expected) => {
  expect(isInNetworks(address, networks(network))).toBe(expected)
})

it('several networks hold what any of them holds, and none hold nothing', () => {
  expect(isInNetworks('::1', networks('10.0.0.0/8', '::1'))).toBe(true)
  expect(isInNetworks('::1', [])).toBe(false)
})
