import { httpConformance, type StartApp } from '@auth/core/testing'
import { describe, expect, it } from 'vitest'
import { brokenBodies } from './broken-adapters/broken-bodies.js'
import { brokenBridges } from './broken-adapters/broken-bridges.js'
import { brokenGuards } from './broken-adapters/broken-guards.js'
import { brokenOAuth } from './broken-adapters/broken-oauth.js'
import { brokenRoutes } from './broken-adapters/broken-routes.js'
import { collect } from './broken-stores/collecting-api.js'
import { startPlain } from './support/conformance-server.js'

const broken = [...brokenRoutes, ...brokenBodies, ...brokenGuards, ...brokenBridges, ...brokenOAuth]
const flaws = broken.flatMap(({ flaw, breaks, start }) => breaks.map((row) => ({ flaw, row, start })))

const run = (start: StartApp, only?: string): ReturnType<typeof collect> =>
  collect((api) => httpConformance(api, start, { timeoutMs: 3_000 }), only)

describe('the kit', () => {
  it('has no row that is not seen to fail', async () => {
    const rows: string[] = []
    httpConformance(
      { describe: (_, define) => define(), it: (name) => rows.push(name), before: () => undefined, after: () => undefined },
      startPlain,
    )
    const found = new Set(flaws.map(({ row }) => row))
    expect(rows.filter((row) => !found.has(row))).toEqual([])
    expect([...found].filter((row) => !rows.includes(row))).toEqual([])
  })

  it.each(flaws)('finds out an adapter that $flaw: $row', async ({ row, start }) => {
    expect(await run(start, row)).toEqual([{ name: row, failure: expect.stringMatching(/^broken promise: /) }])
  })
})
