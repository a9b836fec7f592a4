import { httpConformance } from '@auth/core/testing'
import * as vitest from 'vitest'
import { collect } from '../../core/test/broken-stores/collecting-api.js'
import { comparing } from '../../core/test/support/comparing.js'
import { startPlain } from '../../core/test/support/conformance-server.js'
import { nextApp } from './support/next-app.js'
import { pageTests } from './support/page-tests.js'

const app = nextApp()
vitest.beforeAll(app.build, 600_000)

/** What Next answers itself: targets that it does not like, before a handler runs, and what a handler threw. */
const ofNext = /^(takes the absolute form|refuses methods that frameworks know nothing of)|\nGET \/app\/\S+\n500\n/

vitest.describe('Next', () => {
  const next = comparing()
  httpConformance(vitest, app.start, { serverAnswersFirst: true, onExchange: next.onExchange })

  vitest.it('AD-01 answers as a plain server, row by row', async () => {
    const plain = comparing()
    const results = await collect((api) => httpConformance(api, startPlain, { onExchange: plain.onExchange }))
    vitest.expect(results.filter(({ failure }) => failure)).toEqual([])
    const steady = ({ exchanges }: typeof plain) => exchanges.filter((text) => !ofNext.test(text))
    vitest.expect(steady(plain).length).toBeGreaterThan(300)
    vitest.expect(steady(next)).toEqual(steady(plain))
  })
})

vitest.describe('pages and actions on Next', () => pageTests(app))
