import { cp } from 'node:fs/promises'
import { defineConfig, type Options } from 'tsup'
import { bundle } from '../../scripts/lib/tsup.mjs'

const server = {
  ...bundle({ main: 'src/main.ts', 'open-demo': 'src/open-demo.ts', routes: 'src/routes.ts' }, { types: false }),
  clean: false,
}
const pageFiles = [
  'index.html',
  'mail-link.html',
  'base.css',
  'controls.css',
  'views.css',
  'screens.css',
  'mail.css',
  'icon.svg',
]

const page: Options = {
  entry: { app: 'src/public/app.ts', 'mail-link': 'src/public/mail-link.ts' },
  outDir: '.build/public',
  format: ['esm'],
  platform: 'browser',
  noExternal: ['@auth/client'],
  target: 'es2022',
  minify: true,
  sourcemap: true,
  async onSuccess() {
    for (const file of pageFiles) {
      await cp(`src/public/${file}`, `.build/public/${file}`)
    }
  },
}

export default defineConfig([server as Options, page])
