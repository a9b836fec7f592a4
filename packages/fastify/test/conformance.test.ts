import { httpConformance } from '@auth/core/testing'
import * as vitest from 'vitest'
import { startFastify } from './conformance-app.js'

vitest.describe('Fastify', () => httpConformance(vitest, startFastify))
vitest.describe('Fastify, guarded by config', () =>
  httpConformance(vitest, (settings) => startFastify(settings, { guardedBy: 'config' })),
)
