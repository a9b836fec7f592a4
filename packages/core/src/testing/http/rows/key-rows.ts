import { expectEqual, expectThat } from '../../stores/expectations.js'
import { expectProblem, expectStatus } from '../http-expectations.js'
import type { HttpSuite } from '../http-suite.js'
import { bearer } from '../visitor.js'

/** API keys: their routes, and what one may do at a guard. */
export function keyRows({ it, visitor }: HttpSuite): void {
  it('issues an API key that is shown once, lists, rotates and revokes it', async () => {
    const { register, get, post, call } = await visitor()
    const owner = bearer((await register()).accessToken)
    const issued = await post('~/api-keys', { name: 'build', scopes: ['read:orders'] }, owner)
    expectStatus(issued, 201, 'issuing is answered 201')
    const { id, key } = issued.json()
    const listed = await get('~/api-keys', owner)
    expectStatus(listed, 200, 'keys are listed')
    expectThat(listed.text.includes(String(id)) && !listed.text.includes(String(key)), 'a list shows the id and not the key')
    const rotated = await post(`~/api-keys/${id}/rotate`, { overlap: 60 }, owner)
    expectStatus(rotated, 201, 'rotating is answered 201')
    expectThat(rotated.json().id !== id && rotated.json().key !== key, 'it gives another key')
    expectStatus(await call('DELETE', `~/api-keys/${rotated.json().id}`, owner), 204, 'revoking is answered 204')
    expectProblem(await call('DELETE', '~/api-keys/unknown', owner), '404 not_found', 'an unknown key is not found')
    const wide = await post('~/api-keys', { name: 'wide', scopes: ['users:manage'] }, owner)
    expectProblem(wide, '403 insufficient_scope', 'a key has no more scopes than its owner')
  })

  it('lets an API key do what its scopes say, in either header, and nothing that takes a person', async () => {
    const { register, get, post, call } = await visitor()
    const owner = bearer((await register()).accessToken)
    const { id, key } = (await post('~/api-keys', { name: 'build', scopes: ['read:orders'] }, owner)).json()
    for (const headers of [{ 'X-API-Key': String(key) }, bearer(String(key))]) {
      const answer = await get('/app/orders', headers)
      expectStatus(answer, 200, 'a key passes the guard of its scope')
      expectEqual([answer.json().kind, answer.json().via], ['api-key', 'api-key'], 'the handler knows that it is a key')
      expectProblem(await post('/app/orders', {}, headers), '403 insufficient_scope', 'it passes no other')
      expectProblem(await get('/app/admin', headers), '403 insufficient_role', 'it has no role')
      expectProblem(await get('~/sessions', headers), '403 credential_not_allowed', 'it is no person')
      expectStatus(await get('~/me', headers), 200, 'it may ask who it is')
    }
    await call('DELETE', `~/api-keys/${id}`, owner)
    const revoked = await get('/app/orders', { 'X-API-Key': String(key) })
    expectProblem(revoked, '401 api_key_revoked', 'a revoked key passes nothing')
  })
}
