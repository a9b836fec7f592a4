import ts from 'typescript'

/**
 * @typedef {object} Import
 * @property {string | null} specifier As written; null where it is computed.
 * @property {'value' | 'type' | 'dynamic'} kind `type` for what leaves nothing at run time.
 * @property {boolean} isStar Whether it is an `export *`.
 * @property {number} line Counted from 1.
 */

/**
 * Every way in which a source file reaches for another module.
 * @param {string} path
 * @param {string} text
 * @returns {Import[]}
 */
export function readImports(path, text) {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  /** @type {Import[]} */
  const found = []
  /**
   * @param {ts.Node} node
   * @param {ts.Node | undefined} specifier
   * @param {Import['kind']} kind
   * @param {boolean} [isStar]
   */
  const add = (node, specifier, kind, isStar = false) => {
    const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1
    found.push({ specifier: specifier && ts.isStringLiteralLike(specifier) ? specifier.text : null, kind, isStar, line })
  }
  /** @param {ts.Node} node */
  const visit = (node) => {
    if (ts.isImportDeclaration(node)) {
      const isType = node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
      add(node, node.moduleSpecifier, isType ? 'type' : 'value')
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier) {
      const isStar = node.exportClause === undefined || ts.isNamespaceExport(node.exportClause)
      add(node, node.moduleSpecifier, node.isTypeOnly ? 'type' : 'value', isStar)
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node, node.arguments[0], 'dynamic')
    } else if (ts.isImportTypeNode(node)) {
      add(node, ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, 'type')
    } else if (ts.isImportEqualsDeclaration(node) && ts.isExternalModuleReference(node.moduleReference)) {
      add(node, node.moduleReference.expression, 'value')
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

/**
 * Lines on which a file reads the process's environment.
 * @param {string} path
 * @param {string} text
 * @returns {number[]}
 */
export function readEnvironmentReads(path, text) {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  /** @type {number[]} */
  const lines = []
  /** @param {ts.Node} node */
  const visit = (node) => {
    const isProcess = ts.isIdentifier(node) && node.text === 'process' && isGlobal(node)
    const isMetaEnv = ts.isPropertyAccessExpression(node) && ts.isMetaProperty(node.expression) && node.name.text === 'env'
    if (isProcess || isMetaEnv) lines.push(source.getLineAndCharacterOfPosition(node.getStart()).line + 1)
    ts.forEachChild(node, visit)
  }
  visit(source)
  return lines
}

/**
 * Whether a name stands for the global of that name: alone, or as a property of `globalThis`.
 * @param {ts.Identifier} name
 */
function isGlobal({ parent, text }) {
  if (!ts.isPropertyAccessExpression(parent) || parent.name.text !== text)
    return ts.isExpression(parent) || ts.isVariableDeclaration(parent)
  return parent.expression.getText() === 'globalThis' || parent.expression.getText() === text
}
