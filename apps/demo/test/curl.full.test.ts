import { describe } from 'vitest'
import { demoOverHttp } from './over-http.js'

describe.each(['fastify', 'koa'])('the demo on %s', (adapter) => demoOverHttp(adapter))
