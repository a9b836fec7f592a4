import { bundle } from '../../scripts/lib/tsup.mjs'

export default bundle({ main: 'src/main.ts' }, { types: false })
