import { describe } from 'vitest'
import { demoOverHttp } from './over-http.js'

describe.each(['fastify', 'koa', 'next'])('the demo on %s', (adapter) => demoOverHttp(adapter))
