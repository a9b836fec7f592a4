// Writes docs/errors.md from the code table and the notes. With --check it only says whether the file is as it would be written.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { errorNotes } from './error-notes.mjs'
import { root } from './lib/paths.mjs'
import { isProgram, main, Problem } from './lib/problem.mjs'

const page = join(root, 'docs', 'errors.md')

/** @typedef {Record<string, { status: number, title: string }>} Refusals */

/** @returns {Promise<Refusals>} */
export async function readRefusals() {
  const source = readFileSync(join(root, 'packages', 'core', 'src', 'http', 'refusals.ts'), 'utf8')
  const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true }
  const { outputText } = ts.transpileModule(source, { compilerOptions })
  const { refusals } = await import(`data:text/javascript,${encodeURIComponent(outputText)}`)
  return refusals
}

const intro = `# Error codes

<!-- Written by scripts/errors-doc.mjs: change scripts/error-notes.mjs and run \`node scripts/errors-doc.mjs\`. -->

Every refusal is \`application/problem+json\` (RFC 9457) with a stable \`code\`. Branch on the code; titles and details are for people
and may change. On an access token's end (\`token_expired\`) a client refreshes, and signs in again if that is refused.
`

/**
 * The whole page.
 * @param {Refusals} refusals
 * @param {Record<string, import('./error-notes.mjs').ErrorNote>} notes
 * @returns {string}
 */
export function renderErrors(refusals, notes) {
  const unknown = Object.keys(notes).filter((code) => !(code in refusals))
  if (unknown.length > 0)
    throw new Problem(`scripts/error-notes.mjs has notes on codes that do not exist: ${unknown.join(', ')}`)
  const statuses = [...new Set(Object.values(refusals).map(({ status }) => status))].sort((a, b) => a - b)
  const sections = statuses.map((status) => {
    const codes = Object.entries(refusals).filter(([, refusal]) => refusal.status === status)
    return [`## ${status}`, ...codes.map(([code, { title }]) => renderCode(code, title, notes[code]))].join('\n\n')
  })
  return `${[intro.trimEnd(), ...sections].join('\n\n')}\n`
}

/**
 * @param {string} code
 * @param {string} title
 * @param {import('./error-notes.mjs').ErrorNote | undefined} note
 */
function renderCode(code, title, note) {
  if (note === undefined) throw new Problem(`scripts/error-notes.mjs has no note on ${code}`)
  return `### \`${code}\`\n\n*${title}.* ${note.cause}\n\n- **Service:** ${note.remedy}\n- **Client:** ${note.client}`
}

if (isProgram(import.meta.url)) {
  await main(async () => {
    const text = renderErrors(await readRefusals(), errorNotes)
    if (!process.argv.includes('--check')) return writeFileSync(page, text)
    const current = existsSync(page) ? readFileSync(page, 'utf8') : ''
    if (current !== text) throw new Problem('docs/errors.md is stale: run `node scripts/errors-doc.mjs`.')
  })
}
