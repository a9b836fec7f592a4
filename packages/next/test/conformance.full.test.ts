import { httpConformance } from '@auth/core/testing'
import * as vitest from 'vitest'
import { startNext } from './support/next-app.js'

vitest.describe('Next', () => httpConformance(vitest, startNext))
