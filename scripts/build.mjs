import { main } from './lib/problem.mjs'
import { setup } from './lib/setup.mjs'

await main(setup)
