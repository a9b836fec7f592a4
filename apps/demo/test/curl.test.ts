import { describe } from 'vitest'
import { demoOverHttp } from './over-http.js'

// On the other frameworks: curl.full.test.ts.
describe('the demo on express', () => demoOverHttp('express'))
