import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addressKey, addressKeys } from './address-key.js'

describe('addressKeys', () => {
  it.each([
    '1.2.3.4',
    '::FFFF:1.2.3.4',
    '::ffff:102:304',
    '0:0:0:0:0:ffff:0102:0304',
    '64:ff9b::1.2.3.4',
    '::ffff:1.2.3.4%eth0',
  ])('BF-08 knows 1.2.3.4 in %s', (ip) => {
    expect(addressKey(ip)).toBe('1.2.3.4')
  })

  it('BF-08 gives one key to all addresses of a /64, however they are spelt', () => {
    const keys = Array.from({ length: 1000 }, (_, i) =>
      addressKey(`2001:DB8:0:7:${i.toString(16)}::${(i * 7).toString(16)}`),
    )
    expect(new Set([...keys, addressKey('2001:0db8::7:0:0:0:1'), addressKey('2001:db8:0:7:ffff:ffff:ffff:ffff%3')])).toEqual(
      new Set(['2001:db8:0:7::/64']),
    )
  })

  it('BF-08 gives one key more to all /64s of a /48, and none to IPv4', () => {
    const networks = ['2001:db8:7:1::1', '2001:DB8:7:ffff::', '2001:db8:7::%3'].map((ip) => addressKeys(ip).network)
    expect(new Set(networks)).toEqual(new Set(['2001:db8:7::/48']))
    expect(addressKeys('2001:db8:8::1').network).toBe('2001:db8:8::/48')
    for (const ip of ['1.2.3.4', '::ffff:1.2.3.4', '64:ff9b::1.2.3.4', 'nonsense', undefined])
      expect(addressKeys(ip).network).toBeNull()
  })

  it('BF-08 tells two IPv4 clients and two /64 apart', () => {
    const ips = ['1.2.3.4', '::ffff:1.2.3.5', '2001:db8:0:7::1', '2001:db8:0:8::1', '::1', 'fe80::1', undefined]
    expect(new Set(ips.map(addressKey)).size).toBe(ips.length)
  })

  it.each([
    undefined,
    '',
    'unknown',
    '127.1',
    '0x7f000001',
    '2130706433',
    '01.2.3.4',
    '1.2.3.4, 5.6.7.8',
    '1.2.3.4:80',
    '[::1]',
    '::ffff:1.2.3.999',
    '/var/run/app.sock',
  ])('BF-07 gives %j the one key of those without an address', (ip) => {
    expect(addressKey(ip)).toBe('unknown')
  })

  it('BF-09 gives a short key for any text', () => {
    expect(addressKey('1'.repeat(1_000_000))).toBe('unknown')
    expect(addressKey(`::1%${'x'.repeat(100_000)}`).length).toBeLessThan(30)
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.ipV4(), fc.ipV6(), fc.ipV4Extended()), (ip) => {
        expect(addressKey(ip)).toMatch(/^(?:unknown|\d+\.\d+\.\d+\.\d+|[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){3}::\/64)$/)
      }),
    )
  })
})
