import * as nodeTest from 'node:test'
import { memoryStores } from '../../src/memory/index.js'
import { storeConformance } from '../../src/testing/index.js'

const stores = memoryStores()

storeConformance(nodeTest, async () => ({ stores, close: async () => undefined }), { rounds: 5, isInProcess: true })
