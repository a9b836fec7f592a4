import { expect, it } from 'vitest'
import { type Answer, password, type TestApp, testApp } from './support/test-app.js'

const proxy = '10.0.0.1'

function behindProxy(trustedProxies: readonly string[] = ['10.0.0.0/8']) {
  const warnings: string[] = []
  const logger = { warn: (_: object, message: string) => void warnings.push(message), error: () => undefined }
  return { app: testApp({ trustedProxies, logger }), warnings }
}

const fail = ({ call }: TestApp, forwarded: string, address: string): Promise<Answer> =>
  call('POST', '/auth/login', {
    body: { email: `${address}@example.com`, password },
    headers: { 'x-forwarded-for': forwarded },
    ip: proxy,
  })

it.each([
  ['203.0.113.5', '203.0.113.6'],
  ['[2001:db8:1::5]', '[2001:db8:2::5]'],
])('BF-07 limits %s and %s apart, whichever ports their proxy writes behind them', async (one, other) => {
  const { app, warnings } = behindProxy()
  for (let port = 1000; port < 1005; port++) await fail(app, `${one}:${port}`, `a${port}`)
  expect((await fail(app, `${one}:2000`, 'b')).body.code).toBe('too_many_attempts')
  expect((await fail(app, `${other}:1000`, 'c')).body.code).toBe('invalid_credentials')
  expect(warnings).toEqual([])
})

it.each([
  [['10.0.0.0/8'], 'unknown', ['a trusted proxy forwards what is no address: its clients share one address']],
  [['10.0.0.0/8'], '203.0.113.5', []],
  [['10.0.0.0/8'], '', []],
  [
    [],
    '203.0.113.5',
    ['a private peer sends X-Forwarded-For, but trustedProxies is not set: its clients share one address'],
  ],
])(
  'BF-07 tells once of clients that share an address: with %j trusted and %j forwarded',
  async (trusted, forwarded, told) => {
    const { app, warnings } = behindProxy(trusted)
    for (const address of ['a', 'b']) await fail(app, forwarded, address)
    expect(warnings).toEqual(told)
  },
)
