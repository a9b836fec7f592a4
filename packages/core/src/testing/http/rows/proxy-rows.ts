import { expectEqual, expectThat } from '../../stores/expectations.js'
import { expectProblem } from '../http-expectations.js'
import type { HttpSuite } from '../http-suite.js'
import type { HeaderLine } from '../raw-exchange.js'
import { bearer, type Visitor } from '../visitor.js'

/** Whose address counts. */
export function proxyRows({ it, visitor }: HttpSuite): void {
  /** The address under which a login from there is kept. */
  async function addressOf(who: Visitor, lines: readonly HeaderLine[]): Promise<unknown> {
    const { email, password } = who
    const login = await who.post('~/login', { email, password }, lines)
    const token = String(login.json().accessToken)
    const listed = (await who.get('~/sessions', [...lines, ['Authorization', `Bearer ${token}`]])).json()
    const sessions = listed.sessions as readonly { current: boolean; ip: string | null }[] // As the route promises.
    return sessions.find(({ current }) => current)?.ip
  }

  it("BF-07 takes the socket's address where no proxy is configured, whatever headers say", async () => {
    const who = await visitor('direct')
    await who.register()
    const forged: readonly (readonly HeaderLine[])[] = [
      [],
      [['X-Forwarded-For', '198.51.100.1']],
      [
        ['X-Real-IP', '198.51.100.1'],
        ['Forwarded', 'for=198.51.100.1'],
        ['CF-Connecting-IP', '198.51.100.1'],
        ['True-Client-IP', '198.51.100.1'],
      ],
      [
        ['X-Forwarded-For', '198.51.100.1, 127.0.0.1'],
        ['X-Forwarded-Proto', 'http'],
        ['X-Forwarded-Host', 'evil.example'],
      ],
    ]
    const addresses = new Set<unknown>()
    for (const lines of forged) addresses.add(await addressOf(who, lines))
    expectEqual(addresses.size, 1, 'nothing that a client writes changes its address')
    expectThat(
      /^(::ffff:)?127\.0\.0\.1$|^::1$/.test(String([...addresses][0])),
      `it is the socket's; got ${[...addresses][0]}`,
    )
  })

  it('BF-07 takes the right-most address that is no proxy where one is configured', async () => {
    const who = await visitor('proxied')
    await who.register()
    const table: readonly (readonly [string, ...HeaderLine[]])[] = [
      ['198.51.100.7', ['X-Forwarded-For', '198.51.100.7']],
      ['198.51.100.7', ['X-Forwarded-For', '10.9.9.9, 198.51.100.7']],
      ['198.51.100.7', ['X-Forwarded-For', '203.0.113.250, 198.51.100.7, 127.0.0.2']],
      ['198.51.100.7', ['X-Forwarded-For', '203.0.113.250'], ['X-Forwarded-For', '198.51.100.7']],
      ['198.51.100.7', ['X-Forwarded-For', 'unknown, 198.51.100.7']],
      ['2001:db8::7', ['X-Forwarded-For', '203.0.113.250, 2001:db8::7']],
    ]
    for (const [expected, ...lines] of table) expectEqual(await addressOf(who, lines), expected, JSON.stringify(lines))
  })

  it('BF-08 counts an address in one form: IPv4 written as IPv6 is IPv4, and an IPv6 address its /64', async () => {
    const families = [
      ['198.51.100.20', '::ffff:198.51.100.20', '::FFFF:C633:6414', '0:0:0:0:0:ffff:198.51.100.20', '198.51.100.20'],
      ['2001:db8:1:1::1', '2001:DB8:1:1:0:0:0:2', '2001:db8:1:1:ffff::', '2001:db8:1:1::1', '2001:0db8:0001:0001::3'],
    ]
    for (const forms of families) {
      const { post, email } = await visitor('proxied')
      const attempt = (address: string | undefined): ReturnType<typeof post> =>
        post('~/login', { email, password: 'a wrong passphrase' }, { 'X-Forwarded-For': address ?? '' })
      for (const form of forms) expectProblem(await attempt(form), '401 invalid_credentials', `${form} may try`)
      for (const form of forms.slice(0, 2))
        expectProblem(await attempt(form), '429 too_many_attempts', `${form} has tried too often`)
    }
    const { post, email } = await visitor('proxied')
    const others = await post(
      '~/login',
      { email, password: 'a wrong passphrase' },
      { 'X-Forwarded-For': '::ffff:198.51.100.21' },
    )
    expectProblem(others, '401 invalid_credentials', 'another mapped address is another client')
  })

  it('A-41 does not count a client anew for each header that it makes up', async () => {
    const { post, email, password, address } = await visitor('proxied')
    const statuses: number[] = []
    for (let i = 0; i < 7; i++) {
      const headers = {
        'X-Forwarded-For': `192.0.2.${i}, ${address}`,
        'X-Real-IP': `192.0.2.${i}`,
        Forwarded: `for=192.0.2.${i}`,
        'X-Client-IP': `192.0.2.${i}`,
      }
      statuses.push((await post('~/login', { email, password }, headers)).status)
    }
    expectEqual(statuses, [401, 401, 401, 401, 401, 429, 429], 'all count as one source')
  })

  it('hands the address to guards too', async () => {
    const { get, register } = await visitor('proxied')
    const { accessToken } = await register()
    expectEqual((await get('/app/orders', bearer(accessToken))).status, 200, 'a guard works behind a proxy')
  })
}
