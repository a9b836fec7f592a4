import ts from 'typescript'

/**
 * @typedef {object} TestName What a test, or a group of tests, is called.
 * @property {string} name As written; a template's values are left out.
 * @property {number} line Counted from 1.
 * @property {number} tests How many tests it stands over: 1 for a test that runs, and those inside for a group.
 */

const groups = new Set(['describe', 'suite'])
const tests = new Set(['it', 'test'])
const idle = new Set(['skip', 'todo'])

/**
 * The names of all tests and groups in a file, in their order. Tests that are skipped or still to be written count as none.
 * @param {string} path
 * @param {string} text
 * @returns {TestName[]}
 */
export function readTestNames(path, text) {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  /** @type {TestName[]} */
  const found = []
  /**
   * @param {ts.Node} node
   * @param {readonly TestName[]} around Groups that the node stands in.
   * @param {boolean} isIdle
   */
  const visit = (node, around, isIdle) => {
    const call = ts.isCallExpression(node) ? readCall(node) : null
    if (!call) {
      ts.forEachChild(node, (child) => visit(child, around, isIdle))
      return
    }
    const skipped = isIdle || call.isIdle
    const line = source.getLineAndCharacterOfPosition(call.nameNode.getStart()).line + 1
    const own = { name: textOf(call.nameNode), line, tests: 0 }
    found.push(own)
    if (!call.isGroup && !skipped) for (const entry of [own, ...around]) entry.tests += 1
    ts.forEachChild(node, (child) => visit(child, call.isGroup ? [...around, own] : around, skipped))
  }
  visit(source, [], false)
  return found
}

/**
 * Reads `it('…', …)`, `it.each(…)('…', …)`, `describe.skip('…', …)`, `api.it('…', …)` and their like.
 * @param {ts.CallExpression} call
 */
function readCall(call) {
  const [nameNode] = call.arguments
  if (!nameNode || !(ts.isStringLiteralLike(nameNode) || ts.isTemplateExpression(nameNode))) return null
  const chain = chainOf(call.expression)
  const at = chain.findIndex((part, index) => groups.has(part) || (tests.has(part) && (index === 0 || part === 'it')))
  // A method of some object may be called `it` or `describe`; anything deeper is not a test.
  if (at < 0 || at > 1) return null
  return { nameNode, isGroup: groups.has(chain[at] ?? ''), isIdle: chain.slice(at + 1).some((part) => idle.has(part)) }
}

/**
 * The names in `a.b.c`, also behind calls and tagged templates: `it.each(table)` gives `it`, `each`.
 * @param {ts.Expression} expression
 * @returns {string[]}
 */
function chainOf(expression) {
  if (ts.isIdentifier(expression)) return [expression.text]
  if (ts.isPropertyAccessExpression(expression)) return [...chainOf(expression.expression), expression.name.text]
  if (ts.isCallExpression(expression)) return chainOf(expression.expression)
  if (ts.isTaggedTemplateExpression(expression)) return chainOf(expression.tag)
  return ['']
}

/** @param {ts.StringLiteralLike | ts.TemplateExpression} node */
function textOf(node) {
  if (ts.isStringLiteralLike(node)) return node.text
  return [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join('…')
}
