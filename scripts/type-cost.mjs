// What the types of roles and guards cost the compiler: instantiations on a program with 50 roles of 200 scopes, beside the same
// program without them. A figure and not a time: it is the same on every machine.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './lib/paths.mjs'
import { isProgram, main } from './lib/problem.mjs'
import { runTsc } from './lib/types.mjs'

/** How many instantiations 50 roles, 200 scopes and 200 guards may add. */
const most = 10_000

const roleCount = 50
const scopeCount = 200

/** @param {boolean} typed Whether guards know the names. */
function program(typed) {
  const scopes = Array.from({ length: scopeCount }, (_, i) => `read:thing${i}`)
  const roles = Array.from({ length: roleCount }, (_, i) => {
    const own = scopes.slice(i * 4, i * 4 + 4).map((scope) => `'${scope}'`)
    const inherits = i === 0 ? '' : `inherits: ['role${i - 1}'], `
    return `  role${i}: { ${inherits}scopes: [${own.join(', ')}${i % 10 === 0 ? `, 'write:*'` : ''}] },`
  })
  const guards = scopes.map((scope, i) => `web.guard({ scopes: ['${scope}'], roles: ['role${i % roleCount}'] })`)
  const config = `{ issuer: 'https://a.example', secret: crypto.randomUUID(), stores: memoryStores() }`
  const head = `import { createAuth, defineRoles, memoryStores } from '@auth/core'\nimport { expressAuth } from '@auth/express'\n`
  if (!typed) return `${head}export const web = expressAuth(createAuth(${config}))\nweb.guard({})\nvoid defineRoles\n`
  return `${head}const roles = defineRoles({\n${roles.join('\n')}\n})\nexport const web = expressAuth(createAuth({ ...${config}, roles }))\n${guards.join('\n')}
// @ts-expect-error A misspelt scope does not compile, however many there are.
web.guard({ scopes: ['raed:thing1'] })\n`
}

/**
 * @param {string} directory Where packages of the demo are found from.
 * @param {boolean} typed
 * @returns {Promise<number>}
 */
async function instantiations(directory, typed) {
  const name = typed ? 'typed' : 'plain'
  writeFileSync(join(directory, `${name}.ts`), program(typed))
  const config = {
    extends: join(root, 'tsconfig.base.json'),
    compilerOptions: {
      isolatedDeclarations: false,
      declaration: false,
      types: ['node'],
      typeRoots: [join(root, 'node_modules/@types')],
    },
    files: [`${name}.ts`],
  }
  writeFileSync(join(directory, `${name}.json`), JSON.stringify(config))
  const { code, output } = await runTsc('typescript', '-p', join(directory, `${name}.json`), '--extendedDiagnostics')
  const [, figure] = /^Instantiations:\s+(\d+)/m.exec(output) ?? []
  if (code !== 0 || figure === undefined) throw new Error(output)
  return Number(figure)
}

if (isProgram(import.meta.url)) {
  await main(async () => {
    const directory = join(root, 'apps', 'demo', 'node_modules', `.type-cost-${process.pid}`)
    mkdirSync(directory, { recursive: true })
    try {
      const cost = (await instantiations(directory, true)) - (await instantiations(directory, false))
      console.log(`${roleCount} roles, ${scopeCount} scopes and as many guards: ${cost} instantiations; at most ${most}`)
      return cost <= most ? 0 : 1
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  })
}
