import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { readExamples } from './examples.mjs'
import { root } from './paths.mjs'

const page = 'docs/next.md'

/** Where an app has the blocks of the page, by words that one of them has alone. */
const places = {
  'lib/next-auth.ts': 'nextAuth(auth)',
  'lib/next-actions.ts': 'placeOrder',
  'app/auth/[[...auth]]/route.ts': '} = web.handlers',
  'app/.well-known/[document]/route.ts': '} = web.handlers',
  'app/orders/[[...id]]/route.ts': 'ownerOf',
  'app/account/page.tsx': 'async function Account',
  'app/sign-in/form.tsx': 'function SignInForm',
  'instrumentation.ts': '@auth/next/instrumentation',
  'next.config.ts': 'serverExternalPackages',
  'proxy.ts': '/about/*',
}

/** As `create-next-app` writes it, with what the packages promise under stricter settings. */
const tsconfig = {
  compilerOptions: {
    target: 'es2023',
    lib: ['dom', 'dom.iterable', 'esnext'],
    module: 'esnext',
    moduleResolution: 'bundler',
    jsx: 'preserve',
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    allowJs: true,
    esModuleInterop: true,
    isolatedModules: true,
    resolveJsonModule: true,
    incremental: true,
    plugins: [{ name: 'next' }],
  },
  include: ['next-env.d.ts', '**/*.ts', '**/*.tsx', '.next/types/**/*.ts'],
  exclude: ['node_modules'],
}

/** What an app has beside what the page is about. */
const rest = {
  'tsconfig.json': JSON.stringify(tsconfig),
  'app/layout.tsx': `export default function Layout({ children }: { children: React.ReactNode }) {
  return <html lang="en"><body>{children}</body></html>
}
`,
  'app/sign-in/page.tsx': `import { SignInForm } from './form'

export default function Page() {
  return <SignInForm />
}
`,
}

/**
 * Writes the app that `docs/next.md` describes: its blocks as they are printed, each where the page says it belongs.
 * @param {string} directory
 */
export function writeNextApp(directory) {
  const { examples } = readExamples(page, readFileSync(join(root, page), 'utf8'))
  for (const [path, words] of Object.entries(places)) {
    const [block, ...others] = examples.filter(({ text }) => text.includes(words))
    if (!block || others.length > 0) throw new Error(`${page} has ${others.length + 1} blocks with ${words}`)
    write(directory, path, block.text)
  }
  for (const [path, text] of Object.entries(rest)) write(directory, path, text)
}

/**
 * The blocks lie in one folder; in an app they do not.
 * @param {string} directory
 * @param {string} path
 * @param {string} text
 */
function write(directory, path, text) {
  const lib = posix.relative(posix.dirname(path), 'lib') || '.'
  const local = lib.startsWith('.') ? lib : `./${lib}`
  const file = join(directory, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text.replaceAll(/'\.\/(next-\w+)\.js'/g, `'${local}/$1'`))
}
