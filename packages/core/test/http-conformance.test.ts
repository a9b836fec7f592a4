import { httpConformance } from '@auth/core/testing'
import * as vitest from 'vitest'
import { startPlain } from './support/conformance-server.js'

vitest.describe('a plain Node server', () => httpConformance(vitest, startPlain))
