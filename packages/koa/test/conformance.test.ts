import { httpConformance } from '@auth/core/testing'
import Koa2 from 'koa-2'
import * as vitest from 'vitest'
import { startKoa } from './conformance-app.js'

vitest.describe('Koa', () => httpConformance(vitest, startKoa))
vitest.describe('Koa, bodies parsed before', () =>
  httpConformance(vitest, (settings) => startKoa(settings, { parsesBodies: true }), { parsesBodies: true }),
)
vitest.describe('Koa 2', () => httpConformance(vitest, (settings) => startKoa(settings, { koa: Koa2 })))
