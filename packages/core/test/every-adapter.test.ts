import { httpConformance, type StartApp } from '@auth/core/testing'
import { expect, it } from 'vitest'
import { startExpress } from '../../express/test/conformance-app.js'
import { startFastify } from '../../fastify/test/conformance-app.js'
import { startKoa } from '../../koa/test/conformance-app.js'
import { collect, type TestResult } from './broken-stores/collecting-api.js'
import { type Comparable, comparing } from './support/comparing.js'
import { startPlain } from './support/conformance-server.js'

const adapters: Readonly<Record<string, StartApp>> = {
  node: startPlain,
  express: startExpress,
  fastify: startFastify,
  koa: startKoa,
}

/** The refusals that there were when this list was last looked at, but for `account_disabled`: nothing answers it. */
const refusals = [
  'ambiguous_credentials',
  'api_key_invalid',
  'api_key_revoked',
  'body_too_large',
  'credential_not_allowed',
  'credentials_missing',
  'csrf_rejected',
  'email_taken',
  'insufficient_role',
  'insufficient_scope',
  'internal_error',
  'invalid_credentials',
  'invalid_request',
  'method_not_allowed',
  'not_found',
  'overloaded',
  'recent_login_required',
  'refresh_expired',
  'refresh_invalid',
  'refresh_reused',
  'refresh_revoked',
  'registration_closed',
  'session_expired',
  'session_invalid',
  'store_unavailable',
  'token_claims_invalid',
  'token_expired',
  'token_malformed',
  'token_revoked',
  'token_signature_invalid',
  'ticket_invalid',
  'too_many_attempts',
  'unsupported_media_type',
  'validation_failed',
]

interface Run extends Comparable {
  readonly results: readonly TestResult[]
}

async function runOn(start: StartApp): Promise<Run> {
  const { onExchange, ...comparable } = comparing()
  const results = await collect((api) => httpConformance(api, start, { onExchange }))
  return { results, ...comparable }
}

it('AD-01 gives the same statuses, headers and bodies on a plain server, Express, Fastify and Koa, row by row', async () => {
  const runs: [string, Run][] = []
  for (const [name, start] of Object.entries(adapters)) runs.push([name, await runOn(start)])
  const failed = runs.flatMap(([name, { results }]) =>
    results.filter(({ failure }) => failure).map(({ name: row, failure }) => ({ name, row, failure })),
  )
  expect(failed).toEqual([])
  const counts = runs.map(
    ([name, { results, exchanges }]) => `${name}: ${results.length} rows, ${exchanges.length} exchanges compared`,
  )
  console.log(counts.join('\n'))
  const [[, plain]] = runs as [[string, Run]] // There are four.
  expect(plain.results.length).toBeGreaterThan(70)
  expect(plain.exchanges.length).toBeGreaterThan(300)
  for (const [name, { results, exchanges, codes }] of runs) {
    expect(
      refusals.filter((code) => !codes.has(code)),
      name,
    ).toEqual([])
    expect(
      results.map((result) => result.name),
      name,
    ).toEqual(plain.results.map((result) => result.name))
    expect(exchanges, name).toEqual(plain.exchanges)
  }
}, 300_000)
