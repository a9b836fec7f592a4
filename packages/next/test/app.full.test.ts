import { httpConformance } from '@auth/core/testing'
import * as vitest from 'vitest'
import { buildNext, startNext } from './support/next-app.js'

vitest.describe('Next', () => {
  vitest.beforeAll(buildNext, 600_000)
  httpConformance(vitest, startNext)
})
