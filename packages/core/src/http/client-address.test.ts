import { describe, expect, it } from 'vitest'
import { quickestMs } from '../../test/support/quickest.js'
import { parseNetwork } from '../shared/network.js'
import { clientAddress, isPrivateAddress } from './client-address.js'
import type { RequestSource } from './request-source.js'

const proxies = ['10.0.0.0/8', '127.0.0.1', 'fd00::/8']
  .map((text) => parseNetwork(text))
  .filter((network) => network !== null)

function addressOf(ip: string | undefined, forwarded?: string | string[], trusted = proxies): string | undefined {
  const source: RequestSource = {
    method: 'GET',
    url: '/',
    header: (name) => (name === 'x-forwarded-for' ? forwarded : undefined),
    ip,
  }
  return clientAddress(source, trusted)
}

describe('clientAddress', () => {
  it('BF-07 is the peer where nothing is trusted', () => {
    expect(addressOf('10.0.0.1', '1.2.3.4', [])).toBe('10.0.0.1')
    expect(addressOf('203.0.113.9', '1.2.3.4')).toBe('203.0.113.9')
  })

  it('BF-07 A-41 is the right-most hop that is no proxy: what stands left of it was written by the client', () => {
    expect(addressOf('10.0.0.1', '6.6.6.6, 203.0.113.9')).toBe('203.0.113.9')
    expect(addressOf('10.0.0.1', '6.6.6.6, 203.0.113.9, 10.9.9.9')).toBe('203.0.113.9')
    expect(addressOf('10.0.0.1', ['6.6.6.6', '203.0.113.9, 10.1.1.1'])).toBe('203.0.113.9')
    expect(addressOf('fd00::1', '2001:db8::5')).toBe('2001:db8::5')
  })

  it.each([
    ['203.0.113.5:51234', '203.0.113.5'],
    ['[2001:db8::5]:443', '2001:db8::5'],
    ['[2001:db8::5]', '2001:db8::5'],
    ['2001:db8::5', '2001:db8::5'],
    ['::ffff:203.0.113.5', '::ffff:203.0.113.5'],
    ['6.6.6.6:1, 203.0.113.5:51234', '203.0.113.5'],
    ['203.0.113.5:51234, 10.0.0.9:80, [fd00::7]:443', '203.0.113.5'],
  ])('BF-07 reads %j, as proxies write it that tell the port', (forwarded, client) => {
    expect(addressOf('10.0.0.1', forwarded)).toBe(client)
  })

  it('BF-07 leaves the port of a peer aside, as frameworks tell it that read such a header', () => {
    expect(addressOf('203.0.113.5:51234', undefined, [])).toBe('203.0.113.5')
    expect(addressOf('[::ffff:10.0.0.1]:443', '203.0.113.9')).toBe('203.0.113.9')
  })

  it.each([
    '203.0.113.5:',
    '203.0.113.5:a',
    '203.0.113.5:123456',
    '[2001:db8::5',
    '2001:db8::5]:1',
    '[]:1',
    '[[::1]]',
    '[a]:1',
  ])('BF-07 takes %j for no address', (forwarded) => {
    expect(addressOf('10.0.0.1', forwarded)).toBe('10.0.0.1')
  })

  it('BF-07 stops at what is no address', () => {
    expect(addressOf('10.0.0.1', '203.0.113.9, unknown')).toBe('10.0.0.1')
    expect(addressOf('10.0.0.1', '203.0.113.9, 127.1, 10.2.2.2')).toBe('10.2.2.2')
    expect(addressOf('10.0.0.1', '203.0.113.9, 010.1.1.1')).toBe('10.0.0.1')
    expect(addressOf('10.0.0.1', '')).toBe('10.0.0.1')
  })

  it('BF-08 knows an IPv4-mapped peer for what it is', () => {
    expect(addressOf('::ffff:10.0.0.1', '203.0.113.9')).toBe('203.0.113.9')
    expect(addressOf('::ffff:203.0.113.7', '1.2.3.4')).toBe('::ffff:203.0.113.7')
  })

  it('has no address where the adapter has none', () => {
    expect(addressOf(undefined, '1.2.3.4')).toBeUndefined()
  })

  it('CF-02 takes no time for a header full of separators', () => {
    const quickest = quickestMs(() => {
      addressOf('10.0.0.1', ' ,'.repeat(50_000))
      addressOf('10.0.0.1', '10.0.0.1,'.repeat(10_000))
      for (const hostile of ['[', '[:', '1.', '[a]:1']) addressOf('10.0.0.1', hostile.repeat(50_000))
    })
    expect(quickest).toBeLessThan(2000)
  })
})

it('parseNetwork refuses what is no network', () => {
  expect(['10.0.0.0/33', '10.0.0', '127.1', '::1/129', 'localhost', '', '/8', '10.0.0.0/'].map(parseNetwork)).toEqual(
    Array(8).fill(null),
  )
})

it('isPrivateAddress', () => {
  expect(['10.1.1.1', '192.168.0.1', '127.0.0.1', '::1', 'fd00::1', '::ffff:10.0.0.1'].every(isPrivateAddress)).toBe(true)
  expect(['203.0.114.9', '2606:4700::1', 'nonsense'].some(isPrivateAddress)).toBe(false)
})
