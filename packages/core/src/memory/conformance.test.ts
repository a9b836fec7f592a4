import * as vitest from 'vitest'
import { storeConformance } from '../testing/index.js'
import { memoryStores } from './index.js'

// A process is the database: whoever opens it gets the same stores.
const stores = memoryStores()

storeConformance(vitest, async () => ({ stores, close: async () => undefined }), { isInProcess: true })
