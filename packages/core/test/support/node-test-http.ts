import * as nodeTest from 'node:test'
import { httpConformance } from '@auth/core/testing'
import { startPlain } from './conformance-server.js'

httpConformance(nodeTest, (settings) => startPlain(settings))
