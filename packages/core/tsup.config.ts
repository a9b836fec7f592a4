import { bundle } from '../../scripts/lib/tsup.mjs'

const doors = {
  index: 'src/index.ts',
  argon2: 'src/argon2/index.ts',
  'imported-hashes': 'src/imported-hashes/index.ts',
  node: 'src/node/index.ts',
  testing: 'src/testing/index.ts',
}
const verify = { verify: 'src/verify/index.ts' }

export default [
  // One set of types for all doors, so that a principal of one is a principal of the others.
  { ...bundle(doors), dts: { entry: { ...doors, ...verify } }, clean: ['!verify.js', '!verify.js.map'] },
  // By itself: sharing chunks with the others, it would bring all of them to where only tokens are verified.
  { ...bundle(verify, { types: false }), clean: false, splitting: false },
]
