import { expectEqual, expectThat } from '../../stores/expectations.js'
import { expectProblem, expectStatus } from '../http-expectations.js'
import type { HttpSuite } from '../http-suite.js'
import { bearer } from '../visitor.js'

/** The audit trail: who may read it, and what it says of a request. */
export function auditRows({ it, visitor, twin }: HttpSuite): void {
  it('ER-04 lists events by type and subject for whoever may, with the route and the address that they came by', async () => {
    const { register, get, basePath, address } = await visitor()
    const { userId, accessToken } = await register()
    await (await visitor()).register()
    const reader = bearer(await (await twin()).accessToken({ role: 'admin' }))
    const answer = await get(`~/audit?type=registration&subject=${userId}`, reader)
    expectStatus(answer, 200, 'events are listed')
    const { events, next } = answer.json() as { events: Readonly<Record<string, unknown>>[]; next: unknown } // As documented.
    expectEqual(next, null, 'one page is all')
    const [{ id, at, ...event } = {}] = events
    expectThat(typeof id === 'string' && !Number.isNaN(Date.parse(String(at))), 'an event has an id and a time')
    const who = { actor: userId, subject: userId, ip: address }
    const what = { type: 'registration', outcome: 'success', route: `POST ${basePath}/register` }
    expectEqual([event, events.length], [{ ...what, ...who }, 1], 'it says who did what, and from where')
    expectProblem(await get('~/audit', bearer(accessToken)), '403 insufficient_scope', 'it is not for everybody')
  })

  it('refuses a type of event that there is not', async () => {
    const { get } = await visitor()
    const reader = bearer(await (await twin()).accessToken({ role: 'admin' }))
    expectProblem(await get('~/audit?type=nothing', reader), '422 validation_failed', 'an unknown type is refused')
    expectProblem(await get('~/audit?after=a&after=b', reader), '400 invalid_request', 'a parameter twice is refused')
    const { events, next } = (await get('~/audit?after=nowhere', reader)).json()
    expectEqual([events, next], [[], null], 'behind an event that is not there, there is none')
  })
}
