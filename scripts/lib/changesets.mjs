/**
 * What is wrong with the files below `.changeset`, without git and without the tool: it would ask for both.
 * @param {ReadonlyMap<string, string>} files Text by path from the root.
 * @param {readonly string[]} names Of the packages.
 * @returns {string[]}
 */
export function checkChangesets(files, names) {
  const config = JSON.parse(files.get('.changeset/config.json') ?? '{}')
  const problems = []
  if (JSON.stringify(config.fixed) !== '[["@auth/*"]]')
    problems.push('.changeset/config.json: all packages share one version, `fixed`')
  if (config.access !== 'restricted')
    problems.push('.changeset/config.json: nothing is published, so that access is restricted')
  const pre = JSON.parse(files.get('.changeset/pre.json') ?? '{}')
  if (pre.mode !== 'pre' || pre.tag !== 'sdk')
    problems.push('.changeset/pre.json: versions stay at -sdk.N, so that no published one can match')
  const entries = [...files].filter(([path]) => /^\.changeset\/.+\.md$/.test(path) && path !== '.changeset/README.md')
  return [...problems, ...entries.flatMap(([path, text]) => checkEntry(path, text, names))]
}

/**
 * @param {string} path
 * @param {string} text
 * @param {readonly string[]} names
 * @returns {string[]}
 */
function checkEntry(path, text, names) {
  const [, head, body] = /^---\n([\s\S]*?)---\n([\s\S]*)$/.exec(text) ?? []
  if (head === undefined || !body?.trim()) return [`${path}: a changeset is a list of packages between --- and a text`]
  return head
    .split('\n')
    .filter((line) => line.trim() !== '')
    .flatMap((line) => {
      const [, name, bump] = /^["']?([^"']+)["']?:\s*(\w+)\s*$/.exec(line) ?? []
      if (name === undefined || !names.includes(name)) return [`${path}: ${name ?? line} is no package here`]
      return ['patch', 'minor', 'major'].includes(bump ?? '') ? [] : [`${path}: ${bump} is no kind of change`]
    })
}
