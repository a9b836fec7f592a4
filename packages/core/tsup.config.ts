import { bundle } from '../../scripts/lib/tsup.mjs'

export default bundle({
  index: 'src/index.ts',
  argon2: 'src/argon2/index.ts',
  'imported-hashes': 'src/imported-hashes/index.ts',
  node: 'src/node/index.ts',
  testing: 'src/testing/index.ts',
  verify: 'src/verify/index.ts',
})
