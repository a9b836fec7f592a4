import { bundle } from '../../scripts/lib/tsup.mjs'

export default {
  ...bundle({ index: 'src/index.ts', instrumentation: 'src/instrumentation.ts', browser: 'src/browser.ts' }),
  // The app's bundler is to see it: package.json.
  external: [/^#/],
}
