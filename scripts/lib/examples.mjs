import { readBlocks } from './markdown.mjs'

/**
 * @typedef {object} Example One module made of a page's blocks.
 * @property {string} page Path of the page from the root.
 * @property {string} name Name of a file for it, without ending.
 * @property {'ts' | 'tsx'} ending
 * @property {string} text
 * @property {number[]} lines Line on the page for each line of the text.
 * @property {boolean} run Whether it is executed.
 */

const languages = ['ts', 'tsx', 'json', 'sh', 'http', 'text', 'mermaid', 'diff', 'html', 'sql', '']

/**
 * The modules of a page, and what is wrong with its other blocks. A block under `<!-- continued -->` goes on with the module
 * before it; one under `<!-- file: name.ts -->` is a file of that name, which others on the page import; a module is executed
 * where one of its blocks stands under `<!-- run -->`.
 * @param {string} page
 * @param {string} text
 * @param {{ runAll?: boolean }} [options]
 * @returns {{ examples: Example[], problems: string[] }}
 */
export function readExamples(page, text, { runAll = false } = {}) {
  /** @type {Example[]} */
  const examples = []
  /** @type {string[]} */
  const problems = []
  for (const block of readBlocks(text)) {
    const at = `${page}:${block.line}`
    const words = block.mark.split(/[\s,]+/)
    if (words[0]?.startsWith('skip')) problems.push(`${at} is marked to be skipped; every block has to be right`)
    if (!languages.includes(block.language)) problems.push(`${at} is ${block.language}; write ts, so that it is checked`)
    if (block.language === 'json') problems.push(...checkJson(at, block.text))
    if (block.language !== 'ts' && block.language !== 'tsx') continue
    const previous = examples.at(-1)
    if (words.includes('continued') && previous === undefined) problems.push(`${at} continues nothing`)
    const continued = words.includes('continued') ? previous : undefined
    const file = /^file: ([a-z][\w.-]*)\.ts$/.exec(block.mark)?.[1]
    if (file && examples.some(({ name }) => name === file)) problems.push(`${at} is a second ${file}.ts`)
    const name = file ?? nameOf(page, block.line)
    const example = continued ?? { page, name, ending: block.language, text: '', lines: [], run: runAll }
    example.text += block.text
    example.lines.push(
      ...block.text
        .split('\n')
        .slice(0, -1)
        .map((_, index) => block.line + index),
    )
    example.run ||= words.includes('run')
    if (example !== continued) examples.push(example)
  }
  return { examples, problems }
}

/**
 * @param {string} page
 * @param {number} line
 */
function nameOf(page, line) {
  return `${page.replace(/\.md$/, '').replace(/[^\w]+/g, '-')}-${line}`
}

/**
 * @param {string} at
 * @param {string} text
 * @returns {string[]}
 */
function checkJson(at, text) {
  try {
    JSON.parse(text)
    return []
  } catch (error) {
    return [`${at} is not JSON: ${error instanceof Error ? error.message : error}`]
  }
}
