/**
 * @typedef {object} Block A fenced block of code.
 * @property {string} language First word behind the fence; empty where there is none.
 * @property {string} text
 * @property {number} line Of its first line of code, counted from 1.
 * @property {string} mark Text of an HTML comment directly above the fence; empty where there is none.
 */

/**
 * The fenced blocks of a page, also those inside lists.
 * @param {string} text
 * @returns {Block[]}
 */
export function readBlocks(text) {
  /** @type {Block[]} */
  const blocks = []
  /** @type {{ indent: string, fence: string, block: Block } | null} */
  let open = null
  let mark = ''
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (open !== null) {
      if (line.trim().startsWith(open.fence) && line.trim().replaceAll('`', '') === '') {
        blocks.push(open.block)
        open = null
      } else open.block.text += `${line.startsWith(open.indent) ? line.slice(open.indent.length) : line}\n`
      continue
    }
    const [, indent = '', fence, language = ''] = /^(\s*)(`{3,})\s*([\w-]*)/.exec(line) ?? []
    if (fence !== undefined) {
      open = { indent, fence, block: { language, text: '', line: index + 2, mark } }
      mark = ''
    } else if (line.trim() !== '') mark = /^\s*<!--\s*(.*?)\s*-->\s*$/.exec(line)?.[1] ?? ''
  }
  if (open !== null) blocks.push(open.block)
  return blocks
}
