import { bundle } from '../../scripts/lib/tsup.mjs'

export default bundle({ index: 'src/index.ts' })
