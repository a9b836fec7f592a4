import { httpConformance } from '@auth/core/testing'
import * as vitest from 'vitest'
import { startExpress } from './conformance-app.js'

vitest.describe('Express', () => httpConformance(vitest, startExpress))
vitest.describe('Express, bodies parsed before', () =>
  httpConformance(vitest, (settings) => startExpress(settings, { parsesBodies: true }), { parsesBodies: true }),
)
