import { cp } from 'node:fs/promises'
import { defineConfig, type Options } from 'tsup'
import { bundle } from '../../scripts/lib/tsup.mjs'

const server = {
  ...bundle({ main: 'src/main.ts', 'open-demo': 'src/open-demo.ts', routes: 'src/routes.ts' }, { types: false }),
  clean: false,
}
const page: Options = {
  entry: { app: 'src/public/app.ts' },
  outDir: '.build/public',
  format: ['esm'],
  platform: 'browser',
  noExternal: ['@auth/client'],
  target: 'es2022',
  minify: true,
  sourcemap: true,
  async onSuccess() {
    for (const file of ['index.html', 'base.css', 'controls.css', 'views.css', 'screens.css', 'icon.svg']) {
      await cp(`src/public/${file}`, `.build/public/${file}`)
    }
  },
}

export default defineConfig([server as Options, page])
