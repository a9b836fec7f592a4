import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { readExamples } from './examples.mjs'
import { root } from './paths.mjs'

const page = 'docs/other-servers.md'

/**
 * Writes the servers of docs/other-servers.md as the page prints them, and as JavaScript beside it.
 * @param {string} directory
 * @param {readonly string[]} [only] Names of those to write; all by default.
 */
export function writeRecipes(directory, only) {
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ name: 'recipes', private: true, type: 'module' }))
  for (const { name, text } of readExamples(page, readFileSync(join(root, page), 'utf8')).examples) {
    if (only && !only.includes(name)) continue
    const compilerOptions = {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.ESNext,
      experimentalDecorators: true,
      verbatimModuleSyntax: true,
    }
    writeFileSync(join(directory, `${name}.ts`), text)
    writeFileSync(join(directory, `${name}.js`), ts.transpileModule(text, { compilerOptions }).outputText)
  }
}
